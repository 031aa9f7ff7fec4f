// What loads the kernel, from recorded answers of the tools: every layout of Proxmox VE, and those where orion must not guess.
import assert from 'node:assert/strict'
import { getLoader, type LoaderFacts } from '../../../src/parts/gpu/loader.ts'
import type { Loader } from '../../../src/parts/gpu/machine.ts'

const GRUB_LINE = 'BOOT_IMAGE=/boot/vmlinuz-6.14.8-2-pve root=/dev/mapper/pve-root ro quiet'
const ZFS_GRUB_LINE = 'BOOT_IMAGE=/vmlinuz-6.14.8-2-pve root=ZFS=/ROOT/pve-1 ro root=ZFS=rpool/ROOT/pve-1 boot=zfs'
const SYSTEMD_LINE = 'initrd=\\EFI\\proxmox\\6.14.8-2-pve\\initrd.img-6.14.8-2-pve root=ZFS=rpool/ROOT/pve-1 boot=zfs'
const HEAD = [
  "Re-executing '/usr/sbin/proxmox-boot-tool' in new private mount namespace..",
  'System currently booted with uefi',
]
const NO_ESPS = [...HEAD.slice(0, 1), 'E: /etc/kernel/proxmox-boot-uuids does not exist.']
const esp = (name: string, what: string) => `${name} is configured with: ${what}`
const UEFI = 'uefi (versions: 6.14.8-1-pve, 6.14.8-2-pve)'
const GRUB = 'grub (versions: 6.14.8-1-pve, 6.14.8-2-pve)'
/** As efibootmgr 17 says it, and 18 without `File()`. */
const entry = (file: string) => [
  'BootCurrent: 0001',
  'BootOrder: 0001',
  `Boot0001* proxmox\tHD(2,GPT,5a1c)/File(${file})`,
]
const newEntry = (file: string) => [
  'BootCurrent: 000A',
  `Boot000A* Linux Boot Manager\tHD(2,GPT,5a1c,0x800,0x200000)/${file}`,
]

interface Row {
  readonly it: string
  readonly facts: Partial<LoaderFacts>
  readonly kind?: Loader['kind']
  readonly synced?: boolean
  readonly problem?: RegExp
}

const rows: readonly Row[] = [
  { it: 'GRUB with BIOS', facts: { firmware: 'bios', commandLine: GRUB_LINE, bootTool: NO_ESPS }, kind: 'grub' },
  {
    it: 'GRUB with BIOS on ESPs, as ZFS has it, whatever /etc/kernel/cmdline is there',
    facts: {
      firmware: 'bios',
      commandLine: ZFS_GRUB_LINE,
      esps: ['A', 'B'],
      bootTool: [...HEAD, esp('A', GRUB), esp('B', GRUB)],
    },
    kind: 'grub',
    synced: true,
  },
  {
    it: 'GRUB with UEFI, plain',
    facts: { commandLine: GRUB_LINE, bootTool: NO_ESPS, efi: entry('\\EFI\\proxmox\\grubx64.efi') },
    kind: 'grub',
  },
  {
    it: 'GRUB with UEFI, without efibootmgr and proxmox-boot-tool',
    facts: { commandLine: GRUB_LINE },
    kind: 'grub',
  },
  {
    it: 'GRUB with Secure Boot on ESPs that proxmox-boot-tool keeps',
    facts: {
      commandLine: ZFS_GRUB_LINE,
      esps: ['A'],
      bootTool: [...HEAD, esp('A', GRUB)],
      efi: newEntry('\\EFI\\proxmox\\shimx64.efi'),
    },
    kind: 'grub',
    synced: true,
  },
  {
    it: 'systemd-boot',
    facts: {
      commandLine: SYSTEMD_LINE,
      esps: ['A', 'B'],
      bootTool: [...HEAD, esp('A', UEFI), esp('B', UEFI)],
      efi: newEntry('\\EFI\\systemd\\systemd-bootx64.efi'),
      loaderInfo: 'systemd-boot 257.7-1',
    },
    kind: 'systemd-boot',
    synced: true,
  },
  {
    it: 'systemd-boot by the fallback file, which may be anything',
    facts: {
      commandLine: SYSTEMD_LINE,
      esps: ['A'],
      bootTool: [esp('A', UEFI)],
      efi: entry('\\EFI\\BOOT\\BOOTX64.EFI'),
    },
    kind: 'systemd-boot',
    synced: true,
  },
  {
    it: 'ESPs that have both: what started decides',
    facts: {
      commandLine: SYSTEMD_LINE,
      esps: ['A'],
      bootTool: [esp('A', `${UEFI}, ${GRUB}`)],
      loaderInfo: 'systemd-boot 257',
    },
    kind: 'systemd-boot',
    synced: true,
  },
  {
    it: 'one of two ESPs is gone',
    facts: {
      commandLine: SYSTEMD_LINE,
      esps: ['A', 'B'],
      bootTool: [
        ...HEAD,
        "WARN: /dev/disk/by-uuid/B does not exist - clean '/etc/kernel/proxmox-boot-uuids'! - skipping",
        esp('A', UEFI),
      ],
    },
    kind: 'systemd-boot',
    synced: true,
  },
  {
    it: 'refuses ESPs with different loaders',
    facts: {
      commandLine: SYSTEMD_LINE,
      esps: ['A', 'B'],
      bootTool: [esp('A', UEFI), esp('B', GRUB)],
      loaderInfo: 'systemd-boot 257',
    },
    synced: true,
    problem: /different loaders \(A has systemd-boot, B has GRUB\)/,
  },
  {
    it: 'refuses one ESP with both beside one with one',
    facts: { commandLine: ZFS_GRUB_LINE, esps: ['A', 'B'], bootTool: [esp('A', `${UEFI}, ${GRUB}`), esp('B', GRUB)] },
    synced: true,
    problem: /different loaders/,
  },
  {
    it: 'refuses signs that contradict: the ESPs are for systemd-boot, and GRUB started',
    facts: {
      commandLine: GRUB_LINE,
      esps: ['A'],
      bootTool: [esp('A', UEFI)],
      efi: entry('\\EFI\\proxmox\\grubx64.efi'),
    },
    synced: true,
    problem: /not clear: systemd-boot by proxmox-boot-tool .*, GRUB by EFI entry .*, GRUB by \/proc\/cmdline/,
  },
  {
    it: 'refuses a systemd-boot that Proxmox’s own tool does not keep',
    facts: { commandLine: 'root=/dev/sda2 ro', bootTool: NO_ESPS, efi: entry('\\EFI\\systemd\\systemd-bootx64.efi') },
    problem: /not clear: GRUB by proxmox-boot-tool/,
  },
  {
    it: 'refuses a single sign',
    facts: { commandLine: 'root=ZFS=rpool/ROOT/pve-1', esps: ['A'], bootTool: [esp('A', UEFI)] },
    synced: true,
    problem: /only one thing says .*: systemd-boot by proxmox-boot-tool/,
  },
  {
    it: 'refuses BIOS alone',
    facts: { firmware: 'bios', commandLine: 'root=/dev/vda1' },
    problem: /only one thing says/,
  },
  {
    it: 'refuses where nothing tells',
    facts: { commandLine: 'root=/dev/vda1', hasGrubConfig: false, bootTool: ['E: no root'], esps: ['A'] },
    synced: true,
    problem: /nothing says/,
  },
]

describe('parts/gpu/loader', () => {
  for (const { it: name, facts, kind, synced = false, problem } of rows)
    it(name, () => {
      const loader = getLoader({
        firmware: 'uefi',
        commandLine: '',
        hasGrubConfig: true,
        bootTool: [],
        efi: [],
        ...facts,
      })
      assert.equal(loader.kind, kind)
      assert.equal(loader.synced, synced)
      if (problem) assert.match(loader.problem ?? '', problem)
      else assert.equal(loader.problem, undefined)
      assert.equal(loader.kind === undefined, loader.problem !== undefined)
    })
})
