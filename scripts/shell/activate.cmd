@echo off
rem Makes this window use the course's programs: Python and Jupyter of .venv, tsx and tsc of node_modules. Undo it with: deactivate
rem Run it in the window that is to change:  scripts\shell\activate.cmd
rem No setlocal here: what is set has to stay.
for %%i in ("%~dp0..\..") do set "_LAB_HOME=%%~fi"
if not exist "%_LAB_HOME%\.venv\Scripts\activate.bat" (
  echo no .venv in "%_LAB_HOME%"; make it with: npm run setup 1>&2
  set "_LAB_HOME="
  exit /b 1
)
call "%_LAB_HOME%\.venv\Scripts\activate.bat"
set "PATH=%_LAB_HOME%\node_modules\.bin;%PATH%"
set "_LAB_HOME="
exit /b 0
