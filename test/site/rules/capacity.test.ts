// Guests fit their node: memory and cores.
import assert from 'node:assert/strict'
import { capacity } from '../../../src/site/rules/capacity.ts'
import type { Guest, Node, Site } from '../../../src/site/site.ts'
import { ct, device, node, site, told, vm } from '../site-builder.ts'

const on = (hardware: NonNullable<Node['hardware']>, ...guests: Guest[]): Partial<Site> => ({
  nodes: [node('pve', { hardware })],
  guests,
})
const GIB = 1024
const memory = (gib: number, parts: Partial<Guest> = {}) => ({ memoryMib: gib * GIB, ...parts })
const stopped = { onboot: false, started: false }

describe('capacity', () => {
  const ten = { memoryMib: 10 * GIB }
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent at 80 %', on(ten, vm('a', 100, {}, memory(4)), ct('b', 101, {}, memory(4))), []],
    [
      'warns above it',
      on(ten, vm('a', 100, {}, memory(4)), ct('b', 101, {}, memory(5))),
      ['warning nodes.pve.hardware.memory: guests of pve need 9G of 10G without balloon (90 %)'],
    ],
    [
      'is an error above all',
      on(ten, vm('a', 100, {}, memory(6)), vm('b', 101, {}, memory(6))),
      ['error nodes.pve.hardware.memory: guests of pve need 12G of 10G without balloon (120 %)'],
    ],
    [
      'counts the minimum of a balloon',
      on(ten, vm('a', 100, {}, memory(6)), vm('b', 101, {}, memory(6, { balloonMib: GIB }))),
      [],
    ],
    [
      'counts the whole memory where the balloon is off, or a container',
      on(ten, vm('a', 100, {}, memory(6, { balloonMib: 0 })), ct('b', 101, {}, memory(6, { balloonMib: GIB }))),
      ['error nodes.pve.hardware.memory: guests of pve need 12G of 10G without balloon (120 %)'],
    ],
    [
      'counts the whole memory of a guest with a device',
      {
        ...on(ten, vm('a', 100, {}, memory(6)), vm('b', 101, {}, memory(6, { balloonMib: GIB }))),
        devices: [device('gpu', { guest: 'b' })],
      },
      ['error nodes.pve.hardware.memory: guests of pve need 12G of 10G without balloon (120 %)'],
    ],
    ['leaves out what does not start', on(ten, vm('a', 100, {}, memory(8)), vm('b', 101, {}, memory(2, stopped))), []],
    [
      'warns where it could not all be started',
      on(ten, vm('a', 100, {}, memory(8)), vm('b', 101, {}, memory(8, stopped))),
      [
        'warning nodes.pve.hardware.memory: guests of pve, with those that do not start by themselves, need 16G of 10G without balloon (160 %)',
      ],
    ],
    [
      'but not for a guest that waits for a device',
      {
        ...on(ten, vm('a', 100, {}, memory(8)), vm('b', 101, {}, memory(8, stopped))),
        devices: [device('gpu', { guest: 'a', standby: ['b'] })],
      },
      [],
    ],
    [
      'one guest alone is too much, even stopped',
      on(ten, vm('a', 100, {}, memory(11, stopped))),
      ['error guests.a.memory: 11G is more than the 10G of pve'],
    ],
    ['is silent where nothing is known', on({}, vm('a', 100, {}, memory(9999, { cores: 999 }))), []],
    [
      'is silent at 4 × the threads',
      on({ threads: 2 }, ...[1, 2, 3, 4].map((n) => vm(`g${n}`, 100 + n, {}, { cores: 2 }))),
      [],
    ],
    [
      'warns above it, sockets counted',
      on({ threads: 2 }, ...[1, 2, 3, 4].map((n) => vm(`g${n}`, 100 + n, {}, { cores: 1, sockets: 2 })), ct('c', 200)),
      ['warning nodes.pve.hardware.threads: guests of pve have 9 cores on 2 threads, over 4 times as many'],
    ],
    [
      'a VM with more CPUs than the node does not start, a container does',
      on({ threads: 2 }, vm('a', 100, {}, { cores: 4 }), ct('b', 101, {}, { cores: 4 })),
      ['error guests.a.cores: 4 virtual CPUs are more than the 2 threads of pve'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(capacity(site(parts))), want))
})
