# The second half of orion-guard: its commands, for orion and for people at the console.
# shellcheck shell=sh disable=SC2154 # $id and $dir are set by `use` of guard.sh
#
# start, follow, confirm, restore, states and stage-undo speak to orion in lines of words; free text is base64.

refuse() { # TEXT: nothing was touched
  printf '%s\n' "$1" >"$dir/reason"
  become refused
  prune
  printf 'refused %s\n' "$(printf '%s' "$1" | pack)"
  exit 4
}
busy() { # ID of the other, '' = not known; ours is dropped
  mine=$dir
  dir=$BASE/${1:-unknown}
  until=$(value until)
  printf 'busy %s %s %s\n' "$(value by | pack)" "${until:--}" "$(now)"
  rm -rf "${mine:?}"
  exit 75
}
make_way() { # somebody else's change is under way: busy; its time is over, but no timer came: put it back first
  for other in "$BASE"/*/is-armed; do
    [ -e "$other" ] || continue
    other=$(basename "${other%/is-armed}")
    systemctl is-active -q "orion-guard-$other.timer" "orion-guard-$other.service" && busy "$other"
    (use "$other" && put_back 'not confirmed') || fail 1 "the change $other could not be put back"
  done
}
arm() { # the timer first: from here on the host comes back whatever happens
  window=$(value window)
  unit "orion-guard-$id" --on-active="$window" --timer-property=AccuracySec=100ms --property=Restart=on-failure \
    --property=RestartSec=1 --property=StartLimitIntervalSec=0 "$SELF" put-back "$id" 2>&1
}
prepare() {
  rm -rf "$dir/old" "$dir/folders"
  mkdir -p "$dir/old" && each snapshot && echo $(($(now) + $(value window))) >"$dir/until" &&
    find "$dir" \( -type f -o -type d \) -exec sync {} +
}
start() {
  [ ! -e "$dir/is-armed" ] || { printf 'armed %s %s\n' "$(value until)" "$(now)"; return; }
  [ -e "$dir/is-staged" ] || fail 64 "$id is $(state), not staged"
  lock -w 2 || busy "$(cat "$LOCK")"
  make_way
  if [ -d "$dir/check" ]; then
    why=$(mkdir -p "$dir/view" && unshare -m --propagation private "$SELF" in-place "$id" 2>&1) || refuse "$why"
  fi
  echo checked
  why=$(prepare 2>&1) || refuse "$why"
  why=$(arm) || refuse "$why"
  become armed || refuse 'the state could not be written'
  printf 'armed %s %s\n' "$(value until)" "$(now)"
  unit "orion-guard-swap-$id" "$SELF" swap "$id" || put_back 'the swap could not begin'
}
swap() { # in its own unit
  lock
  [ -e "$dir/is-armed" ] && [ ! -e "$dir/activated" ] || exit 0
  sleep 0.3 # the answer `armed` gets out before the network moves
  why=$(each place 2>&1 && programs activate swap && : >"$dir/activated") || put_back "${why:-the disk is full}"
}
follow() { # [SECONDS]
  end=$(($(now) + ${1:-600}))
  while [ -e "$dir/is-armed" ] && swaps && [ "$(now)" -lt "$end" ]; do sleep 0.1; done
  tell
}
confirm() {
  lock -w 10 || fail 75 'somebody else is at it'
  if [ -e "$dir/is-armed" ] && [ -e "$dir/activated" ]; then
    become confirmed || fail 1 'the state could not be written'
    systemctl stop "orion-guard-$id.timer" 2>/dev/null
    rm -f "$dir/reason"
    prune
  fi
  [ -e "$dir/is-confirmed" ] || { tell; return; }
  echo confirmed
}
put_back_now() { # by the timer, or asked for: a start that hangs does not keep it from it
  systemctl kill -s KILL "orion-guard-swap-$id.service" 2>/dev/null
  lock
  why=$(value reason | sed '/^then /,$d') # what an earlier try added
  [ "$why" ] || [ -e "$dir/activated" ] || why='its programs were not over in time'
  put_back "${why:-not confirmed}"
}
restore() { # [REASON]
  if [ -e "$dir/is-armed" ] || [ -e "$dir/is-staged" ]; then
    printf '%s\n' "${1:-asked for}" >"$dir/reason"
    unit "orion-guard-back-$id" --wait "$SELF" put-back "$id" 2>/dev/null || (put_back_now)
  fi
  tell
  [ $? = 4 ]
}
boot() {
  lock
  failed=0
  for change in "$BASE"/*/is-armed "$BASE"/*/is-staged; do
    [ -e "$change" ] || continue
    (use "$(basename "${change%/is-*}")" && put_back restarted at-boot) || failed=1
  done
  return $failed
}
states() {
  ranked | while read -r rank one; do
    [ "$rank" -le "$KEEP" ] || continue
    use "$one"
    at=$(value at)
    printf '%s %s %s %s %s ' "$id" "$(state)" "$(value name)" "${at%.*}" "$(value by | pack)"
    printf '%s %s\n' "$(value reason | pack)" "$(cut -d ' ' -f 3- "$dir/files" | pack)"
  done
}
take_old() { # N put|remove PATH: what was before becomes what shall be
  if [ -e "$dir/old/$1.absent" ]; then
    printf '%s remove %s\n' "$1" "$3"
  else
    cp -aT "$dir/old/$1" "$new/new/$1" && printf '%s put %s\n' "$1" "$3"
  fi >>"$new/files"
}
stage_undo() { # NEWID WINDOW, who by on stdin: the way back of $id as a change of its own
  [ -e "$dir/is-confirmed" ] || fail 66 "there is no confirmed change $id"
  (use "$1") || exit
  new=$BASE/.in-$1
  mkdir "$new" "$new/new" || exit
  for part in name strict check activate; do
    [ ! -e "$dir/$part" ] || cp -a "$dir/$part" "$new/" || exit
  done
  { cat >"$new/by" && echo "$2" >"$new/window" && date +%s.%N >"$new/at" && each take_old && : >"$new/is-staged"; } || exit
  mv -T "$new" "$BASE/$1" && echo staged
}
list() {
  states | while read -r one state name at by reason _; do
    printf '%s  %-9s  %s  %s  %s\n' "$one" "$state" "$(date -d "@$at" '+%F %T')" "$name" "$(unpack "$by")"
    [ "$reason" = - ] || unpack "$reason" | sed 's/^/    /'
  done
}
unpack() { [ "$1" = - ] || printf '%s' "$1" | base64 -d | tr -d '\000-\010\013-\037\177'; }
show_file() {
  if [ "$2" = remove ]; then how=removed; elif [ -e "$dir/old/$1.absent" ]; then how=new; else how=changed; fi
  printf '  %-7s  %s\n' "$how" "$3"
}
show_since() {
  if [ "$2" = remove ]; then ! is_there "$3"; else cmp -s "$dir/new/$1" "$3"; fi || printf 'Changed since then, which is lost: %s\n' "$3"
}
undo() { # guarded too: stays only where somebody who still gets here says so
  name=$(date -u +%Y%m%dt%H%M%S)-undo
  echo "$(id -un)@$(hostname) (orion-guard undo)" | stage_undo "$name" 60 >/dev/null || exit
  each show_since
  "$SELF" start "$name" && "$SELF" follow "$name" || exit
  printf 'Put back as before %s. Press Enter within 60 s to keep it so; otherwise all is as it was a minute ago: ' "$id"
  read -r _ && "$SELF" confirm "$name"
}
help() {
  cat <<'END'
Usage: orion-guard list            the last changes of this host, newest first
       orion-guard show ID         what a change is about
       orion-guard undo ID         puts back what was before a confirmed change; stays only if you press Enter within 60 s
       orion-guard restore ID      puts a change back that is not confirmed yet, now
       orion-guard confirm ID      keeps a change that is not confirmed yet
END
}

[ "$(id -u)" = 0 ] || fail 64 'only for root'
command=${1:-help}
[ $# = 0 ] || shift
case $command in
help | --help | -h) help && exit ;;
list | states | boot) "$command" && exit ;;
start | swap | follow | confirm | restore | show | undo | in-place | put-back | stage-undo) ;;
*) fail 64 "no such command: $command (see orion-guard help)" ;;
esac
use "${1:-}"
shift
[ -e "$dir/at" ] || fail 66 "there is no change $id"
case $command in
in-place) in_place ;;
put-back) put_back_now ;;
stage-undo) [ $# = 2 ] && stage_undo "$@" ;;
show) list | grep -A 1 "^$id " && each show_file ;;
*) "$command" "$@" ;;
esac
