// The doctor: a node before and after, each trap of the checklist, and what the cluster says of mapping and guests.
import assert from 'node:assert/strict'
import { OrionError } from '../../../src/errors.ts'
import { type Check, type DoctorPage, examine, nodesToExamine } from '../../../src/parts/gpu/doctor.ts'
import type { Device } from '../../../src/site/services.ts'
import type { Guest, Node, Site } from '../../../src/site/site.ts'
import { type Answers, type Config, fakeCluster, pendingOf } from '../../resources/fake-cluster.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { ct, device, node, site as siteOf, vm } from '../../site/site-builder.ts'
import { BOUND, card, change, coral, HIVE, plus } from './seen.ts'

const LOOK = 'next-kernel 6.14.8-2-pve\nimage 6.14.8-2-pve yes\nend\n'
const EARLY = '/etc/initramfs-tools/scripts/init-top/orion-vfio'
const LINE = 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on initcall_blacklist=sysfb_init\n'
const MARK = 'orion;orion-test'
const GOOD: Config = {
  machine: 'q35',
  bios: 'ovmf',
  efidisk0: 'disks:vm-100-disk-1',
  cpu: 'host',
  tags: MARK,
  name: 'brain',
}
const WITH: Config = { ...GOOD, hostpci0: 'mapping=rtx-3090,pcie=1', balloon: 0 }
const EYE: Config = { ...WITH, name: 'eye', hostpci0: 'mapping=coral,pcie=1' }
const MAP = 'node=pve,path=0000:01:00,id=10de:2204,subsystem-id=10de:147d,iommugroup=2'
const EYE_MAP = 'node=pve,path=0000:02:00,id=1ac1:089a,subsystem-id=1ac1:089a,iommugroup=14'

interface World {
  readonly look?: string
  readonly doctor?: string
  readonly files?: Readonly<Record<string, string>>
  readonly pinned?: boolean
  readonly node?: Partial<Node>
  readonly devices?: readonly Device[]
  readonly guests?: readonly Guest[]
  readonly configs?: Readonly<Record<number, Config>>
  readonly running?: readonly number[]
  readonly maps?: Readonly<Record<string, string>>
  readonly answers?: Answers
}

const GUESTS = [vm('brain', 100), vm('district', 110), vm('eye', 401)]

/** A node on which all is well, but for what is said. */
function worldOf(world: World): { site: Site; look: () => Promise<DoctorPage> } {
  const {
    pinned = true,
    configs = {
      100: WITH,
      110: { ...GOOD, name: 'district' },
      401: EYE,
    },
  } = world
  const site = siteOf({
    nodes: [node('pve', { ports: { lan: 'enp5s0' }, ...world.node })],
    guests: world.guests ?? GUESTS,
    devices: world.devices ?? [card, coral],
  })
  const link = `[Match]\nMACAddress=02:00:00:00:00:01\n[Link]\nName=enp5s0\n`
  const host = fakeHost({
    name: 'pve',
    files: {
      '/etc/kernel/cmdline': LINE,
      [EARLY]: 'bind 0000:01:00.0 0x10de 0x2204\nbind 0000:01:00.1\nbind 0000:02:00.0\n',
      ...(pinned ? { '/etc/systemd/network/50-orion-enp5s0.link': link } : {}),
      ...world.files,
    },
    programs: {
      'orion-pci-look': world.look ?? BOUND,
      'orion-gpu-doctor': world.doctor ?? LOOK,
      'ip-links': JSON.stringify([{ ifname: 'enp5s0', address: '02:00:00:00:00:01' }]),
      'node-name': 'pve\n',
    },
  })
  const cluster = fakeCluster({ ...answersOf(configs, world), ...world.answers })
  const outside = { ...cluster.outside, host: host.outside.host }
  return { site, look: () => examine(site, outside, 'pve') }
}

function answersOf(
  configs: NonNullable<World['configs']>,
  { running = [100], maps = { 'rtx-3090': MAP, coral: EYE_MAP } }: World,
): Answers {
  const rows = Object.entries(configs)
  const list = rows.map(([vmid, config]) => ({
    id: `qemu/${vmid}`,
    type: 'qemu',
    node: 'pve',
    name: config.name,
    vmid: Number(vmid),
  }))
  return {
    'GET /cluster/resources': list,
    'GET /nodes/pve/qemu': list.map(({ vmid, name }) => ({
      vmid,
      name,
      status: running.includes(vmid) ? 'running' : 'stopped',
    })),
    ...Object.fromEntries(rows.map(([vmid, config]) => [`GET /nodes/pve/qemu/${vmid}/pending`, pendingOf(config)])),
    'GET /cluster/mapping/pci': Object.entries(maps).map(([id, map]) => ({ id, map: [map] })),
  }
}

/** `4 command line`, or `11 rtx-3090 reset`. */
const labelOf = ({ step, device: of, name }: Check): string =>
  [step, of, name].filter((part) => part !== undefined).join(' ')

interface Row {
  readonly it: string
  readonly world: World
  /** Label of the check → state, and what it sees. Everything else is as on a node on which all is well. */
  readonly want: Readonly<Record<string, readonly [Check['state'] | undefined, RegExp?, RegExp?]>>
}

const bound = (...rows: readonly (readonly [RegExp, string])[]): string => change(BOUND, rows)
const APPLY = /^orion gpu apply --node pve --reboot now$/
const GIVE = /^orion gpu apply --node pve$/

const rows: readonly Row[] = [
  { it: 'all well', world: {}, want: {} },
  {
    it: 'nothing done yet',
    world: {
      look: HIVE,
      doctor: LOOK.replace('yes', 'no'),
      files: { [EARLY]: '', '/etc/kernel/cmdline': 'root=ZFS=rpool/ROOT/pve-1\n' },
      maps: {},
      configs: { 100: GOOD, 110: GOOD, 401: GOOD },
    },
    want: {
      '0 second way in': ['task'],
      '4 command line': ['fail', /^missing: intel_iommu=on, initcall_blacklist=sysfb_init$/, APPLY],
      '7 modules': ['fail', /vfio, vfio_iommu_type1, vfio_pci/, APPLY],
      '9 early images': ['fail', /that of 6\.14\.8-2-pve binds nothing/, APPLY],
      '8 rtx-3090 binding': ['fail', /0000:01:00\.0, 0000:01:00\.1/, APPLY],
      '10 rtx-3090 driver': ['fail', /nouveau has 0000:01:00\.0, snd_hda_intel has 0000:01:00\.1/, APPLY],
      '10 rtx-3090 framebuffer': ['fail', /BOOTFB/, APPLY],
      '12 rtx-3090 mapping': ['fail', /no mapping rtx-3090/, APPLY],
      '13 rtx-3090 holder': ['fail', /no guest has it/, APPLY],
      '8 coral binding': ['fail'],
      '10 coral driver': ['fail', /nobody has 0000:02:00\.0/],
      '12 coral mapping': ['fail'],
      '13 coral holder': ['fail'],
    },
  },
  {
    it: 'the node is ready, and the cluster knows nothing yet: that needs no restart',
    world: { maps: {}, configs: { 100: GOOD, 110: GOOD, 401: GOOD } },
    want: {
      '12 rtx-3090 mapping': ['fail', /no mapping rtx-3090/, GIVE],
      '13 rtx-3090 holder': ['fail', /no guest has it/, GIVE],
      '12 coral mapping': ['fail', /no mapping coral/, GIVE],
      '13 coral holder': ['fail', /no guest has it/, GIVE],
    },
  },
  {
    it: 'stored, and the node not yet restarted',
    world: { look: HIVE },
    want: {
      '0 second way in': ['task'],
      '4 command line': ['fail', /stored, and not in force/, APPLY],
      '7 modules': ['fail'],
      '10 rtx-3090 driver': ['fail'],
      '10 rtx-3090 framebuffer': ['fail'],
      '10 coral driver': ['fail'],
    },
  },
  {
    it: 'a port may be renamed',
    world: { pinned: false },
    want: { '0 port names': ['task', /^enp5s0: /, /nodes\.pve\.pinPorts: true/] },
  },
  {
    it: 'a management controller',
    world: { look: HIVE, doctor: LOOK.replace('end', 'bmc\nend') },
    want: {
      '0 second way in': ['pass', /management controller/],
      '4 command line': ['fail'],
      '7 modules': ['fail'],
      '10 rtx-3090 driver': ['fail'],
      '10 rtx-3090 framebuffer': ['fail'],
      '10 coral driver': ['fail'],
    },
  },
  {
    it: 'the IOMMU is off in the firmware',
    world: { look: bound([/^(?:iommu|group) .*\n/gm, '']) },
    want: {
      '2 firmware': ['task', /VT-d is off/, /Above 4G/],
      '5 IOMMU': ['fail', /none works/],
      '5 interrupts': [undefined],
      '6 rtx-3090 group': ['fail', /in no group/],
      '6 coral group': ['fail'],
      '12 rtx-3090 mapping': ['pass'],
    },
  },
  {
    it: 'no interrupt remapping',
    world: { look: bound([/^remapping yes/m, 'remapping no']) },
    want: { '5 interrupts': ['fail', /Operation not permitted/, /unsafeInterrupts/] },
  },
  {
    it: 'no interrupt remapping, and that is taken',
    world: {
      look: bound([/^remapping yes/m, 'remapping no']),
      node: { iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: true } },
    },
    want: { '5 interrupts': ['pass', /unsafeInterrupts/] },
  },
  {
    it: 'nobody tells of remapping',
    world: { look: bound([/^remapping yes\n/m, '']) },
    want: { '5 interrupts': ['unknown'] },
  },
  {
    it: 'the loader is not clear',
    world: { look: bound([/1A2B-5E6F is configured with: uefi/, '1A2B-5E6F is configured with: grub']) },
    want: { '3 loader': ['fail', /different loaders/] },
  },
  {
    it: 'words in the file that the loader does not read',
    world: {
      look: change(BOUND, [
        [/ intel_iommu=on initcall_blacklist=sysfb_init/, ''],
        [/initrd=\S+/, 'BOOT_IMAGE=/vmlinuz'],
        [/uefi \(versions/g, 'grub (versions'],
        [/systemd\\systemd-bootx64/g, 'proxmox\\grubx64'],
        [/^loader-info .*\n/m, ''],
      ]),
    },
    want: { '4 command line': ['fail', /is in \/etc\/kernel\/cmdline, which GRUB does not read/, APPLY] },
  },
  {
    it: 'AMD needs no word, and amd_iommu=on is none',
    world: { look: bound([/GenuineIntel/, 'AuthenticAMD'], [/intel_iommu=on/, 'amd_iommu=on']) },
    want: {
      '4 command line': [
        'pass',
        /initcall_blacklist=sysfb_init; amd_iommu=on is there, and the kernel knows no such value/,
      ],
      '2 firmware': ['pass', /AMD-Vi/],
    },
  },
  {
    it: 'a word that switches it off',
    world: { look: bound([/intel_iommu=on/, 'intel_iommu=off']) },
    want: { '4 command line': ['fail', /intel_iommu=off switches the IOMMU off/] },
  },
  {
    it: 'an ACS override that the site file does not want',
    world: { look: bound([/^cmdline .*$/m, '$& pcie_acs_override=downstream,multifunction']) },
    want: { '4 command line': ['fail', /make.* groups look apart/, /acsOverride/] },
  },
  {
    it: 'a second line in /etc/kernel/cmdline',
    world: { files: { '/etc/kernel/cmdline': `${LINE}quiet\n` } },
    want: { '4 command line': ['fail', /2 lines/] },
  },
  {
    it: 'a command line that lost its root',
    world: { files: { '/etc/kernel/cmdline': 'quiet\n' } },
    want: { '4 command line': ['fail', /no root=/] },
  },
  {
    it: 'an early image without it',
    world: { doctor: LOOK.replace('end', 'image 6.17.2-1-pve no\nend') },
    want: { '9 early images': ['fail', /that of 6\.17\.2-1-pve/] },
  },
  {
    it: 'another kernel is next',
    world: { doctor: LOOK.replace(/8-2-pve/g, '11-1-pve') },
    want: {
      '16 next kernel': ['task', /6\.14\.11-1-pve is next, and 6\.14\.8-2-pve runs/, /kernel pin 6\.14\.8-2-pve/],
    },
  },
  {
    it: 'another kernel is next, and a module is not built for it',
    world: {
      doctor: `next-kernel 6.17.2-1-pve\nimage 6.17.2-1-pve yes\ndkms gasket/1.0, 6.14.8-2-pve, x86_64: installed\nend\n`,
    },
    want: { '16 next kernel': ['fail', /gasket not built for 6\.17\.2-1-pve/, /dkms autoinstall -k 6\.17\.2-1-pve/] },
  },
  {
    it: 'a module that could not be built',
    world: { doctor: LOOK.replace('end', 'dkms vendor-reset/0.1.1, 6.14.8-2-pve, x86_64: added\nend') },
    want: { '16 next kernel': ['fail', /not built for 6\.14\.8-2-pve: vendor-reset/] },
  },
  {
    it: 'the node told little',
    world: { doctor: 'next-kernel 6' },
    want: { '9 early images': ['unknown'], '16 next kernel': ['unknown'] },
  },
  {
    it: 'the console on a card that is not said to be the first',
    world: { devices: [{ ...card, primaryGpu: false }, coral] },
    want: { '0 rtx-3090 console': ['task', /0000:01:00\.0/, /primaryGpu: true/] },
  },
  {
    it: 'a framebuffer that stays whatever the command line says',
    world: { look: bound([/^(iomem {5}a0000000.*)$/m, '$1\niomem       a0000000-a02fffff : simple-framebuffer']) },
    want: {
      '10 rtx-3090 framebuffer': [
        'fail',
        /simple-framebuffer lies in the memory/,
        /this kernel \(6\.14\.8-2-pve\) keeps it all the same/,
      ],
    },
  },
  {
    it: 'what the kernel could not reserve',
    world: { doctor: LOOK.replace('end', "log vfio-pci 0000:01:00.0: BAR 1: can't reserve [mem 0xa0000000]\nend") },
    want: { '10 rtx-3090 framebuffer': ['fail', /can't reserve/] },
  },
  {
    it: 'a card that has fallen off the bus',
    world: { look: bound([/^(pci 0000:01:00\.0 .*)power=D0/m, '$1power=D3cold silent']) },
    want: { '11 rtx-3090 power': ['fail', /does not answer \(D3cold\)/, /disable_idle_d3=1/] },
  },
  {
    it: 'a card that sleeps',
    world: { look: bound([/^(pci 0000:01:00\.0 .*)power=D0/m, '$1power=D3cold']) },
    want: { '11 rtx-3090 power': ['pass', /D3cold, D0/] },
  },
  {
    it: 'a power state that failed once',
    world: {
      doctor: LOOK.replace(
        'end',
        'log vfio-pci 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible\nend',
      ),
    },
    want: { '11 rtx-3090 power': ['task', /it answers, but/] },
  },
  {
    it: 'a reset that was given up',
    world: {
      doctor: LOOK.replace('end', 'log vfio-pci 0000:01:00.0: not ready 65535ms after bus reset; giving up\nend'),
    },
    want: { '11 rtx-3090 reset': ['fail', /giving up/] },
  },
  {
    it: 'a card that cannot be reset',
    world: { look: bound([/^(pci 0000:01:00\.0 .*) reset=bus/m, '$1']) },
    want: { '11 rtx-3090 reset': ['task', /cannot be reset/] },
  },
  {
    it: 'a card that only vendor-reset knows to reset',
    world: {
      look: bound([/10de:2204/g, '1002:731f']),
      devices: [{ ...card, ids: ['1002:731f'] }],
      maps: { 'rtx-3090': MAP.replace('10de:2204', '1002:731f') },
    },
    want: {
      '11 rtx-3090 reset': ['task', /Navi 10/, /vendor-reset/],
      '1 rtx-3090 inventory': ['pass', /10de:1aef audio goes along/],
    },
  },
  {
    it: 'a network card in the group',
    world: { look: bound([/^group 16 /m, 'group 2 ']) },
    want: { '6 rtx-3090 group': ['fail', /0000:05:00\.0 \(network card\): enp5s0 is a port of vmbr0/, /another slot/] },
  },
  {
    it: 'something in the group that nobody uses',
    world: { look: bound([/^group 8 0000:00:14\.2/m, 'group 2 0000:00:14.2']) },
    want: { '6 rtx-3090 group': ['pass', /0000:00:14\.2 8086:7a27 memory, which go along/] },
  },
  {
    it: 'a card that is not there',
    world: { look: bound([/^pci 0000:01:00\.[01] .*\n/gm, '']) },
    want: {
      '1 rtx-3090 inventory': ['fail', /no PCI device 10de:2204/],
      '0 second way in': ['task'],
      '4 command line': ['pass'],
      '12 rtx-3090 mapping': ['fail', /says 0000:01:00, and the device is not there/],
      ...Object.fromEntries(
        [
          '0 rtx-3090 console',
          '6 rtx-3090 group',
          '8 rtx-3090 binding',
          '10 rtx-3090 driver',
          '10 rtx-3090 framebuffer',
          '11 rtx-3090 power',
          '11 rtx-3090 reset',
        ].map((label) => [label, [undefined] as const]),
      ),
    },
  },
  {
    it: 'the driver of the TPU took it',
    world: {
      look: bound(
        [/driver=vfio-pci override=vfio-pci reset=flr/, 'driver=apex reset=flr'],
        [/^modules /m, 'modules apex gasket '],
      ),
    },
    want: {
      '10 coral driver': ['fail', /apex has/],
      '14 coral Coral': ['fail', /apex, gasket/],
      '0 second way in': ['task'],
    },
  },
  {
    it: 'a mapping without what Proxmox VE wants of it',
    world: { maps: { 'rtx-3090': 'node=pve,path=0000:01:00,id=10de:2204', coral: EYE_MAP } },
    want: {
      '12 rtx-3090 mapping': ['fail', /subsystem-id missing, and it is 10de:147d; iommugroup missing, and it is 2/],
    },
  },
  {
    it: 'a mapping of before the cards changed',
    world: { maps: { 'rtx-3090': MAP.replace('01:00', '02:00'), coral: EYE_MAP } },
    want: { '12 rtx-3090 mapping': ['fail', /path 0000:02:00, and it is 0000:01:00/], '13 coral holder': ['fail'] },
  },
  {
    it: 'a mapping of another node',
    world: { maps: { 'rtx-3090': MAP.replace('node=pve', 'node=other'), coral: EYE_MAP } },
    want: { '12 rtx-3090 mapping': ['fail', /does not have pve/] },
  },
  {
    it: 'a mapping as PVE writes ids',
    world: { maps: { 'rtx-3090': MAP.replace('10de:2204', '0x10DE:0x2204'), coral: EYE_MAP } },
    want: {},
  },
  {
    it: 'the standby has it',
    world: {
      configs: {
        100: GOOD,
        110: { ...WITH, name: 'district' },
        401: EYE,
      },
      running: [110],
    },
    want: { '13 rtx-3090 holder': ['task', /^district \(110\) has it and runs$/, /orion gpu move rtx-3090 brain/] },
  },
  {
    it: 'a guest that runs without what is stored for it',
    world: { configs: { 100: { ...WITH, hostpci0: [undefined, 'mapping=rtx-3090,pcie=1'] }, 110: GOOD, 401: EYE } },
    want: {
      '13 rtx-3090 holder': [
        'task',
        /runs without it, and gets it with its next start/,
        /orion vm apply --only brain --restart/,
      ],
      '13 rtx-3090 VM brain': ['pass', /stored: mapping=rtx-3090,pcie=1/],
    },
  },
  {
    it: 'a guest that runs with what is no longer stored for it',
    world: { configs: { 100: { ...GOOD, hostpci0: ['mapping=rtx-3090,pcie=1', null] }, 110: GOOD, 401: EYE } },
    want: { '13 rtx-3090 holder': ['task', /runs with it, and gives it away with its next start/] },
  },
  {
    it: 'both have it',
    world: {
      configs: {
        100: WITH,
        110: { ...WITH, name: 'district' },
        401: EYE,
      },
      running: [100],
    },
    want: { '13 rtx-3090 holder': ['fail', /brain \(100\), district \(110\) are all set to have it/] },
  },
  {
    it: 'both run with it',
    world: { configs: { 100: WITH, 110: { ...WITH, name: 'district' }, 401: EYE }, running: [100, 110] },
    want: { '13 rtx-3090 holder': ['fail', /brain \(100\), district \(110\) run with it/, /stop all but one/] },
  },
  {
    it: 'a stranger has it by its address',
    world: {
      configs: {
        100: GOOD,
        110: GOOD,
        401: EYE,
        900: { name: 'own', hostpci0: '01:00.0,pcie=1' },
      },
    },
    want: { '13 rtx-3090 holder': ['fail', /own \(900\) has it too, and not by the site file/] },
  },
  {
    it: 'a guest for which a card is too much',
    world: {
      configs: {
        100: { tags: MARK, name: 'brain', hostpci0: 'mapping=rtx-3090' },
        110: GOOD,
        401: EYE,
      },
    },
    want: {
      '13 rtx-3090 VM brain': [
        'fail',
        /machine i440fx.*firmware seabios.*balloon 0.*no pcie=1/,
        /orion vm apply --only brain/,
      ],
    },
  },
  {
    it: 'a processor with few addresses',
    world: {
      configs: {
        100: { ...WITH, cpu: 'x86-64-v2-AES' },
        110: GOOD,
        401: EYE,
      },
    },
    want: { '13 rtx-3090 VM brain': ['task', /cpu x86-64-v2-AES/] },
  },
  {
    it: 'a guest that is not there',
    world: { configs: { 100: WITH, 401: EYE } },
    want: { '13 rtx-3090 VM district': ['fail', /not there/] },
  },
  {
    it: 'an API that refuses to tell',
    world: {
      answers: {
        'GET /cluster/mapping/pci': () => {
          throw new OrionError('no right to read mappings', { code: 'E_PVE_DENIED' })
        },
      },
    },
    want: {
      '12 rtx-3090 mapping': ['unknown', /no right to read mappings/],
      '13 rtx-3090 holder': ['unknown'],
      '12 coral mapping': ['unknown'],
      '13 coral holder': ['unknown'],
    },
  },
  {
    it: 'a device for a container: the host keeps it',
    world: {
      devices: [card, { ...coral, path: '/dev/apex_0' }],
      guests: [...GUESTS.slice(0, 2), ct('eye', 401)],
      doctor: LOOK.replace('end', 'path /dev/apex_0\nend'),
      configs: { 100: WITH, 110: GOOD },
    },
    want: {
      '14 coral Coral': ['pass', /\/dev\/apex_0 for the container/],
      ...Object.fromEntries(
        [
          '8 coral binding',
          '10 coral driver',
          '10 coral framebuffer',
          '11 coral power',
          '11 coral reset',
          '12 coral mapping',
          '13 coral holder',
          '13 coral VM eye',
        ].map((label) => [label, [undefined] as const]),
      ),
    },
  },
  {
    it: 'a device at a USB port, and one that is not',
    world: { devices: [card, device('coral', { ids: ['1a6e:089a', '18d1:9302'], port: '1-4', guest: 'eye' })] },
    want: {
      '1 coral inventory': ['pass', /1a6e:089a at USB port 1-4/],
      '14 coral Coral': ['pass', /its id changes/],
      ...Object.fromEntries(
        [
          '6 coral group',
          '8 coral binding',
          '10 coral driver',
          '10 coral framebuffer',
          '11 coral power',
          '11 coral reset',
          '12 coral mapping',
          '13 coral holder',
          '13 coral VM eye',
        ].map((label) => [label, [undefined] as const]),
      ),
    },
  },
  {
    it: 'a virtual function',
    world: {
      look: bound(
        plus(
          'pci 0000:05:10.1 id=8086:1520 class=020000 driver=vfio-pci physical=0000:05:00.0',
          'group 31 0000:05:10.1',
        ),
      ),
      devices: [card, coral, device('vf', { ids: ['8086:1520'], guest: 'eye' })],
      maps: { 'rtx-3090': MAP, coral: EYE_MAP, vf: 'node=pve,path=0000:05:10.1,id=8086:1520,iommugroup=31' },
    },
    want: {
      '15 vf virtual function': ['task', /made by 0000:05:00\.0/],
      '13 vf holder': ['fail'],
      '11 vf reset': ['task'],
    },
  },
]

describe('parts/gpu/doctor', () => {
  let well: DoctorPage
  before(async () => {
    well = await worldOf({}).look()
  })

  it('knows a node on which all is well', () => {
    assert.deepEqual(
      well.checks.filter(({ state }) => state !== 'pass').map((check) => [labelOf(check), check.seen]),
      [],
    )
    assert.equal(well.checks.length, 33)
    assert.deepEqual(well.machine, ['Intel', 'UEFI', 'systemd-boot', 'kernel 6.14.8-2-pve'])
    assert.deepEqual(well.devices, [
      { name: 'rtx-3090', slot: '0000:01:00', guests: ['brain', 'district'] },
      { name: 'coral', slot: '0000:02:00', guests: ['eye'] },
    ])
  })

  for (const { it: name, world, want } of rows)
    it(name, async () => {
      const { checks } = await worldOf(world).look()
      const byLabel = new Map(checks.map((check) => [labelOf(check), check]))
      for (const [label, [state, seen, todo]] of Object.entries(want)) {
        const check = byLabel.get(label)
        assert.equal(check?.state, state, `${label}: ${check?.seen}`)
        if (seen) assert.match(check?.seen ?? '', seen)
        if (todo) assert.match(check?.todo ?? '', todo)
      }
      const known = new Set(well.checks.map(labelOf))
      const others = checks.filter(
        (check) => known.has(labelOf(check)) && !(labelOf(check) in want) && check.state !== 'pass',
      )
      assert.deepEqual(
        others.map((check) => [labelOf(check), check.seen]),
        [],
      )
    })

  it('has something to do for each that fails, or that only a person can do', async () => {
    for (const { world } of rows)
      for (const check of (await worldOf(world).look()).checks)
        assert.equal(check.todo !== undefined, check.state === 'fail' || check.state === 'task', labelOf(check))
  })

  it('tells the groups, and which of them matter', () => {
    assert.deepEqual(
      well.groups
        .filter(({ isShown }) => isShown)
        .map(({ group, members }) => [group, members.map((one) => one.device ?? one.what)]),
      [
        [0, ['display']],
        [2, ['PCI bridge', 'rtx-3090', 'rtx-3090']],
        [14, ['coral']],
      ],
    )
    assert.equal(well.groups.at(-1)?.group, undefined)
  })

  it('looks at nodes that have devices, else at all', () => {
    const nodes = [node('a'), node('b')]
    assert.deepEqual(nodesToExamine(siteOf({ nodes, devices: [device('x', { node: 'b' })] })), ['b'])
    assert.deepEqual(nodesToExamine(siteOf({ nodes })), ['a', 'b'])
  })

  it('asks little of a node without devices', async () => {
    const { checks } = await worldOf({ devices: [] }).look()
    assert.deepEqual(checks.map(labelOf), ['2 firmware', '3 loader', '5 IOMMU', '5 interrupts', '16 next kernel'])
  })
})
