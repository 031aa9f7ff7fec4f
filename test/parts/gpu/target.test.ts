// Which functions a device of the site file is, who goes along, and when that is a hard stop.
import assert from 'node:assert/strict'
import type { Machine } from '../../../src/parts/gpu/machine.ts'
import { parseMachine } from '../../../src/parts/gpu/machine-read.ts'
import { getHazards, getTarget } from '../../../src/parts/gpu/target.ts'
import type { Device } from '../../../src/site/services.ts'
import { card, machineOf, plus } from './seen.ts'

const SECOND = [
  'pci 0000:0a:00.0 id=10de:2204 class=030000 driver=nouveau',
  'pci 0000:0a:00.1 id=10de:1aef class=040300',
  'group 30 0000:0a:00.0',
  'group 30 0000:0a:00.1',
]
const VIRTUAL = [
  'pci 0000:05:10.0 id=8086:1520 class=020000 driver=igbvf physical=0000:05:00.0',
  'pci 0000:05:10.1 id=8086:1520 class=020000 physical=0000:05:00.0',
  'group 31 0000:05:10.0',
  'group 32 0000:05:10.1',
]
const CHIPSET = [
  'pci 0000:00:1f.0 id=8086:7a04 class=060100',
  'pci 0000:00:1f.3 id=8086:7a50 class=040300 driver=snd_hda_intel',
  'pci 0000:00:1f.4 id=8086:7a23 class=0c0500',
  'group 9 0000:00:1f.0',
  'group 9 0000:00:1f.3',
  'group 9 0000:00:1f.4',
]
const NIC_BESIDE = [/^group 16 0000:05:00\.0$/m, 'group 2 0000:05:00.0'] as const
const DISK_BESIDE = [/^group 15 0000:03:00\.0$/m, 'group 2 0000:03:00.0'] as const
const USB_BESIDE = [/^group 8 0000:00:14\.0$/m, 'group 2 0000:00:14.0'] as const

interface Row {
  readonly it: string
  readonly device?: Partial<Device>
  readonly machine?: Machine
  readonly slot?: string
  readonly functions?: readonly string[]
  readonly group?: readonly string[]
  readonly hazards?: readonly string[]
  readonly problem?: string
}

const rows: readonly Row[] = [
  {
    it: 'all functions of the slot; the bridge before it goes nowhere',
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
  },
  {
    it: 'functions that the file does not name',
    device: { ids: ['10de:2204'] },
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
  },
  {
    it: 'an address without its domain, in capitals',
    device: { address: '0A:00' },
    machine: machineOf(plus(...SECOND)),
    slot: '0000:0a:00',
    functions: ['0000:0a:00.0', '0000:0a:00.1'],
  },
  {
    it: 'an address with function 0 is the whole slot',
    device: { address: '0000:0a:00.0' },
    machine: machineOf(plus(...SECOND)),
    slot: '0000:0a:00',
    functions: ['0000:0a:00.0', '0000:0a:00.1'],
  },
  {
    it: 'refuses two alike without an address',
    machine: machineOf(plus(...SECOND)),
    problem: 'pve has 2 such devices (0000:01:00.0, 0000:0a:00.0): say which with devices.rtx-3090.address',
  },
  {
    it: 'takes the one of two that has all of the ids',
    machine: machineOf(plus(...SECOND.filter((line) => !line.includes('0a:00.1')))),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
  },
  {
    it: 'refuses a card whose function is missing',
    machine: machineOf([/^pci 0000:01:00\.1 .*\n/m, '']),
    problem: 'pve has 10de:2204 at 0000:01:00, and no 10de:1aef there',
  },
  { it: 'refuses what is not there', device: { ids: ['1002:744c'] }, problem: 'pve has no PCI device 1002:744c' },
  {
    it: 'refuses an address where nothing is',
    device: { address: '0000:0b:00.0' },
    problem: 'pve has no PCI device at 0000:0b:00.0',
  },
  {
    it: 'refuses an address where something else is',
    device: { address: '0000:05:00.0' },
    problem: 'pve has 8086:15f3 at 0000:05:00, and no 10de:2204, 10de:1aef there',
  },
  {
    it: 'knows a USB device that the file takes for one of the PCI bus',
    device: { ids: ['1a6e:089a'] },
    problem: 'pve has no PCI device 1a6e:089a; a USB device 1a6e:089a is at its port 1-4: devices.rtx-3090.port',
  },
  {
    it: 'a virtual function alone',
    device: { ids: ['8086:1520'], address: '0000:05:10.1' },
    machine: machineOf(plus(...VIRTUAL)),
    slot: '0000:05:10.1',
    functions: ['0000:05:10.1'],
  },
  {
    it: 'refuses virtual functions alike',
    device: { ids: ['8086:1520'] },
    machine: machineOf(plus(...VIRTUAL)),
    problem: 'pve has 2 such devices (0000:05:10.0, 0000:05:10.1): say which with devices.rtx-3090.address',
  },
  {
    it: 'one function of a slot by its address; the others of its group would go along',
    device: { ids: ['8086:7a50'], address: '00:1f.3' },
    machine: machineOf(plus(...CHIPSET)),
    slot: '0000:00:1f.3',
    functions: ['0000:00:1f.3'],
    group: ['0000:00:1f.0', '0000:00:1f.4'],
  },
  {
    it: 'stops where the network card of a bridge is in the group',
    machine: machineOf(NIC_BESIDE),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
    group: ['0000:05:00.0'],
    hazards: ['0000:05:00.0 (network card): enp5s0 is a port of vmbr0'],
  },
  {
    it: 'stops where the disk of the system is in the group',
    machine: machineOf(DISK_BESIDE),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
    group: ['0000:03:00.0'],
    hazards: ['0000:03:00.0 (NVMe disk): nvme0n1 is mounted on /boot/efi, nvme0n1 is in the pool rpool'],
  },
  {
    it: 'stops where the only keyboard is in the group',
    machine: machineOf(USB_BESIDE),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
    group: ['0000:00:14.0'],
    hazards: ['0000:00:14.0 (USB controller): the only keyboard is at its port 1-3'],
  },
  {
    it: 'goes on where there is another keyboard',
    machine: machineOf(USB_BESIDE, plus('usb 3-1 046d:c31c 0000:0c:00.0 keyboard')),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
    group: ['0000:00:14.0'],
  },
  {
    it: 'goes on where a network card of the group has no use',
    machine: machineOf(NIC_BESIDE, [/^net .*$/m, 'net 0000:05:00.0 enp5s0 down -']),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
    group: ['0000:05:00.0'],
  },
  {
    it: 'stops where the device itself is what the host needs',
    device: { ids: ['144d:a80a'] },
    slot: '0000:03:00',
    functions: ['0000:03:00.0'],
    hazards: ['0000:03:00.0 (NVMe disk): nvme0n1 is mounted on /boot/efi, nvme0n1 is in the pool rpool'],
  },
  {
    it: 'refuses a node without PCI',
    machine: machineOf([/^pci .*\n/gm, '']),
    problem: 'pve has no PCI device at all',
  },
  {
    it: 'refuses a node that did not tell all',
    machine: parseMachine('kernel 6.1\n'),
    problem: 'pve did not tell its devices',
  },
  {
    it: 'without an IOMMU it is in no group, and nobody is in it',
    machine: machineOf([/^group .*\n/gm, '']),
    slot: '0000:01:00',
    functions: ['0000:01:00.0', '0000:01:00.1'],
  },
]

describe('parts/gpu/target', () => {
  for (const {
    it: name,
    device = {},
    machine = machineOf(),
    slot = '',
    functions = [],
    group = [],
    hazards = [],
    problem,
  } of rows)
    it(name, () => {
      const target = getTarget({ ...card, ...device }, machine)
      assert.equal(target.problem, problem)
      assert.equal(target.slot, slot)
      assert.deepEqual(
        target.functions.map(({ address }) => address),
        functions,
      )
      assert.deepEqual(
        target.group.map(({ address }) => address),
        group,
      )
      assert.deepEqual(getHazards(target, machine), hazards)
    })
})
