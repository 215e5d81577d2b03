# Makes this shell use the course's programs: Python and Jupyter of .venv, tsx and tsc of node_modules. Undo it with: deactivate
# Read it into the shell, since a process of its own could not change yours:   . scripts/shell/activate.sh
# bash and zsh tell where this file lies; other shells don't: there the course is looked for from the present folder upwards.
# LATENTLAB_HOME=/path/to/course names it.

case ${ZSH_EVAL_CONTEXT:-}:${0##*/} in
  *file*:*) ;; # zsh, which calls itself by the file's name while it reads it
  *:activate.sh)
    echo "activate.sh changes the shell that reads it; run it like this:   . '$0'" >&2
    exit 1
    ;;
esac

_lab_home=${LATENTLAB_HOME:-}
if [ -z "$_lab_home" ] && [ -n "${BASH_SOURCE:-}" ]; then
  _lab_home=$(CDPATH='' cd -- "$(dirname -- "$BASH_SOURCE")/../.." && pwd)
elif [ -z "$_lab_home" ] && [ -n "${ZSH_VERSION:-}" ]; then
  _lab_home=$(CDPATH='' cd -- "$(dirname -- "$(eval 'printf %s "${(%):-%x}"')")/../.." && pwd)
elif [ -z "$_lab_home" ]; then
  _lab_home=$PWD
  while [ "$_lab_home" != / ] && [ ! -f "$_lab_home/scripts/lab.mjs" ]; do _lab_home=$(dirname -- "$_lab_home"); done
fi
if [ -f "$_lab_home/.venv/bin/activate" ]; then _lab_bin=bin; else _lab_bin=Scripts; fi

if [ ! -f "$_lab_home/.venv/$_lab_bin/activate" ]; then
  echo "no .venv in '$_lab_home'; make it with: npm run setup" >&2
  unset _lab_home _lab_bin
  return 1
fi
. "$_lab_home/.venv/$_lab_bin/activate"

# An environment holds the path at which it was made: a copy of the folder would activate the first one's.
if [ "$(CDPATH='' cd -- "$VIRTUAL_ENV" 2>/dev/null && pwd -P)" != "$(CDPATH='' cd -- "$_lab_home/.venv" && pwd -P)" ]; then
  echo "the .venv of '$_lab_home' was made for '$VIRTUAL_ENV'; make it anew with: npm run setup" >&2
  deactivate
  unset _lab_home _lab_bin
  return 1
fi
PATH="$_lab_home/node_modules/.bin:$PATH"
export PATH
hash -r 2>/dev/null
unset _lab_home _lab_bin
