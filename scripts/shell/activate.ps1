# Makes this PowerShell use the course's programs: Python and Jupyter of .venv, tsx and tsc of node_modules. Undo it with: deactivate
# Dot-source it, since a script of its own could not change yours:   . ./scripts/shell/activate.ps1
# Where Windows refuses scripts:   Set-ExecutionPolicy -Scope Process Bypass
# PowerShell on Windows keeps the environment's script in Scripts, on Linux and macOS in bin.
$labHome = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
$labActivate = @('.venv/Scripts/Activate.ps1', '.venv/bin/Activate.ps1') |
  ForEach-Object { Join-Path $labHome $_ } |
  Where-Object { Test-Path -LiteralPath $_ } |
  Select-Object -First 1
if (-not $labActivate) {
  [Console]::Error.WriteLine("no .venv in '$labHome'; make it with: npm run setup")
  return
}
. $labActivate
$env:PATH = (Join-Path $labHome 'node_modules/.bin') + [IO.Path]::PathSeparator + $env:PATH
Remove-Variable -Name @('labHome', 'labActivate')
