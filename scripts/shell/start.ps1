# Starts the course, from whatever folder: sets up what is missing and opens JupyterLab.
# Usage: scripts/shell/start.ps1 [--no-browser --port 9999 --lang zh ...]: what JupyterLab takes
# Where Windows refuses scripts:   powershell -ExecutionPolicy Bypass -File scripts\shell\start.ps1
if (-not (Get-Command node -ErrorAction SilentlyContinue)) {
  [Console]::Error.WriteLine('Node is missing: https://nodejs.org has it (20.19+, 22.12+ or 24+)')
  exit 127
}
& node (Join-Path $PSScriptRoot '../lab.mjs') start @args
exit $LASTEXITCODE
