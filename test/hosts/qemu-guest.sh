#!/bin/sh
# Builds what a test guest boots from: the test hosts' file tree with Debian's kernel, as a disk. Once per version of this file.
# Usage: qemu-guest.sh TARGET ROOTFS (TARGET: a folder that is not there yet; it gets disk.raw, vmlinuz and initrd)
# In a mount namespace of its own: `unshare -m --propagation private`.
set -eu
target=$1 base=$2
[ -e "$target/disk.raw" ] && exit 0
new=$target.new
rm -rf "$new"
mkdir -p "$new"
root=$new/root
trap 'umount "$root/proc" 2>/dev/null; rm -rf --one-file-system "$new"' EXIT
cp -a "$base" "$root"

# What only a container needs.
rm "$root/etc/systemd/system/test-host-prepare.service" "$root/etc/systemd/system/sysinit.target.wants/test-host-prepare.service"
echo guest >"$root/etc/hostname"
cat >"$root/etc/network/interfaces" <<'Y'
auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address 10.0.2.15/24
	gateway 10.0.2.2
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
Y
for port in 1 2 3 4; do
  printf '[Match]\nMACAddress=52:54:00:00:00:0%s\n\n[Link]\nName=eno%s\n' $port $port >"$root/etc/systemd/network/10-eno$port.link"
done

# The network's driver is in the initramfs: networking.service would be too early for it.
mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
echo MODULES=list >"$root/etc/initramfs-tools/conf.d/test"
printf '%s\n' virtio_pci virtio_blk virtio_net ext4 >"$root/usr/share/initramfs-tools/modules.d/test"
mount -t proc proc "$root/proc"
chroot "$root" sh -c '
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install linux-image-amd64 initramfs-tools
  systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*' >"$new/log" 2>&1 </dev/null || { tail -n 5 "$new/log" >&2 && exit 1; }
umount "$root/proc"

mv "$root"/boot/vmlinuz-* "$new/vmlinuz"
mv "$root"/boot/initrd.img-* "$new/initrd"
truncate -s 2G "$new/disk.raw"
mkfs.ext4 -q -F -E lazy_itable_init=1 -d "$root" "$new/disk.raw"
rm -rf "$root" "$new/log"
mv "$new" "$target"
trap - EXIT
