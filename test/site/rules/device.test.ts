// A device and its guests.
import assert from 'node:assert/strict'
import { devices } from '../../../src/site/rules/device.ts'
import type { Guest, Site } from '../../../src/site/site.ts'
import { ct, device, type Nics, node, vm as plain, site, told } from '../site-builder.ts'

/** A VM as one with a PCI device is made. */
const vm = (name: string, vmid: number, nics: Nics = {}, parts: Partial<Guest> = {}) =>
  plain(name, vmid, nics, { machine: 'q35', firmware: 'uefi', ...parts })

const stopped = { onboot: false, started: false }
const gpu = (parts: Parameters<typeof device>[1]) => ({ devices: [device('gpu', parts)] })

describe('devices', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    [
      'one starts, the other stands by',
      { ...gpu({ guest: 'a', standby: ['b'] }), guests: [vm('a', 100), vm('b', 101, {}, stopped)] },
      [],
    ],
    [
      'two start on boot',
      { ...gpu({ guest: 'a', standby: ['b'] }), guests: [vm('a', 100), vm('b', 101)] },
      ['error devices.gpu.standby: guests.a and guests.b both start on boot, and gpu is one device'],
    ],
    [
      'two on standby start on boot',
      { ...gpu({ guest: 'a', standby: ['b', 'c'] }), guests: [vm('a', 100, {}, stopped), vm('b', 101), vm('c', 102)] },
      ['error devices.gpu.standby: guests.b and guests.c both start on boot, and gpu is one device'],
    ],
    [
      'the guest runs elsewhere',
      { ...gpu({ guest: 'a' }), nodes: [node('pve'), node('far')], guests: [vm('a', 100, {}, { node: 'far' })] },
      ['error devices.gpu.guest: guests.a runs on far, and gpu is in pve'],
    ],
    [
      'the guest is a container',
      { ...gpu({ guest: 'a' }), guests: [ct('a', 100)] },
      ['error devices.gpu.guest: guests.a is a container and gets a node of /dev: name it in devices.gpu.path'],
    ],
    ['a container with a path', { ...gpu({ guest: 'a', path: '/dev/apex_0' }), guests: [ct('a', 100)] }, []],
    [
      'a container and a VM',
      {
        ...gpu({ guest: 'a', standby: ['b'], path: '/dev/apex_0' }),
        guests: [ct('a', 100), vm('b', 101, {}, stopped)],
      },
      ['error devices.gpu: a VM takes gpu from the node, and a container uses it there: its guests are of one kind'],
    ],
    [
      'a machine without PCI Express',
      { ...gpu({ guest: 'a' }), guests: [vm('a', 100, {}, { machine: 'pc-i440fx-9.2' })] },
      ['error guests.a.machine: pc-i440fx-9.2 has no PCI Express, which gpu needs: q35'],
    ],
    ['a machine of a version', { ...gpu({ guest: 'a' }), guests: [vm('a', 100, {}, { machine: 'pc-q35-9.2' })] }, []],
    [
      'bios and a balloon',
      { ...gpu({ guest: 'a' }), guests: [vm('a', 100, {}, { firmware: 'bios', balloonMib: 512 })] },
      [
        'warning guests.a.firmware: gpu may not start under bios: uefi is what it is made for',
        'warning guests.a.balloon: is 0 while it has gpu: a device holds all of its memory',
      ],
    ],
    [
      'a standby has its balloon while it stands by',
      { ...gpu({ standby: ['a'] }), guests: [vm('a', 100, {}, { balloonMib: 512 })] },
      [],
    ],
    [
      'a USB device wants nothing of the machine',
      { ...gpu({ guest: 'a', port: '1-4' }), guests: [plain('a', 100)] },
      [],
    ],
    [
      'the guest stands by for itself',
      { ...gpu({ guest: 'a', standby: ['a'] }), guests: [vm('a', 100)] },
      ['error devices.gpu.standby: a is named twice for gpu'],
    ],
    [
      'two entries for one card',
      {
        devices: [
          device('one', { ids: ['10de:2204', '10de:1aef'] }),
          device('two', { ids: ['10de:1aef', '10de:2204'] }),
        ],
      },
      ['error devices.two: 10de:2204 on pve is devices.one too: give each its own PCI address'],
    ],
    [
      'one of two has an address, in either order',
      { devices: [device('one', { address: '01:00.0' }), device('two')] },
      ['error devices.two: 10de:2204 on pve is devices.one too: give each its own PCI address'],
    ],
    [
      'one of two has an address, the other way round',
      { devices: [device('one'), device('two', { address: '01:00.0' })] },
      ['error devices.two: 10de:2204 on pve is devices.one too: give each its own PCI address'],
    ],
    [
      'two cards with their own address',
      { devices: [device('one', { address: '01:00.0' }), device('two', { address: '02:00.0' })] },
      [],
    ],
    [
      'one address in two spellings',
      { devices: [device('one', { address: '01:00.0' }), device('two', { address: '0000:01:00.0' })] },
      ['error devices.two: 10de:2204 on pve is devices.one too: give each its own PCI address'],
    ],
    ['two alike in two USB ports', { devices: [device('one', { port: '1-4' }), device('two', { port: '1-5' })] }, []],
    ['two cards in two nodes', { devices: [device('one'), device('two', { node: 'far' })] }, []],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(devices(site(parts))), want))
})
