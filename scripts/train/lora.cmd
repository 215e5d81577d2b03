@echo off
rem Activates the course's Python environment (which holds TensorFlow's libraries) and starts the LoRA training.
rem Relative folders are looked for from the project's folder.
rem Usage: scripts\train\lora.cmd --pictures FOLDER [--rank 4] [--alpha 4] [--rate 0.003] [--epochs 10] [--batch 8] [--word WORD] [--out FILE]
setlocal
cd /d "%~dp0..\.."
if not exist .venv\Scripts\activate.bat (
  echo The environment .venv is missing; make it with: npm run setup 1>&2
  exit /b 1
)
call .venv\Scripts\activate.bat
node --import tsx scripts\train\lora.ts %*
exit /b %errorlevel%
