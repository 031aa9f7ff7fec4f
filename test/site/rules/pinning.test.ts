// Exclusively pinned cores exist, overlap nowhere, and leave cores for the others.
import assert from 'node:assert/strict'
import { pinning } from '../../../src/site/rules/pinning.ts'
import type { Guest, Node, Site } from '../../../src/site/site.ts'
import { node, site, storage, told, vm } from '../site-builder.ts'

const on = (hardware: NonNullable<Node['hardware']>, ...guests: Guest[]): Partial<Site> => ({
  nodes: [node('pve', { hardware })],
  guests,
})
const pinned = (name: string, vmid: number, cores: number, affinity?: string) =>
  vm(
    name,
    vmid,
    {},
    { pin: { cores, exclusive: true, realtime: false }, ...(affinity === undefined ? {} : { affinity }) },
  )
const shared = (name: string, vmid: number, affinity: string) => vm(name, vmid, {}, { affinity })
const eight = { threads: 16, cores: 8 }

describe('pinning', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent where there is room', on(eight, pinned('a', 100, 4), pinned('b', 101, 3)), []],
    [
      'one core stays for the others',
      on(eight, pinned('a', 100, 4), pinned('b', 101, 4)),
      ['error guests.b.pin: exclusive pins take 8 of the 8 cores of pve: none is left for the others'],
    ],
    [
      'more cores than there are',
      on({ threads: 16 }, vm('a', 100, {}, { pin: { cores: 9, exclusive: false, realtime: false } })),
      ['error guests.a.pin: 9 cores are pinned, and pve has 8'],
    ],
    [
      'an explicit set names CPUs that exist',
      on(eight, shared('a', 100, '0-15'), shared('b', 101, '8-16'), shared('c', 102, 'all')),
      [
        'error guests.b.affinity: pve has no CPU 16: its 16 threads are 0-15',
        'error guests.c.affinity: all is not a set of CPUs such as 0,2,4-7',
      ],
    ],
    ['sets that are not exclusive may overlap', on(eight, shared('a', 100, '0-3'), shared('b', 101, '2-5')), []],
    [
      'an exclusive one may not, wherever it stands',
      on(eight, shared('a', 100, '0-3'), pinned('b', 101, 2, '3-6'), pinned('c', 102, 2, '6-7')),
      [
        'error guests.a.affinity: CPU 3 belongs to guests.b alone',
        'error guests.c.affinity: CPU 6 belongs to guests.b alone',
      ],
    ],
    [
      'explicit and chosen cores count together, threads by two',
      on(eight, pinned('a', 100, 4, '0-7'), pinned('b', 101, 4)),
      ['error guests.b.pin: exclusive pins take 8 of the 8 cores of pve: none is left for the others'],
    ],
    [
      'cores that are to be chosen are in no explicit set',
      on(eight, shared('a', 100, '0-15'), pinned('b', 101, 2)),
      ['error guests.b.pin: 2 exclusive cores are to be chosen, and affinity gives 8 of the 8 cores of pve to others'],
    ],
    ['there is room beside an explicit set', on(eight, shared('a', 100, '0-11'), pinned('b', 101, 2)), []],
    [
      'nodes are looked at one by one',
      {
        nodes: [node('x', { hardware: eight }), node('y', { hardware: eight })],
        guests: [
          { ...pinned('a', 100, 4), node: 'x' },
          { ...pinned('b', 101, 4), node: 'y' },
        ],
      },
      [],
    ],
    [
      'real time needs a hookscript of its own, a place for it, and a CPU for each virtual CPU',
      on(
        eight,
        vm(
          'a',
          100,
          {},
          { cores: 5, hookscript: 'local:snippets/x.pl', pin: { cores: 2, exclusive: true, realtime: true } },
        ),
        vm('b', 101, {}, { cores: 2, affinity: '15', pin: { cores: 1, exclusive: true, realtime: true } }),
      ),
      [
        'error guests.a.hookscript: pin.realtime has a hookscript of its own, and a guest has one',
        'error guests.a.pin: realtime needs a storage with snippets on pve, for a hookscript',
        'error guests.a.pin: realtime needs a CPU for each of 5 virtual CPUs, and there are 4',
        'error guests.b.pin: realtime needs a storage with snippets on pve, for a hookscript',
        'error guests.b.pin: realtime needs a CPU for each of 2 virtual CPUs, and there are 1',
      ],
    ],
    [
      'real time with all that',
      {
        ...on(eight, vm('a', 100, {}, { cores: 4, pin: { cores: 2, exclusive: true, realtime: true } })),
        storage: [storage('local', { type: 'dir', content: ['snippets'], options: { path: '/var/lib/vz' } })],
      },
      [],
    ],
    [
      'a node that keeps off cores that nobody has',
      {
        nodes: [node('x', { isolateCores: true }), node('y', { isolateCores: true })],
        guests: [{ ...pinned('a', 100, 2), node: 'x' }],
      },
      ['warning nodes.y.isolateCores: no guest of y has cores for itself, so this changes nothing'],
    ],
    ['hardware that nobody tells is not judged', on({}, pinned('a', 100, 999), pinned('b', 101, 2, '900-901')), []],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(pinning(site(parts))), want))
})
