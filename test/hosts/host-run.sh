#!/bin/sh
# Runs one test host until it is stopped, through its restarts. In a mount namespace of its own; keep the process id.
# Usage: host-run.sh NAME NAMESPACE FOLDER ROOTFS (FOLDER has `interfaces`; `again` in it makes a killed host start anew)
set -u
name=$1 namespace=$2 folder=$3 base=$4

# systemd 257 wants cgroup v2 alone.
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1
mkdir -p "/sys/fs/cgroup/$namespace"
echo $$ >"/sys/fs/cgroup/$namespace/cgroup.procs"

fs=$folder/fs
mkdir -p "$fs"
mount -t tmpfs tmpfs "$fs" || exit 1
mkdir -p "$fs/up/etc/network" "$fs/work" "$fs/root"
echo "$name" >"$fs/up/etc/hostname"
cp "$folder/interfaces" "$fs/up/etc/network/interfaces"
: >"$fs/up/etc/resolv.conf" # the machine's name servers are not to be had from in there: every look-up would wait for them
mount -t overlay overlay -o "lowerdir=$base,upperdir=$fs/up,workdir=$fs/work" "$fs/root" || exit 1

# What the host made in its network outlives its restart, as nothing of a real machine's would.
wipe() {
  ip -n "$namespace" -br link | sed 's/[@ ].*//' | while read -r link; do
    case $link in
      lo | eno*)
        ip -n "$namespace" addr flush dev "$link"
        ip -n "$namespace" link set "$link" nomaster down
        ;;
      *) ip -n "$namespace" link del "$link" 2>/dev/null ;;
    esac
  done
  for family in -4 -6; do
    ip -n "$namespace" $family rule flush # all but the one for `local`
    ip -n "$namespace" $family rule add pref 32766 lookup main
  done
  ip -n "$namespace" rule add pref 32767 lookup default
  ip netns exec "$namespace" sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv4.conf.all.rp_filter=0
  ip netns exec "$namespace" nft flush ruleset
}

export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
while :; do
  systemd-nspawn -q --register=no --keep-unit -b -D "$fs/root" --machine="$name" --hostname="$name" \
    --network-namespace-path="/run/netns/$namespace" --capability=CAP_NET_ADMIN,CAP_NET_RAW \
    --link-journal=no --resolv-conf=off --console=pipe </dev/null
  code=$?
  [ $code = 133 ] || [ -e "$folder/again" ] || exit $code # 133: `systemctl reboot` inside
  rm -f "$folder/again"
  wipe
done
