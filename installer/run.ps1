# Sets up ecgdesk on Windows 11 and opens its window, with the given files or with the sample page.
#
#   powershell -ExecutionPolicy Bypass -File installer\run.ps1 [FILE...]
$files = $args
. (Join-Path $PSScriptRoot 'setup.ps1')

Install-Ecgdesk ''
if ($files.Count -eq 0) { $files = @(Join-Path $Here 'resources\sample\sample.png') }
& $VenvEcgdesk @files
exit $LASTEXITCODE
