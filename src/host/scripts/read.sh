#!/bin/sh
# orion-read SECONDS NFILES PATH... (NAME COMMANDLINE)...
# Prints `NAME CODE BASE64(stdout)` for each command, an empty line, then a tar of those files that exist. Changes nothing.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
seconds=$1
left=$2
shift 2

# Rotate the file names: each one that exists goes to the end of the list, after the commands.
present=0
while [ "$left" -gt 0 ]; do
  if [ -e "$1" ] || [ -L "$1" ]; then
    set -- "$@" "$1"
    present=$((present + 1))
  fi
  shift
  left=$((left - 1))
done

exec 3>&1
while [ "$#" -gt "$present" ]; do
  printf '%s ' "$1"
  # The code goes out past base64, which holds its line back until the program has ended.
  out=$({
    timeout -k 5 "$seconds" sh -c "$2" </dev/null 2>/dev/null 3>&-
    printf '%s ' "$?" >&3
  } | base64 -w 0)
  printf '%s\n' "$out"
  shift 2
done

echo
[ "$present" -gt 0 ] || exit 0
tar -c -P -f - --no-recursion --hard-dereference --ignore-failed-read --warning=none --format=gnu -- "$@"
# 1: a file changed while it was read.
[ "$?" -le 1 ]
