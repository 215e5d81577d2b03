#!/bin/sh
# Starts the course, from whatever folder: sets up what is missing and opens JupyterLab.
# Usage: sh scripts/shell/start.sh [--no-browser --port 9999 --lang zh …]: what JupyterLab takes

self=$(readlink -f -- "$0" 2>/dev/null) || self=$0 # a link on the desktop leads here
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd) || exit 1
if ! command -v node >/dev/null 2>&1; then
  echo 'Node is missing: https://nodejs.org has it (20.19+, 22.12+ or 24+), and so has: conda env create -f environment.yml' >&2
  exit 127
fi
exec node "$here/../lab.mjs" start "$@"
