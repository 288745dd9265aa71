# Shared by run.ps1 and test.ps1, which source it: a virtual environment and the program in it.
# Everything goes into the checkout's own .venv (or the folder that ECGDESK_VENV names); nothing else is touched.
# Written for Windows PowerShell 5.1, which every Windows 11 has, and later.

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Here = Split-Path -Parent $PSScriptRoot
$Venv = if ($env:ECGDESK_VENV) { $env:ECGDESK_VENV } else { Join-Path $Here '.venv' }
$VenvPython = Join-Path $Venv 'Scripts\python.exe'
$VenvEcgdesk = Join-Path $Venv 'Scripts\ecgdesk.exe'

function Stop-Setup([string] $Sentence) {
    [Console]::Error.WriteLine($Sentence)
    exit 1
}

# Runs a program with its output thrown away; true when it succeeded. PowerShell 5.1 would make an error of each line
# on stderr, hence the changed preference.
function Test-Command([string] $Program, [string[]] $Arguments) {
    $ErrorActionPreference = 'SilentlyContinue'
    try {
        & $Program @Arguments *> $null
        return $LASTEXITCODE -eq 0
    }
    catch {
        return $false
    }
}

# The first Python of at least 3.11, as a program and its leading arguments. The alias of the Microsoft Store answers
# to `python` too, but runs nothing: so each candidate must run a line of Python.
function Find-Python {
    $question = 'import sys; sys.exit(sys.version_info < (3, 11))'
    $candidates = @(
        @('py', '-3'), @('py', '-3.13'), @('py', '-3.12'), @('py', '-3.11'), @('python'), @('python3')
    )
    foreach ($candidate in $candidates) {
        $program = $candidate[0]
        $leading = @($candidate | Select-Object -Skip 1)
        if (Test-Command $program ($leading + @('-c', $question))) {
            return @{ Program = $program; Leading = $leading }
        }
    }
    Stop-Setup 'ecgdesk needs Python 3.11 or later (64 bit), and none was found; install it with: winget install Python.Python.3.12'
}

function New-Venv {
    $python = Find-Python
    # ECGDESK_VENV may name a folder that holds something else, which is not ours to take away.
    $ours = ($Venv -eq (Join-Path $Here '.venv')) -or (Test-Path (Join-Path $Venv 'pyvenv.cfg'))
    if (-not $ours -and (Test-Path (Join-Path $Venv '*'))) {
        Stop-Setup "$Venv is not empty and no virtual environment; name another folder in ECGDESK_VENV."
    }
    if (Test-Path $Venv) { Remove-Item -Recurse -Force $Venv }
    $program = $python.Program
    $arguments = $python.Leading + @('-m', 'venv', $Venv)
    & $program @arguments
    if ($LASTEXITCODE -ne 0) {
        Stop-Setup "No virtual environment can be made at $Venv; check that the folder may be written and has room."
    }
}

# Installs the checkout, with the named extra if one is given, unless that was done already for this pyproject.toml.
function Install-Ecgdesk([string] $Extra) {
    $name = 'installed'
    $target = $Here
    if ($Extra) {
        $name = "installed-$Extra"
        $target = "$Here[$Extra]"
    }
    $stamp = Join-Path $Venv $name
    $state = (Get-FileHash -Algorithm SHA256 (Join-Path $Here 'pyproject.toml')).Hash + " $Here"
    if ((Test-Path $VenvPython) -and (Test-Path $stamp) -and ((Get-Content -Raw $stamp).Trim() -eq $state)) { return }
    if (-not (Test-Command $VenvPython @('-m', 'pip', '--version'))) { New-Venv }
    Write-Host "Installing ecgdesk into $Venv (the first time this takes some minutes) ..."
    # Editable, so that the program is always the checkout's own state.
    & $VenvPython -m pip install -q --disable-pip-version-check -e $target
    if ($LASTEXITCODE -ne 0) {
        Stop-Setup 'The installation did not finish (see above); check the connection to your package index and start this again.'
    }
    Set-Content -Path $stamp -Value $state -Encoding UTF8
}
