#!/bin/sh
# Lays real daemons of one Debian release into a folder, without installing anything: TARGET/bin/NAME runs each with its own libraries.
# Usage: tree.sh TARGET SUITE (bookworm or trixie; TARGET is a folder that is not there yet)
set -eu
target=$1 suite=$2
[ -d "$target/bin" ] && exit 0
new=$target.new
rm -rf "$new"
mkdir -p "$new/bin"
trap 'rm -rf "$new"' EXIT
root=$new/root debs=$new/debs

packages=bird2,gobgpd,bgpq4,stayrtr,dnsmasq-base,busybox,wireguard-tools,wireguard-go,openssl
[ "$suite" = bookworm ] || packages=$packages,bird3,rpki-client,bind9-dnsutils

# No mirror is named: debootstrap takes its default, checks signatures, and finds the libraries.
debootstrap --download-only --variant=minbase --include="$packages" "$suite" "$debs"

unpack() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"; }
# Merged /usr, as Debian has it.
for folder in bin sbin lib lib64; do
  mkdir -p "$root/usr/$folder"
  ln -s "usr/$folder" "$root/$folder"
done
for deb in "$debs"/var/cache/apt/archives/*.deb; do
  case ${deb##*/} in
    # The same paths as bird2's.
    bird3_*) mkdir -p "$root/opt/bird3" && unpack "$deb" "$root/opt/bird3" ;;
    *) unpack "$deb" "$root" ;;
  esac
done
rm -rf "$debs" "$root/usr/share/doc" "$root/usr/share/locale" "$root/usr/share/man"

# The release's loader and libraries, on the machine's own files: paths in /tmp and network namespaces are what they are outside.
libraries=$(dirname "$(find "$root/usr/lib" -name libc.so.6)")
loader=$(find "$root/usr/lib64" -name 'ld-linux-*.so.2' | head -n 1)
[ -n "$loader" ] || loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux-*' | head -n 1)
# What was found in $new is in $target afterwards.
here() { printf '%s' "$target${1#"$new"}"; }
program() { # NAME FILE [ARGUMENT…]
  name=$1 file=$root/$2
  shift 2
  [ -x "$file" ] || return 0
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" %s"$@"\n' \
    "$(here "$loader")" "$(here "$libraries")" "$(here "$file")" "${*:+$* }" >"$new/bin/$name"
  chmod 755 "$new/bin/$name"
}
for name in bird birdc dnsmasq rpki-client; do program $name usr/sbin/$name; done
for name in gobgpd gobgp bgpq4 stayrtr dig wg wireguard-go openssl; do program $name usr/bin/$name; done
program bird3 opt/bird3/usr/sbin/bird
program birdc3 opt/bird3/usr/sbin/birdc
program udhcpc usr/bin/busybox udhcpc
mv "$new" "$target"
trap - EXIT
