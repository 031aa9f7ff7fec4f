// What each guest of a node shall have of its cores, and what is not so of its threads.
import assert from 'node:assert/strict'
import { diffThreads } from '../../../src/parts/cores/live.ts'
import { parseLook } from '../../../src/parts/cores/look.ts'
import { getCores } from '../../../src/parts/cores/wanted.ts'
import type { Guest, Node, Site } from '../../../src/site/site.ts'
import { coresSite, guest, TRADING } from './cores-site.ts'
import { PLAIN, RYZEN } from './topologies.ts'

const nodeOf = ({ nodes }: Site): Node => {
  const [node] = nodes
  assert.ok(node)
  return node
}
const wanted = (site: Site, said: string) => getCores(site, nodeOf(site), parseLook(said))
/** `name cpus, stored, own, real time`. */
const shown = (site: Site, said: string) =>
  wanted(site, said).guests.map(({ guest: { name }, cpus, affinity, isOwn, realtime }) =>
    [
      name,
      cpus || 'all',
      affinity === undefined ? 'not stored' : '',
      isOwn ? 'own' : '',
      realtime ? `${realtime.vcpus} | ${realtime.others}` : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
  )
const alone = { exclusive: true, realtime: false }
const pair = (one: Partial<Guest>, other: Partial<Guest>): Site => ({
  ...coresSite(),
  guests: [guest('brain', 100, one), guest('floor', 200, other)],
})

const ROWS: readonly [string, Site, string, readonly string[]][] = [
  [
    'real time: a core for each virtual CPU, the rest of QEMU on their siblings',
    coresSite(),
    RYZEN,
    ['brain, 0-11,16-27', 'floor, 12-15,28-31, 12,13,14,15 | 28-31'],
  ],
  [
    'real time with as many virtual CPUs as threads: the rest of QEMU beside them',
    coresSite([guest('wide', 300, { ...TRADING, cores: 4, sockets: 2 })]),
    RYZEN,
    [
      'brain, 0-7,16-23',
      'floor, 12-15,28-31, 12,13,14,15 | 28-31',
      'wide, 8-11,24-27, 8,9,10,11,24,25,26,27 | 8-11,24-27',
    ],
  ],
  ['real time without SMT', coresSite(), PLAIN, ['brain, 0-3', 'floor, 4-7, 4,5,6,7 | 4-7']],
  [
    'a set of the file, which its own resource stores',
    pair({}, { affinity: '2,18,3', cores: 2, pin: { cores: 1, ...alone, realtime: true } }),
    RYZEN,
    ['brain, 0-1,4-17,20-31', 'floor, 2-3,18, not stored, 2,3 | 18'],
  ],
  [
    'a guest that was there before orion keeps its affinity, and all CPUs where it has none',
    pair({ adopted: { stated: new Set(['memory']) } }, TRADING),
    RYZEN,
    ['floor, 12-15,28-31, 12,13,14,15 | 28-31'],
  ],
  [
    'nothing where nobody is alone',
    pair({}, { pin: { cores: 2, exclusive: false, realtime: false } }),
    PLAIN,
    ['floor, 6-7'],
  ],
  [
    'one with a set of its own in the file',
    pair({ affinity: '0' }, { pin: { cores: 2, ...alone } }),
    PLAIN,
    ['brain, 0, not stored', 'floor, 6-7'],
  ],
  [
    'somebody’s own affinity that is in nobody’s way',
    pair({}, { pin: { cores: 2, ...alone } }),
    `${PLAIN}stored 100 4,0-1\n`,
    ['brain, 4,0-1, own', 'floor, 6-7'],
  ],
  [
    'what is left of one that is',
    pair({}, { pin: { cores: 2, ...alone } }),
    `${PLAIN}stored 100 4-7\n`,
    ['brain, 4-5, own', 'floor, 6-7'],
  ],
  [
    'the rest where nothing is left of it',
    pair({}, { pin: { cores: 2, ...alone } }),
    `${PLAIN}stored 100 6-7\nstored 200 6,7\n`,
    ['brain, 0-5', 'floor, 6-7'],
  ],
  [
    'more again for whom orion had kept off',
    pair({}, { pin: { cores: 2, ...alone } }),
    `${PLAIN}stored 100 0-3\nours 100 0-3\n`,
    ['brain, 0-5', 'floor, 6-7'],
  ],
  [
    'all CPUs for whom nobody keeps off any more',
    pair({}, { pin: { cores: 2, exclusive: false, realtime: false } }),
    `${PLAIN}stored 100 0-3\nours 100 0-3\n`,
    ['brain, all', 'floor, 6-7'],
  ],
  [
    'nothing for whom somebody else did',
    pair({}, { pin: { cores: 2, exclusive: false, realtime: false } }),
    `${PLAIN}stored 100 0-3\nours 100 0-2\n`,
    ['floor, 6-7'],
  ],
]

describe('parts/cores/wanted', () => {
  for (const [title, site, said, want] of ROWS) it(title, () => assert.deepEqual(shown(site, said), want))

  it('refuses everything that has no room, at once', () => {
    const site = coresSite([
      guest('wide', 300, { ...TRADING, cores: 3, pin: { cores: 1, exclusive: true, realtime: true } }),
      guest('huge', 400, { pin: { cores: 9, ...alone } }),
    ])
    assert.deepEqual(wanted({ ...site, storage: [] }, RYZEN).problems, [
      'floor is realtime: its hookscript needs a storage with snippets',
      'wide has 3 virtual CPUs, and 2 CPUs to run them on in real time: one each',
      'wide is realtime: its hookscript needs a storage with snippets',
    ])
    assert.match(wanted(site, PLAIN).problems[0] ?? '', /^wide wants 1 core for itself|^huge wants 9/)
    assert.deepEqual(wanted(site, 'noise\n').problems, ['it does not say which CPUs it has'])
  })
})

const threads = (...lines: string[]) => `${RYZEN}${lines.join('\n')}\n`
const live = (said: string, name: string) => {
  const site = coresSite()
  const look = parseLook(said)
  const own = wanted(site, said).guests.find((row) => row.guest.name === name)
  assert.ok(own)
  return diffThreads(own, look).map(({ field, have, want }) => `${field}: ${have} → ${want}`)
}
const GOOD = ['vcpu 200 0 1 1 12', 'vcpu 200 1 1 1 13', 'vcpu 200 2 1 1 14', 'vcpu 200 3 1 1 15', 'other 200 0 0 28-31']

describe('parts/cores/live', () => {
  const rows: [string, string, string, string[]][] = [
    ['a guest that does not run', RYZEN, 'floor', []],
    ['real time as wanted', threads(...GOOD), 'floor', []],
    [
      'a guest as Proxmox VE has started it',
      threads(...[0, 1, 2, 3].map((n) => `vcpu 200 ${n} 0 0 12-15,28-31`), 'other 200 0 0 12-15,28-31'),
      'floor',
      [
        'CPUs of running floor: 12-15,28-31 → CPU 0 12, CPU 1 13, CPU 2 14, CPU 3 15, QEMU 28-31',
        'scheduling of running floor: SCHED_OTHER → SCHED_FIFO 1',
      ],
    ],
    [
      'one thread that is not',
      threads(...GOOD.with(1, 'vcpu 200 1 2 5 13').with(4, 'other 200 1 1 28-31')),
      'floor',
      ['scheduling of running floor: CPU 1 SCHED_RR 5, QEMU SCHED_FIFO 1 → CPU 1 SCHED_FIFO 1, QEMU SCHED_OTHER'],
    ],
    ['a virtual CPU too many', threads(...GOOD, 'vcpu 200 4 0 0 28-31'), 'floor', []],
    ['who keeps off', threads('vcpu 100 0 0 0 3', 'other 100 3 0 0-11,16-27'), 'brain', []],
    [
      'who does not',
      threads('vcpu 100 0 0 0 0-31', 'other 100 0 0 0-63'),
      'brain',
      ['CPUs of running brain: CPU 0 0-31, QEMU 0-63 → 0-11,16-27'],
    ],
  ]
  for (const [title, said, name, want] of rows) it(title, () => assert.deepEqual(live(said, name), want))
})
