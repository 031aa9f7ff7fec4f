// orion-pci-look for real: on this machine, on made-up machines in a folder, with dash and shellcheck.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { doctorFacts, getDoctorLook } from '../../../src/parts/gpu/doctor-look.ts'
import type { Machine, PciDevice } from '../../../src/parts/gpu/machine.ts'
import { machineFacts, parseMachine } from '../../../src/parts/gpu/machine-read.ts'
import { needs } from '../../setup.ts'
import { look, type Tree, type TreeDevice } from './tree.ts'

const PORT = 'pci0000:00/0000:00:01.0'
const gpu: TreeDevice = {
  path: `${PORT}/0000:01:00.0`,
  id: '10de:2204',
  subsystem: '10de:147d',
  class: '030000',
  driver: 'nouveau',
  group: 2,
  files: { reset_method: 'flr bus\n', boot_vga: '1\n' },
}
const port: TreeDevice = {
  path: PORT,
  id: '8086:a70d',
  class: '060400',
  driver: 'pcieport',
  group: 2,
  files: { 'pci_bus/0000:01/x': '' },
}
const proc = {
  'proc/sys/kernel/osrelease': '6.14.8-2-pve\n',
  'proc/sys/kernel/random/boot_id': 'boot-1\n',
  'proc/cmdline': 'BOOT_IMAGE=/boot/vmlinuz-6.14.8-2-pve root=/dev/mapper/pve-root ro quiet\n',
  'proc/cpuinfo': 'processor\t: 0\nvendor_id\t: GenuineIntel\nprocessor\t: 1\nvendor_id\t: GenuineIntel\n',
}

const read = (tree: Tree): Machine => parseMachine(look({ ...tree, files: { ...proc, ...tree.files } }))

const only = (tree: Tree, address: string): PciDevice => {
  const found = read(tree).devices.find((one) => one.address === address)
  assert.ok(found, `no ${address}`)
  return found
}

interface Row {
  readonly it: string
  readonly tree: Tree
  readonly at: string
  readonly want: { readonly [Key in keyof PciDevice]?: PciDevice[Key] | undefined }
}

const nic = (path: string, name: string, files: Record<string, string>): Pick<Tree, 'files' | 'links'> => ({
  files: Object.fromEntries(
    Object.entries(files).map(([key, text]) => [`sys/devices/${path}/net/${name}/${key}`, text]),
  ),
  links: {
    [`sys/class/net/${name}`]: `sys/devices/${path}/net/${name}`,
    [`sys/devices/${path}/net/${name}/device`]: `sys/devices/${path}`,
  },
})
const NIC: TreeDevice = { path: 'pci0000:00/0000:05:00.0', id: '8086:15f3', class: '020000', driver: 'igc', group: 16 }
const NVME: TreeDevice = { path: 'pci0000:00/0000:03:00.0', id: '144d:a80a', class: '010802', driver: 'nvme' }
const VIRTUAL = 'sys/devices/virtual/nvme-subsystem/nvme-subsys0'

const rows: readonly Row[] = [
  {
    it: 'a graphics card with its group, driver, resets and the console',
    tree: { devices: [port, gpu] },
    at: '0000:01:00.0',
    want: {
      id: '10de:2204',
      subsystem: '10de:147d',
      driver: 'nouveau',
      group: 2,
      resetMethods: ['flr', 'bus'],
      bootVga: true,
      power: 'D0',
      answers: true,
    },
  },
  { it: 'a bridge', tree: { devices: [port] }, at: '0000:00:01.0', want: { bridge: true, resetMethods: [] } },
  {
    it: 'a device that nobody has, with an override and without group or subsystem',
    tree: {
      devices: [
        { path: 'pci0000:00/0000:02:00.0', id: '1ac1:089a', class: '0880ff', files: { driver_override: 'vfio-pci\n' } },
      ],
    },
    at: '0000:02:00.0',
    want: { driver: undefined, override: 'vfio-pci', group: undefined, subsystem: undefined },
  },
  {
    it: 'a device that has fallen off the bus',
    tree: { devices: [{ ...gpu, files: { power_state: 'D3cold\n', config: Buffer.alloc(64, 0xff) } }] },
    at: '0000:01:00.0',
    want: { answers: false, power: 'D3cold', id: '10de:2204' },
  },
  {
    it: 'a virtual function of a network card',
    tree: { devices: [{ ...NIC, links: { physfn: NIC.path }, path: 'pci0000:00/0000:05:10.1' }, NIC] },
    at: '0000:05:10.1',
    want: { physical: '0000:05:00.0' },
  },
  {
    it: 'a kernel that knows no reset methods and no power state',
    tree: { devices: [{ ...NVME, files: { power_state: '', driver_override: '' } }] },
    at: '0000:03:00.0',
    want: { resetMethods: [], power: 'unknown', override: undefined },
  },
  {
    it: 'a port of a bridge',
    tree: {
      devices: [NIC],
      files: {
        ...nic(NIC.path, 'enp5s0', { flags: '0x1103\n' }).files,
        'sys/devices/virtual/net/vmbr0/flags': '0x1003\n',
      },
      links: {
        ...nic(NIC.path, 'enp5s0', {}).links,
        [`sys/devices/${NIC.path}/net/enp5s0/master`]: 'sys/devices/virtual/net/vmbr0',
      },
    },
    at: '0000:05:00.0',
    want: { interfaces: ['enp5s0'], uses: ['enp5s0 is a port of vmbr0'] },
  },
  {
    it: 'an interface that is up without a bridge',
    tree: { devices: [NIC], ...nic(NIC.path, 'eno1', { flags: '0x1003\n' }) },
    at: '0000:05:00.0',
    want: { interfaces: ['eno1'], uses: ['eno1 is up'] },
  },
  {
    it: 'an interface that nobody uses',
    tree: { devices: [NIC], ...nic(NIC.path, 'eno2', { flags: '0x1002\n' }) },
    at: '0000:05:00.0',
    want: { interfaces: ['eno2'], uses: [] },
  },
  {
    it: 'a disk with a pool, a file system by its number, and a volume group',
    tree: {
      devices: [NVME],
      files: {
        [`sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/dev`]: '259:0\n',
        [`sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/nvme0n1p2/dev`]: '259:2\n',
        [`sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/nvme0n1p2/partition`]: '2\n',
        [`sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/nvme0n1p2/holders/dm-0/dm/name`]: 'pve-root\n',
        [`sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/nvme0n1p2/holders/md0/x`]: '',
        'proc/self/mountinfo': '24 1 259:2 / /boot/efi rw,relatime shared:1 - vfat /dev/nvme0n1p2 rw\n',
      },
      links: {
        'sys/class/block/nvme0n1': `sys/devices/${NVME.path}/nvme/nvme0/nvme0n1`,
        'sys/class/block/nvme0n1p2': `sys/devices/${NVME.path}/nvme/nvme0/nvme0n1/nvme0n1p2`,
      },
      programs: {
        zpool: '  pool: rpool\n state: ONLINE\nconfig:\n\tNAME  STATE\n\trpool ONLINE\n\t  /dev/nvme0n1p2  ONLINE',
      },
    },
    at: '0000:03:00.0',
    want: {
      disks: ['nvme0n1'],
      uses: [
        'nvme0n1 is mounted on /boot/efi',
        'nvme0n1 is in the pool rpool',
        'nvme0n1 is part of pve-root',
        '1 more',
      ],
    },
  },
  {
    it: 'a disk that may have several controllers',
    tree: {
      devices: [NVME],
      files: {
        [`${VIRTUAL}/nvme0n1/dev`]: '259:0\n',
        [`sys/devices/${NVME.path}/nvme/nvme0/x`]: '',
        'proc/swaps': 'Filename Type Size Used Priority\n/dev/nvme0n1 partition 1 0 -2\n',
      },
      links: {
        'sys/class/block/nvme0n1': `${VIRTUAL}/nvme0n1`,
        [`${VIRTUAL}/nvme0`]: `sys/devices/${NVME.path}/nvme/nvme0`,
      },
    },
    at: '0000:03:00.0',
    want: { disks: ['nvme0n1'], uses: ['nvme0n1 has swap'] },
  },
  {
    it: 'the framebuffer in the memory of a function, and of the innermost one',
    tree: {
      devices: [port, gpu],
      files: {
        'proc/iomem':
          '00000000-00000fff : Reserved\n80000000-f7ffffff : PCI Bus 0000:00\n  a0000000-b1ffffff : PCI Bus 0000:01\n    a0000000-afffffff : 0000:01:00.0\n      a0000000-a02fffff : BOOTFB\n    b0000000-b1ffffff : 0000:01:00.0\n',
      },
    },
    at: '0000:01:00.0',
    want: { framebuffer: 'BOOTFB' },
  },
]

describe('parts/gpu/look', () => {
  for (const { it: name, tree, at, want } of rows)
    it(name, () => {
      const found = only(tree, at)
      for (const [key, value] of Object.entries(want)) assert.deepEqual(found[key as keyof PciDevice], value, key)
    })

  it('the machine itself', () => {
    const machine = read({
      devices: [gpu],
      files: {
        'sys/class/iommu/dmar0/x': '',
        'sys/module/vfio_pci/x': '',
        'lib/modules/6.14.8-2-pve/modules.builtin': 'kernel/drivers/vfio/vfio.ko\nkernel/drivers/i2c/i2c-core.ko.zst\n',
        'proc/interrupts': ' 24: 1 0 IR-PCI-MSI-0000:00:1f.2 0-edge ahci\n',
      },
    })
    const { kernel, bootId, cpu, firmware, iommus, remapping } = machine
    assert.deepEqual(
      { kernel, bootId, cpu, firmware, iommus, remapping },
      { kernel: '6.14.8-2-pve', bootId: 'boot-1', cpu: 'intel', firmware: 'bios', iommus: ['dmar0'], remapping: true },
    )
    assert.deepEqual([...machine.modules].sort(), ['i2c_core', 'vfio', 'vfio_pci'])
    assert.equal(machine.loader.kind, 'grub')
  })

  it('what the loader says of itself, and the tools', () => {
    const info = Buffer.concat([Buffer.from([6, 0, 0, 0]), Buffer.from('systemd-boot 257.7\0', 'utf16le')])
    const { loader } = read({
      files: {
        'proc/cmdline':
          'initrd=\\EFI\\proxmox\\6.14.8-2-pve\\initrd.img-6.14.8-2-pve root=ZFS=rpool/ROOT/pve-1 boot=zfs\n',
        'sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f': info,
        'etc/kernel/proxmox-boot-uuids': '# ESPs\n\nABCD-1234\n',
      },
      programs: {
        'proxmox-boot-tool':
          'System currently booted with uefi\nABCD-1234 is configured with: uefi (versions: 6.14.8-2-pve)',
        efibootmgr:
          'BootCurrent: 0001\nBoot0001* Linux Boot Manager\tHD(2,GPT)/File(\\EFI\\systemd\\systemd-bootx64.efi)',
      },
    })
    assert.deepEqual(loader, {
      kind: 'systemd-boot',
      synced: true,
      signals: [
        { source: 'proxmox-boot-tool', says: 'ABCD-1234 has systemd-boot' },
        { source: 'EFI entry', says: 'Boot0001 starts \\EFI\\systemd\\systemd-bootx64.efi' },
        { source: 'loader', says: 'systemd-boot 257.7' },
        { source: '/proc/cmdline', says: 'initrd=\\EFI\\proxmox\\6.14.8-2-pve\\initrd.img-6.14.8-2-pve' },
      ],
    })
  })

  it('keyboards and what else is at USB ports, with their controllers', () => {
    const usb = 'pci0000:00/0000:00:14.0/usb1'
    const { usb: seen } = read({
      files: {
        [`sys/devices/${usb}/idVendor`]: '1d6b\n',
        [`sys/devices/${usb}/1-3/idVendor`]: '046d\n',
        [`sys/devices/${usb}/1-3/idProduct`]: 'C31C\n',
        [`sys/devices/${usb}/1-3/1-3:1.0/bInterfaceClass`]: '03\n',
        [`sys/devices/${usb}/1-3/1-3:1.0/bInterfaceProtocol`]: '01\n',
        [`sys/devices/${usb}/1-4/1-4.2/idVendor`]: '1a6e\n',
        [`sys/devices/${usb}/1-4/1-4.2/idProduct`]: '089a\n',
      },
      links: Object.fromEntries(
        [
          ['usb1', usb],
          ['1-3', `${usb}/1-3`],
          ['1-3:1.0', `${usb}/1-3/1-3:1.0`],
          ['1-4.2', `${usb}/1-4/1-4.2`],
        ].map(([name, path]) => [`sys/bus/usb/devices/${name}`, `sys/devices/${path}`]),
      ),
    })
    assert.deepEqual(seen, [
      { port: '1-3', id: '046d:c31c', controller: '0000:00:14.0', isKeyboard: true },
      { port: '1-4.2', id: '1a6e:089a', controller: '0000:00:14.0', isKeyboard: false },
    ])
  })

  it('a machine without PCI, and one without anything', () => {
    assert.deepEqual(read({}).devices, [])
    const nothing = parseMachine(look({}))
    assert.equal(nothing.isTold, true)
    assert.deepEqual([nothing.devices, nothing.iommus, nothing.kernel], [[], [], ''])
  })

  it('this machine, whoever asks', () => {
    const [program = '', ...args] = machineFacts().commands?.['pci-look'] ?? []
    const here = parseMachine(execFileSync(program, args, { encoding: 'utf8' }))
    assert.equal(here.isTold, true)
    assert.notEqual(here.kernel, '')
    assert.deepEqual(
      here.devices.map(({ address }) => address),
      readdirSync('/sys/bus/pci/devices').sort(),
    )
    if (process.getuid?.() !== 0) return
    const nobody = execFileSync(program, args, {
      encoding: 'utf8',
      uid: 65_534,
      gid: 65_534,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    assert.equal(parseMachine(nobody).devices.length, here.devices.length)
  })

  it('the doctor’s own look here, with a node of /dev that is there and one that is not', function () {
    this.timeout(60_000)
    const [, , facts] = doctorFacts(['/dev/null', '/dev/apex_9'])
    const [program = '', ...args] = facts?.commands?.['gpu-doctor'] ?? []
    const stdout = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    const seen = getDoctorLook({
      files: new Map(),
      commands: new Map([['gpu-doctor', { code: 0, stdout, stderr: '' }]]),
    })
    assert.deepEqual([...(seen?.paths ?? [])], ['/dev/null'])
  })

  it('are sound to shellcheck', async function () {
    await needs(this, ['shellcheck'])
    for (const { commands = {} } of doctorFacts([]))
      for (const [program, , text = ''] of Object.values(commands))
        if (program === 'sh') execFileSync('shellcheck', ['-s', 'sh', '-'], { input: text })
  })
})
