# Sets up ecgdesk with its tests on Windows 11 and runs them.
#
#   powershell -ExecutionPolicy Bypass -File installer\test.ps1 [PYTEST ARGUMENT...]
$pytestArguments = $args
. (Join-Path $PSScriptRoot 'setup.ps1')

Install-Ecgdesk 'test'
Push-Location $Here
try {
    & $VenvPython -m pytest @pytestArguments
    $status = $LASTEXITCODE
}
finally {
    Pop-Location
}
exit $status
