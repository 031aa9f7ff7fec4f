#!/bin/sh
# Brings a change to the host, and the guard with it: `orion-stage ID`, a tar on stdin. Nothing of the change is in force afterwards.
# What could not be brought completely is not there at all.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
base=/var/lib/orion/guard
case $1 in '' | *[!0-9a-z-]* | -*) exit 64 ;; esac
for program in flock systemctl systemd-run unshare; do
  command -v "$program" >/dev/null || { echo "the guard needs $program, which is not there" >&2 && exit 1; }
done
[ -d /run/systemd/system ] || { echo 'the guard needs systemd as the init system' >&2 && exit 1; }
id=$1 in=$base/.in-$1
mkdir -p "$base"
find "$base" -maxdepth 1 -name '.in-*' -mmin +60 -exec rm -rf {} +
beside=
trap 'rm -rf "$in" "$beside"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$in"
tar -x --no-same-owner -C "$in"
# The last member: without it the stream was cut.
[ -e "$in/change/files" ] || { echo 'the change arrived incomplete' >&2 && exit 1; }

for member in "$in"/change/group/*; do
  [ -e "$member" ] || continue
  read -r group <"$member"
  getent group "$group" >/dev/null || { echo "there is no group $group" >&2 && exit 1; }
  chgrp "$group" "$in/change/new/${member##*/}"
done

# Beside its place, then renamed: a guard that runs meanwhile keeps its own text.
bring() { # MEMBER PATH MODE
  cmp -s "$in/$1" "$2" && return
  (umask 022 && mkdir -p "${2%/*}")
  beside=${2%/*}/.orion-$id
  cp "$in/$1" "$beside"
  chmod "$3" "$beside"
  sync "$beside"
  mv -f "$beside" "$2"
  sync "${2%/*}"
}
bring guard /usr/local/sbin/orion-guard 755
unit=orion-guard-boot.service
if ! cmp -s "$in/$unit" "/etc/systemd/system/$unit" || ! systemctl is-enabled -q "$unit" 2>/dev/null; then
  bring "$unit" "/etc/systemd/system/$unit" 644
  systemctl enable -q "$unit"
  sync /etc/systemd/system/sysinit.target.wants
fi
date +%s.%N >"$in/change/at"
: >"$in/change/is-staged"
mv -T "$in/change" "$base/$1"
sync "$base"
echo staged
