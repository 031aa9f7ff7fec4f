#!/bin/sh
# orion-write NFILES PATH... REMOVED...
# stdin: a tar of the files by absolute path. All of them are unpacked into hidden folders beside their places and synced before
# the first one is renamed into its place; then the REMOVED ones are unlinked. A link at the place is replaced, not followed.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022
new=.orion-new.$$
files=$1
shift

# each DO PATH...: calls DO for every file until one fails, with its $path, $folder and $name.
each() {
  todo=$1
  shift
  left=$files
  for path in "$@"; do
    [ "$left" -gt 0 ] || return 0
    left=$((left - 1))
    folder=${path%/*}
    name=${path##*/}
    "$todo" "$@" || return 1
  done
}

drop() {
  [ ! -d "$folder/$new" ] || rm -rf -- "$folder/${new:?}"
}

give_up() {
  each drop "$@"
  exit 1
}

arrived() {
  if [ ! -f "$folder/$new/$name" ]; then
    echo "$path did not arrive" >&2
    return 1
  elif [ -d "$path" ] && [ ! -L "$path" ]; then
    echo "$path is a folder" >&2
    return 1
  elif [ "$(stat -c %g "$folder/$new/$name")" = 262143 ]; then
    # The number that the sender gives to a group, for a host that does not know its name.
    echo "$path: its group does not exist" >&2
    return 1
  fi
}

# One fsync of many: of the new files; of the folders of all paths.
sync_files() {
  count=$#
  left=$files
  for path in "$@"; do
    if [ "$left" -gt 0 ]; then set -- "$@" "${path%/*}/$new/${path##*/}"; fi
    left=$((left - 1))
  done
  shift "$count"
  sync -- "$@"
}

sync_folders() {
  count=$#
  last=
  for path in "$@"; do
    if [ "${path%/*}/" != "$last" ] && [ -d "${path%/*}/" ]; then set -- "$@" "${path%/*}/"; fi
    last=${path%/*}/
  done
  shift "$count"
  [ "$#" -eq 0 ] || sync -- "$@"
}

# All new files of one folder at once.
place() {
  [ -d "$folder/$new" ] || return 0
  count=$#
  rest=$files
  for other in "$@"; do
    if [ "$rest" -gt 0 ] && [ "${other%/*}" = "$folder" ]; then set -- "$@" "$folder/$new/${other##*/}"; fi
    rest=$((rest - 1))
  done
  shift "$count"
  mv -f -t "$folder/" -- "$@" && rmdir -- "$folder/$new"
}

trap 'give_up "$@"' HUP INT TERM
if [ "$files" -gt 0 ]; then
  tar -x -P -p -f - --transform="s,[^/]*\$,$new/&,S" || give_up "$@"
  each arrived "$@" || give_up "$@"
  sync_files "$@" || give_up "$@"
  each place "$@" || give_up "$@"
fi

remove() {
  shift "$files"
  [ "$#" -eq 0 ] || rm -f -- "$@"
}
remove "$@" || exit 1
sync_folders "$@"
