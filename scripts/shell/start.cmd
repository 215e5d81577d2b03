@echo off
rem Starts the course, from whatever folder, also by a double click: sets up what is missing and opens JupyterLab.
rem Usage: scripts\shell\start.cmd [--no-browser --port 9999 --lang zh ...]: what JupyterLab takes
setlocal
for %%i in (node.exe) do set "_LAB_NODE=%%~$PATH:i"
if not defined _LAB_NODE (
  echo Node is missing: https://nodejs.org has it ^(20.19+, 22.12+ or 24+^) 1>&2
  exit /b 127
)
node "%~dp0..\lab.mjs" start %*
exit /b %errorlevel%
