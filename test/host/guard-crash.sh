#!/bin/bash
# Kills the guard before each of its commands in turn (bash's DEBUG trap), then puts the change back and compares. Runs inside a test host.
# Usage: guard-crash.sh TEMPLATE swap|put-back|boot STEP (TEMPLATE: a staged change; STEP: 1 = before every command). Prints every difference, and last `N points`.
set -u
template=$1 phase=$2 step=$3
base=/var/lib/orion/guard
guard=/usr/local/sbin/orion-guard
# No timers, no units, no waiting: the steps are called by hand.
for stub in systemd-run sleep; do printf '#!/bin/sh\nexit 0\n' >/usr/local/sbin/$stub; done
printf '#!/bin/sh\nexit 1\n' >/usr/local/sbin/systemctl
chmod 755 /usr/local/sbin/{systemd-run,sleep,systemctl}
trap 'rm -rf /usr/local/sbin/{systemd-run,sleep,systemctl} /run/crash-*' EXIT
cat >/run/crash-trap <<'END'
set -T
trap 'read -r crash_n </run/crash-n; echo $((crash_n + 1)) >/run/crash-n; [ "$crash_n" = "$CRASH_AT" ] && kill -9 $BASHPID $$' DEBUG
END
look() { (cd /etc/guarded && find . ! -type d -printf '%p %y %m %u %g %T@ %l\n' | sort && find . -type d -printf '%p %m %u %g\n' | sort && find . -type f -exec sha256sum {} + | sort); }
before=$(look)
mv "$base/$template" /run/crash-template
crashed() { CRASH_AT=$at BASH_ENV=/run/crash-trap bash "$guard" "$@" >/dev/null 2>&1; }
fail() { echo "$at: $*"; }
if [ "$phase" != swap ]; then # from where everything is done and nothing confirmed
  at=0
  cp -a /run/crash-template "$base/ready"
  "$guard" start ready >/dev/null && "$guard" swap ready
  [ -e "$base/ready/activated" ] || fail 'it did not even begin'
  [ "$(look)" != "$before" ] || fail 'nothing was changed'
  rm -rf /run/crash-template
  mv "$base/ready" /run/crash-template
  cp -a /etc/guarded /run/crash-swapped
fi
for ((at = 1; at < 2000; at += step)); do
  id=crash-$at
  cp -a /run/crash-template "$base/$id"
  [ "$phase" = swap ] || { rm -rf /etc/guarded && cp -a /run/crash-swapped /etc/guarded; }
  echo 1 >/run/crash-n
  case $phase in
  swap) crashed start "$id" && crashed swap "$id" && done=1 ;;
  put-back) crashed put-back "$id" && done=1 ;;
  boot) crashed boot && done=1 ;;
  esac
  if [ "$phase" = boot ]; then "$guard" boot; else "$guard" put-back "$id"; fi || fail 'could not be put back'
  [ -e "$base/$id/is-restored" ] || [ -e "$base/$id/is-refused" ] || fail "$base/$id"/is-*
  after=$(look)
  [ "$after" = "$before" ] || { fail 'is not as before' && diff <(echo "$before") <(echo "$after"); }
  rm -rf "${base:?}/$id"
  [ -z "${done:-}" ] || break
done
echo "$at points"
