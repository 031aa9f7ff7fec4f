#!/bin/sh
# Builds what a test guest with GPUs boots from: the disk of the plain test guest with GRUB on it, so that a change of the command line
# and of the early image is in force after a restart of the guest's own; and with what the Keeper needs, as apt-get has no network in there. Once per version of this file.
# Usage: qemu-gpu-guest.sh TARGET GUEST (TARGET: a folder that is not there yet, it gets disk.raw; GUEST: what qemu-guest.sh made)
# In a mount namespace of its own: `unshare -m --propagation private`.
set -eu
target=$1 guest=$2
[ -e "$target/disk.raw" ] && exit 0
new=$target.new
rm -rf "$new"
mkdir -p "$new/mnt"
root=$new/root
trap 'umount "$root/proc" "$new/mnt" 2>/dev/null; rm -rf --one-file-system "$new"' EXIT
mount -o loop,ro "$guest/disk.raw" "$new/mnt"
cp -a "$new/mnt" "$root"
umount "$new/mnt"
rmdir "$root/lost+found"

kernel=$(ls "$root/lib/modules")
cp "$guest/vmlinuz" "$root/boot/vmlinuz-$kernel"
cp "$guest/initrd" "$root/boot/initrd.img-$kernel"
mount -t proc proc "$root/proc"
chroot "$root" sh -c '
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install grub-pc-bin grub2-common perl smartmontools
  systemctl mask grub-common.service smartmontools.service
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*' >"$new/log" 2>&1 </dev/null || { tail -n 5 "$new/log" >&2 && exit 1; }
umount "$root/proc"

# An emulated processor takes its time: the least compression of early images, no module that nobody here needs.
echo COMPRESSLEVEL=1 >>"$root/etc/initramfs-tools/conf.d/test"
for module in kvm kvm_amd kvm_intel psmouse pcspkr joydev evdev sr_mod aesni_intel ghash_clmulni_intel iTCO_wdt i2c_i801 intel_rapl_common; do
  echo "blacklist $module"
done >"$root/etc/modprobe.d/test.conf"
mkdir -p "$root/etc/default/grub.d"
cat >"$root/etc/default/grub" <<'Y'
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="rw console=ttyS0 mitigations=off"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
GRUB_DISABLE_RECOVERY=true
Y
# The first start; update-grub writes the next one in the guest itself.
mkdir -p "$root/boot/grub/i386-pc"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root/boot/grub/i386-pc/"
cat >"$root/boot/grub/grub.cfg" <<Y
linux /boot/vmlinuz-$kernel root=PARTUUID=1abc0de5-01 rw quiet console=ttyS0 mitigations=off
initrd /boot/initrd.img-$kernel
boot
Y
# grub-install would need a disk with partitions that the machine's own kernel understands.
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/core.img -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2 normal
size=$((3 * 1024 * 1024))
truncate -s "${size}K" "$new/disk.raw"
printf 'label: dos\nlabel-id: 0x1abc0de5\n2048,,L,*\n' | sfdisk -q "$new/disk.raw"
mkfs.ext4 -q -F -E offset=1048576,lazy_itable_init=1 -d "$root" "$new/disk.raw" "$((size - 1024))k"
dd if="$root/usr/lib/grub/i386-pc/boot.img" of="$new/disk.raw" bs=440 count=1 conv=notrunc status=none
dd if="$root/boot/grub/core.img" of="$new/disk.raw" bs=512 seek=1 conv=notrunc status=none
rm -rf "$root" "$new/log" "${new:?}/mnt"
mv "$new" "$target"
trap - EXIT
