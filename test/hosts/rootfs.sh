#!/bin/sh
# Builds the file tree that every test host stands on: Debian trixie with systemd, sshd and ifupdown2, and what a router runs, switched off.
# Once per version of this file.
# Usage: rootfs.sh TARGET (a folder that is not there yet; TARGET/root is the tree, TARGET/id the key that may log in)
set -eu
target=$1
[ -e "$target/root/etc/debian_version" ] && exit 0
new=$target.new
rm -rf "$new"
mkdir -p "$new"
trap 'rm -rf "$new"' EXIT
root=$new/root

packages=systemd,systemd-sysv,dbus,udev,openssh-server,ifupdown2,iproute2,nftables,sudo,zstd,iputils-ping,procps,kmod,ca-certificates,ethtool,bridge-utils,openssl
# A router's, for `apt-get install` has no network in there: hosts that are no routers never start them.
packages=$packages,bird2,gobgpd,bgpq4,stayrtr,rpki-client,dnsmasq,unattended-upgrades,needrestart
# A gateway's of a mesh: WireGuard as a program, for hosts share the machine's kernel, which may have no module for it.
packages=$packages,wireguard-tools,wireguard-go
# No mirror is named: debootstrap takes its default. Over https where that is refused is the machine's own business (its proxy).
debootstrap --variant=minbase --include="$packages" trixie "$root"

ssh-keygen -q -t ed25519 -N '' -C orion-test -f "$new/id"
install -d -m 700 "$root/root/.ssh"
install -m 600 "$new/id.pub" "$root/root/.ssh/authorized_keys"
printf 'UseDNS no\nPermitRootLogin yes\nUsePAM no\n' >"$root/etc/ssh/sshd_config.d/test.conf"
mkdir -p "$root/etc/iproute2/rt_tables.d" # without it every ifreload of ifupdown2 3.0 ends with 1

# The container's /sys is read-only and its sysctls are the machine's: give the first back for its own network, and files of its own for the second.
cat >"$root/usr/local/sbin/test-host-prepare" <<'Y'
#!/bin/sh
mount -o remount,rw /sys/devices
mount -o remount,bind,ro /sys/devices
mount --bind /sys/devices/virtual/net /sys/devices/virtual/net
mount -o remount,bind,rw /sys/devices/virtual/net
mkdir -p /run/test-host
for tree in vm kernel fs; do
  cp -r /proc/sys/$tree /run/test-host/$tree 2>/dev/null
  mount --bind /run/test-host/$tree /proc/sys/$tree
done
Y
chmod 755 "$root/usr/local/sbin/test-host-prepare"
cat >"$root/etc/systemd/system/test-host-prepare.service" <<'Y'
[Unit]
DefaultDependencies=no
Before=systemd-sysctl.service networking.service sysinit.target
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/test-host-prepare
[Install]
WantedBy=sysinit.target
Y
# logind stays: without it `systemctl reboot` fails.
chroot "$root" sh -c '
  ssh-keygen -A
  systemctl enable ssh test-host-prepare
  for unit in bird gobgpd stayrtr rpki-client.timer rpki-client dnsmasq unattended-upgrades; do systemctl disable $unit || :; done
  systemctl mask systemd-networkd-wait-online getty@ console-getty systemd-firstboot
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*
  : >/etc/machine-id' >/dev/null 2>&1
mv "$new" "$target"
trap - EXIT
