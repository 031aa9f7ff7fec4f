// The early boot image holds copies of some files of /etc: it is made anew when they change.

/** For all kernels, as Proxmox's own tools do it; a host without such images needs none. */
export const REBUILD: readonly string[] = [
  'sh',
  '-c',
  'command -v update-initramfs > /dev/null || exit 0; exec update-initramfs -u -k all',
  'orion-initramfs',
]

/** It takes about a minute for each kernel; the host waits longer for us. */
export const REBUILD_SECONDS = 900
