# Activates the course's Python environment (which holds TensorFlow's libraries) and starts the LoRA training.
# Relative folders are looked for from the project's folder.
# Usage: scripts/train/lora.ps1 --pictures FOLDER [--rank 4] [--alpha 4] [--rate 0.003] [--epochs 10] [--batch 8] [--word WORD] [--out FILE]
# Where Windows refuses scripts: powershell -ExecutionPolicy Bypass -File scripts\train\lora.ps1 --pictures FOLDER
# PowerShell on Windows keeps the activation script in Scripts, on Linux and macOS in bin.
$ErrorActionPreference = 'Stop'
Push-Location (Join-Path $PSScriptRoot '../..')
try {
  $activate = @('.venv/Scripts/Activate.ps1', '.venv/bin/Activate.ps1') | Where-Object { Test-Path $_ } | Select-Object -First 1
  if (-not $activate) {
    [Console]::Error.WriteLine('The environment .venv is missing; make it with: npm run setup')
    exit 1
  }
  . (Resolve-Path $activate).Path
  & node --import tsx scripts/train/lora.ts @args
  exit $LASTEXITCODE
} finally {
  Pop-Location
}
