#!/bin/sh
# orion-guard: changes files of this host and puts them back by itself, unless somebody confirms in time that all is well.
# Installed and used by orion. For people at the console: orion-guard list, show ID, undo ID, restore ID, confirm ID.
#
# A change is a folder in $BASE: name, by, window (seconds), at, strict (if there: a checker's warning counts), files (lines `N put|remove PATH`),
# new/N, group/N (where it is not root's), check/N and activate/N (command lines). Its state is the name of its file is-STATE (staged, armed, confirmed, refused, restored),
# which changes by rename: atomic, and possible on a full disk. Whatever is killed at whatever step, `put-back` ends well, also twice.
# This file is what happens to the files; guard-commands.sh follows it in the installed program.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
BASE=/var/lib/orion/guard
LOCK=/run/orion-guard.lock
# shellcheck disable=SC2034 # for guard-commands.sh
SELF=/usr/local/sbin/orion-guard
KEEP=10
TRIED=/var/lib/orion/reboot/known # changes that a start of this host had already; by orion-reboot, where it is installed
LIMIT=60 # seconds that one check or activate program may take; an activate program all of the change's time, if that is more

fail() {
  printf 'orion-guard: %s\n' "$2" >&2
  exit "$1"
}
now() { cut -d . -f 1 /proc/uptime; } # seconds; setting the clock moves nothing
pack() { # stdin as one word of base64, `-` for nothing
  packed=$(base64 -w 0)
  printf '%s' "${packed:--}"
}
value() { cat "$dir/$1" 2>/dev/null; }
use() { # ID: the change that everything below is about
  case $1 in '' | *[!0-9a-z-]* | -*) fail 64 "not an id: $1" ;; esac
  id=$1 dir=$BASE/$1
}
state() {
  for state in armed staged confirmed refused restored; do
    [ -e "$dir/is-$state" ] && printf '%s' "$state" && return
  done
  printf 'none'
}
become() {
  mv -T "$dir/is-$(state)" "$dir/is-$1" && sync "$dir"
}
lock() {
  exec 9<>"$LOCK"
  flock "$@" 9 && printf '%s\n' "${id:-}" >"$LOCK"
}
each() { # FUNCTION: called with N, put|remove and PATH of every file
  while IFS= read -r line; do
    rest=${line#* }
    "$1" "${line%% *}" "${rest%% *}" "${rest#* }" || return
  done <"$dir/files"
}
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
ids() { # newest first
  for at in "$BASE"/*/at; do
    [ -e "$at" ] && printf '%s %s\n' "$(cat "$at")" "$(basename "${at%/at}")"
  done | sort -k 1,1nr -k 2,2r | cut -d ' ' -f 2
}
swaps() { # no answer is no no: systemd gives none while it starts anew (daemon-reexec), for seconds on a slow host
  systemctl is-active -q "orion-guard-swap-$id.service" 2>/dev/null
  case $? in 3 | 4) return 1 ;; esac
}
tell() { # the line `state STATE UNTIL NOW REASON`, STATE also `active` and `working`; returns 0 where it stands, 4 where it does not, 1 in between
  told=$(state)
  [ "$told" = armed ] && swaps && told=working
  [ -e "$dir/is-armed" ] && [ -e "$dir/activated" ] && told=active
  until=$(value until)
  printf 'state %s %s %s %s\n' "$told" "${until:--}" "$(now)" "$(value reason | pack)"
  case $told in active | confirmed) return 0 ;; restored | refused) return 4 ;; *) return 1 ;; esac
}
untried() { # ID: it is for the next start of the host, and none was since: orion-reboot may have to put it back then
  [ -e "$TRIED" ] && [ -e "$BASE/$1/is-confirmed" ] || return
  case $(cat "$BASE/$1/name") in gpu | pinning) ! grep -qxF -e "$1" "$TRIED" ;; *) return 1 ;; esac
}
passes() { # ID: what a command does and takes back itself, many times over: it would push out all that somebody may want back
  case $(cat "$BASE/$1/name") in mesh-drain | mesh-weight) ;; *) return 1 ;; esac
}
ranked() { # `RANK ID`, newest first: its place among those that were confirmed, that pass, or the others; up to $KEEP of each are kept
  ids | {
    good=0 passing=0 other=0
    while read -r one; do
      if untried "$one"; then rank=0
      elif [ ! -e "$BASE/$one/is-confirmed" ]; then rank=$((other += 1))
      elif passes "$one"; then rank=$((passing += 1))
      else rank=$((good += 1)); fi
      printf '%s %s\n' "$rank" "$one"
    done
  }
}
prune() {
  ranked | while read -r rank old; do
    [ "$rank" -le $KEEP ] || [ "$old" = "$id" ] || [ -e "$BASE/$old/is-armed" ] || rm -rf "${BASE:?}/$old"
  done
}
label() { # FILE: its command line as people may see it: of `sh -c TEXT NAME …` the name, as the text is for shells
  (
    eval "set -- $(cat "$1")"
    [ "$1 ${2:-}" = 'sh -c' ] && set -- "${4:-sh}"
    printf '%s' "$*"
  )
}
programs() { # check|activate [swap|put-back]: runs them in order, which is told to them; prints what went wrong with the first that fails
  said=/run/orion-guard-$id
  mkdir -p "$said" || return
  limit=$(value window)
  [ "$1" = activate ] && [ "$limit" -gt $LIMIT ] || limit=$LIMIT
  for program in "$dir/$1"/*; do
    [ -e "$program" ] || continue
    # No descriptor of the lock: a program may leave a daemon behind.
    (umask 022 && cd / && export ORION_GUARD="${2:-$1}" && exec timeout -k 5 "$limit" sh "$program") </dev/null >"$said/out" 2>"$said/err" 9>&-
    code=$?
    if [ $code != 0 ]; then
      printf '%s ended with %s: %s\n' "$(label "$program")" "$code" "$(cat "$said/err" "$said/out" | head -c 4000)"
    elif [ "$1" = check ] && [ -e "$dir/strict" ] && [ -s "$said/err" ]; then
      printf '%s warns: %s\n' "$(label "$program")" "$(head -c 4000 "$said/err")"
    else
      continue
    fi
    rm -rf "$said"
    return 1
  done
  rm -rf "$said"
}

# --- check: the new files stand in their places for the checkers only, in a mount namespace of their own -----------------------------------

replica() { # FOLDER: a copy of it in memory is laid over it; the folders in it stay themselves
  copy=$(mktemp -d "$dir/view/XXXXXX") || return
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    is_there "$entry" || continue
    if [ -d "$entry" ] && [ ! -L "$entry" ]; then
      mkdir "$copy/${entry##*/}" && mount --rbind "$entry" "$copy/${entry##*/}"
    else
      cp -a "$entry" "$copy/"
    fi || return
  done
  chmod --reference="$1" "$copy" && chown --reference="$1" "$copy" && mount --rbind "$copy" "$1"
}
is_plain() { [ -f "$1" ] && [ ! -L "$1" ]; }
lay_out() { # a file that comes or goes, or is a link: its nearest folder becomes a replica; others are bound over
  if [ "$2" = put ] && is_plain "$3" && is_plain "$dir/new/$1"; then
    mount --bind "$dir/new/$1" "$3"
    return
  fi
  [ "$2" = put ] || is_there "$3" || return 0
  folder=${3%/*}
  while [ "$folder" ] && [ ! -d "$folder" ]; do folder=${folder%/*}; done
  [ "$folder" ] || { echo "$3: what is new in / cannot be checked" && return 1; }
  grep -qxF -e "$folder" "$dir/view/replicas" 2>/dev/null || replica "$folder" || return
  printf '%s\n' "$folder" >>"$dir/view/replicas"
  if [ "$2" = remove ]; then
    rm -f "$3"
  else
    (umask 022 && mkdir -p "${3%/*}") && cp -aT --remove-destination "$dir/new/$1" "$3"
  fi
}
in_place() {
  mount -t tmpfs -o mode=700 orion-guard "$dir/view" && each lay_out && programs check
}

# --- snapshot, swap, activate ---------------------------------------------------------------------------------------------------------------

snapshot() {
  if is_there "$3"; then
    if [ -d "$3" ] && [ ! -L "$3" ]; then echo "$3 is a folder" && return 1; fi
    cp -aT "$3" "$dir/old/$1" || return
  else
    : >"$dir/old/$1.absent" || return
  fi
  folder=${3%/*}
  while [ "$folder" ] && [ ! -d "$folder" ]; do
    printf '%s\n' "$folder" >>"$dir/folders" || return
    folder=${folder%/*}
  done
}
beside() { printf '%s' "${2%/*}/.orion-$id-$1"; }
replace() { # SOURCE BESIDE PATH: complete or not at all, whatever happens
  cp -aT "$1" "$2" && { [ -L "$2" ] || sync "$2"; } && mv -fT "$2" "$3" && sync "${3%/*}/"
}
place() {
  if [ "$2" = remove ]; then
    rm -f "$3"
  else
    (umask 022 && mkdir -p "${3%/*}/") && replace "$dir/new/$1" "$(beside "$1" "$3")" "$3"
  fi
}
is_same() { # as before: content, mode, owner, time
  is_plain "$1" && is_plain "$2" && cmp -s "$1" "$2" && [ "$(stat -c '%f %u %g %y' "$1")" = "$(stat -c '%f %u %g %y' "$2")" ]
}
place_back() {
  old=$dir/old/$1
  rm -f "$(beside "$1" "$3")"
  if [ -e "$old.absent" ]; then
    rm -f "$3"
  elif is_there "$old" && ! is_same "$old" "$3"; then
    replace "$old" "$(beside "$1" "$3")" "$3" 2>/dev/null && return
    # The disk is full: a rename needs no space.
    rm -f "$(beside "$1" "$3")" && mv -fT "$old" "$3"
  fi
}
bring_back() { # one that cannot be put back keeps no other from it
  place_back "$@" || kept="$kept $3"
}
put_back() { # REASON [at-boot]: under the lock; what fails is tried again by whoever called
  case $(state) in
  staged) printf '%s\n' "$1" >"$dir/reason" && become refused && return ;;
  armed) ;;
  *) return 0 ;;
  esac
  rm -f "$dir/activated"
  printf '%s\n' "$1" >"$dir/reason"
  kept=
  each bring_back
  [ ! -e "$dir/folders" ] || while IFS= read -r folder; do rmdir "$folder" 2>/dev/null; done <"$dir/folders"
  # At boot the services start later, with the old files.
  [ "${2:-}" ] || again=$(programs activate put-back) || printf 'then %s\n' "$again" >>"$dir/reason"
  [ ! "$kept" ] || { printf 'then these could not be put back:%s\n' "$kept" >>"$dir/reason" && return 1; }
  become restored || return
  prune
  [ "${2:-}" ] || systemctl stop --no-block "orion-guard-$id.timer" 2>/dev/null
  return 0
}
unit() { # NAME OPTION… COMMAND…: in a unit of its own, which outlives the connection, and whose daemons outlive it
  name=$1
  shift
  systemd-run --quiet --collect --unit="$name" --property=KillMode=process "$@"
}
