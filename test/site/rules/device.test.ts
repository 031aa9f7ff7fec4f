// A device and its guests.
import assert from 'node:assert/strict'
import { devices } from '../../../src/site/rules/device.ts'
import type { Site } from '../../../src/site/site.ts'
import { ct, device, node, site, told, vm } from '../site-builder.ts'

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
      ['error devices.gpu.guest: guests.a is a container: a PCI device goes to a VM'],
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
    ['two cards in two nodes', { devices: [device('one'), device('two', { node: 'far' })] }, []],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(devices(site(parts))), want))
})
