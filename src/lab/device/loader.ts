// How a simulated node boots: the kernel's command line in its file, what the loader was told last, the early boot image.
import { randomUUID } from 'node:crypto'
import { failed, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { bytesOf, type HostState, putText, textAt } from '../host/state.ts'

export const KERNEL = '6.14.8-2-pve'
const UUIDS = '/etc/kernel/proxmox-boot-uuids'
const LINE = '/etc/kernel/cmdline'
const GRUB = '/etc/default/grub'
const ESPS = ['1A2B-3C4D', '1A2B-5E6F']
/** What of /etc an early boot image has copies of. */
const EARLY = /^\/etc\/(modprobe\.d|modules-load\.d|initramfs-tools)\//

export interface BootState {
  id: string
  /** Milliseconds since the epoch; 0 = before the lab. */
  startedMs: number
  /** It is on its way down and up again; until when. */
  downUntilMs?: number
  readonly loader: 'grub' | 'systemd-boot'
  /** What the next start gets. */
  line: string
  /** Files in the early boot image, with their modes. */
  early: Record<string, { readonly text: string; readonly mode: number }>
  /** Guarded changes that were confirmed before the last start. */
  known?: readonly string[]
  /** Modules that the last start was told to load. */
  modules: readonly string[]
}

/** A host that was just installed: ZFS boots by systemd-boot, everything else by GRUB. */
export function installLoader(host: HostState, root: string): void {
  const line = root === 'zfs' ? 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' : 'root=/dev/mapper/pve-root ro'
  const boot: BootState = {
    id: randomUUID(),
    startedMs: 0,
    loader: root === 'zfs' ? 'systemd-boot' : 'grub',
    line: '',
    early: {},
    modules: [],
  }
  host.boot = boot
  putText(host, '/etc/default/pve-ha-manager', '# WATCHDOG_MODULE=ipmi_watchdog\n')
  if (boot.loader === 'systemd-boot') {
    putText(host, UUIDS, ESPS.map((uuid) => `${uuid}\n`).join(''))
    putText(host, LINE, `${line}\n`)
  } else
    putText(host, GRUB, `GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n`)
  refreshLoader(host)
  makeEarly(host)
  putText(host, '/proc/cmdline', `${boot.line}\n`, 0o444)
}

/** What the loader's own tool makes of the files as they are now. */
function refreshLoader(host: HostState): void {
  if (!host.boot) return
  if (host.boot.loader === 'systemd-boot') {
    const [own = ''] = (textAt(host, LINE) ?? '').split('\n')
    host.boot.line = `initrd=\\EFI\\proxmox\\${KERNEL}\\initrd.img-${KERNEL} ${own.trim()}`
    return
  }
  const line = `BOOT_IMAGE=/boot/vmlinuz-${KERNEL} root=/dev/mapper/pve-root ro ${grubOptions(host)}`.trim()
  host.boot.line = line
  putText(
    host,
    '/boot/grub/grub.cfg',
    `menuentry 'Proxmox VE GNU/Linux' {\n\tlinux\t${line.replace('BOOT_IMAGE=', '')}\n}\n`,
  )
}

/** GRUB's defaults are a shell's assignments, the drop-ins after the file. */
function grubOptions({ files }: HostState): string {
  const paths = Object.keys(files).filter((path) => path === GRUB || /^\/etc\/default\/grub\.d\/.*\.cfg$/.test(path))
  const values: Record<string, string> = {}
  for (const path of paths.sort()) {
    for (const [, name = '', quoted] of (textAt({ files }, path) ?? '').matchAll(
      /^(GRUB_CMDLINE_LINUX\w*)="([^"\n]*)"/gm,
    )) {
      values[name] = (quoted ?? '').replace(/\$\{?(\w+)\}?/g, (_, other: string) => values[other] ?? '')
    }
  }
  const all = [values.GRUB_CMDLINE_LINUX, values.GRUB_CMDLINE_LINUX_DEFAULT]
  return all.join(' ').trim().replace(/\s+/g, ' ')
}

function makeEarly(host: HostState): void {
  if (!host.boot) return
  const rows = Object.entries(host.files).filter(([path]) => EARLY.test(path))
  host.boot.early = Object.fromEntries(
    rows.map(([path, file]) => [path, { text: bytesOf(file).toString('utf8'), mode: file.mode }]),
  )
}

/** Proxmox's hook brings every new image to the ESPs, with the command line as it is then. */
export const updateInitramfs: Program = ({ host, world }) => {
  makeEarly(host)
  if (host.boot?.loader === 'systemd-boot') refreshLoader(host)
  world.changed()
  return ok(`update-initramfs: Generating /boot/initrd.img-${KERNEL}\n`)
}

const updateGrub: Program = ({ host, world }) => {
  if (host.boot?.loader === 'grub') refreshLoader(host)
  world.changed()
  return ok(`Generating grub configuration file ...\nFound linux image: /boot/vmlinuz-${KERNEL}\ndone\n`)
}

/** `status`, `refresh`, `kernel list` */
const bootTool: Program = ({ host, world }, [verb = '', sub]): Output => {
  if (textAt(host, UUIDS) === undefined) return failed(2, `E: ${UUIDS} does not exist.`)
  if (verb === 'refresh') {
    refreshLoader(host)
    world.changed()
    return ok(`Running hook script 'zz-proxmox-boot'..\nCopying kernel and creating boot-entry for ${KERNEL}\n`)
  }
  if (verb === 'kernel' && sub === 'list')
    return ok(`Manually selected kernels:\nNone.\n\nAutomatically selected kernels:\n${KERNEL}\n`)
  if (verb !== 'status') return failed(1, `E: unknown command '${verb}'`)
  const lines = ESPS.map((uuid) => `${uuid} is configured with: uefi (versions: ${KERNEL})\n`)
  return ok(`System currently booted with uefi\n${lines.join('')}`)
}

/** What the firmware starts, as `efibootmgr -v` has it. */
const efiBootManager: Program = ({ host }: Machine): Output => {
  if (host.boot?.loader !== 'systemd-boot') return failed(2, 'EFI variables are not supported on this system.')
  const entry = 'Linux Boot Manager\tHD(2,GPT,5e1b,0x800,0x200000)/File(\\EFI\\systemd\\systemd-bootx64.efi)'
  return ok(`BootCurrent: 0001\nTimeout: 1 seconds\nBootOrder: 0001\nBoot0001* ${entry}\n`)
}

export const loaderPrograms: Readonly<Record<string, Program>> = {
  'update-initramfs': updateInitramfs,
  'update-grub': updateGrub,
  'proxmox-boot-tool': bootTool,
  efibootmgr: efiBootManager,
}
