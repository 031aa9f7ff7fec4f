#!/bin/sh
# orion-journal FILE
# stdin: lines of an operator's journal, each `HASH ENTRY`. Those that FILE does not have yet are added to it, each behind a hash
# of its own: SHA-256 of `HASH-OF-THE-LINE-BEFORE LINE`. Nothing in FILE is ever changed; half a line of a crash is closed by a
# line that says so. All of it is written in one go and synced.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
file=$1
folder=${file%/*}
new=$file.new

fail() {
  printf 'orion-journal: %s\n' "$1" >&2
  exit 1
}

if [ ! -d "$folder" ]; then
  mkdir -p -- "${folder%/*}" || fail "there is no folder ${folder%/*}"
fi
umask 077
[ -d "$folder" ] || mkdir -- "$folder" || fail "there is no folder $folder"
exec 9>>"$folder/.lock" || fail "$folder cannot be written"
flock -w 10 9 || fail 'another run writes the journal'
: >>"$file" || fail "$file cannot be written"

# -a: zeros that a loss of power left make no difference.
hash=$(grep -a -E '^[0-9a-f]{64} ' -- "$file" | tail -n 1 | cut -c 1-64)
[ -n "$hash" ] || hash=0000000000000000000000000000000000000000000000000000000000000000

# add TEXT: a line behind its own hash.
add() {
  hash=$(printf '%s %s' "$hash" "$1" | sha256sum)
  hash=${hash%% *}
  printf '%s %s\n' "$hash" "$1"
}

{
  if [ -s "$file" ] && [ "$(tail -c 1 -- "$file" | od -A n -t x1)" != ' 0a' ]; then
    torn=$(tail -n 1 -- "$file" | tr -d '\n' | sha256sum)
    echo
    add "- {\"v\":1,\"kind\":\"mend\",\"torn\":\"${torn%% *}\"}"
  fi
  while IFS= read -r line; do
    grep -a -q -F -- " ${line%% *} " "$file" || add "$line"
  done
} >"$new" || fail "$new cannot be written"

{ cat -- "$new" >>"$file" && sync -- "$file" "$folder"; } || fail "$file cannot be written"
rm -f -- "$new"
