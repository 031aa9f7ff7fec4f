// Whether a machine may join: what it says of itself, against the tier of its cluster and the site file.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { type Hardware, hardwareFacts, hardwareOf, judge } from '../../src/parts/join-hardware.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import type { Node, Site } from '../../src/site/site.ts'
import { cluster, device, node, site } from '../site/site-builder.ts'

const GIB = 1024
const has = (more: Partial<Hardware> = {}): Hardware => ({
  threads: 56,
  memoryMib: 384 * GIB,
  disks: ['sda', 'sdb'].map((name) => ({ name, bytes: 2e12 })),
  nics: ['eno1', 'eno2'].map((name) => ({ name, hasLink: true })),
  iommuGroups: 40,
  isSynchronized: true,
  clock: 1_800_000_000,
  ...more,
})
const small: Partial<Hardware> = { threads: 2, memoryMib: 8 * GIB, disks: [], nics: has().nics.slice(0, 1) }

interface Row {
  readonly it: string
  readonly tier?: 'command' | 'workhorse' | 'edge'
  readonly node?: Partial<Node>
  readonly site?: Partial<Site>
  readonly has?: Partial<Hardware>
  readonly now?: number
  readonly problems?: readonly string[]
  readonly notes?: readonly string[]
}

const rows: readonly Row[] = [
  { it: 'takes a machine that has enough', tier: 'workhorse' },
  { it: 'takes any machine where no tier is said', has: small },
  {
    it: 'tells all that a machine lacks',
    tier: 'edge',
    has: small,
    problems: [
      '2 threads of 4 that tier edge wants',
      '8 GiB of memory of 16 GiB that tier edge wants',
      '0 disks of 1 that tier edge wants',
    ],
  },
  {
    it: 'wants more of a command node, and takes the site file’s word for its power',
    tier: 'command',
    has: { threads: 8, nics: has().nics.slice(1) },
    node: { hardware: { power: 'dual' } },
    problems: ['8 threads of 16 that tier command wants', '1 network port of 2 that tier command wants'],
    notes: ['two power supplies: the word of the site file, as they cannot be seen from here'],
  },
  {
    it: 'knows that the firmware keeps some of the memory',
    tier: 'edge',
    has: { memoryMib: 15.4 * GIB },
    node: { hardware: { memoryMib: 16 * GIB } },
  },
  {
    it: 'lets a smaller node stand beside the one that has the tier',
    tier: 'workhorse',
    has: small,
    site: { nodes: [node('big', { hardware: { memoryMib: 64 * GIB } })] },
    notes: [
      '2 threads of 8 that tier workhorse wants',
      '8 GiB of memory of 32 GiB that tier workhorse wants',
      '0 disks of 1 that tier workhorse wants',
      'test has its tier by big: new is a smaller one beside it',
    ],
  },
  {
    it: 'compares the machine with its own lines',
    node: { hardware: { threads: 64, memoryMib: 512 * GIB } },
    problems: ['56 threads, and the site file says 64', '384 GiB of memory, and the site file says 512 GiB'],
  },
  {
    it: 'wants the ports that bridges and bonds stand on',
    node: {
      ports: { lan: 'eno1.20', wan: 'bond0', lab: 'enp9' },
      bonds: [{ name: 'bond0', ports: ['eno2', 'eno7'], mode: '802.3ad' }],
    },
    problems: ['enp9', 'eno7'].map((port) => `no port ${port}, which the site file names (there: eno1, eno2)`),
  },
  {
    it: 'wants an IOMMU where a device is to be passed to a guest',
    site: { devices: [device('gpu', { node: 'new' }), device('other', { node: 'elsewhere' })] },
    has: { iommuGroups: 0 },
    problems: ['no IOMMU group, and gpu is to be passed to a guest: turn on VT-d or AMD-Vi in the firmware'],
  },
  {
    it: 'refuses a clock that is minutes off',
    now: 1_800_000_121,
    problems: ['its clock is 121 s behind ours: set the time, and let it be kept (chrony)'],
  },
  { it: 'bears two minutes', now: 1_800_000_120 },
  {
    it: 'tells that nobody keeps the clock',
    has: { isSynchronized: false },
    notes: ['its clock is not kept by a time server (timedatectl)'],
  },
]

describe('parts/join-hardware', () => {
  for (const row of rows)
    it(row.it, () => {
      const own = node('new', row.node)
      const of = site({
        clusters: [cluster('test', row.tier ? { tier: row.tier } : {})],
        ...row.site,
        nodes: [own, ...(row.site?.nodes ?? [])],
      })
      const { problems, notes } = judge(of, own, has(row.has), row.now ?? 1_800_000_000)
      assert.deepEqual([problems, notes], [row.problems ?? [], row.notes ?? []])
    })

  it('describes what is there', () => {
    assert.deepEqual(judge(site(), node('new'), has(), 1_800_000_000).seen, [
      '56 threads, 384 GiB of memory',
      '2 disks: sda 2000 GB, sdb 2000 GB',
      '2 network ports, 2 with a link; 40 IOMMU groups',
    ])
  })

  it('reads a real machine with its program, and one that is silent not at all', () => {
    const [program = '', ...args] = hardwareFacts().commands?.['join-look'] ?? []
    const stdout = execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
    const seen = { ...NOTHING, commands: new Map([['join-look', { code: 0, stdout, stderr: '' }]]) }
    const machine = hardwareOf(seen) ?? assert.fail(stdout)
    assert.equal(machine.threads >= cpus().length, true)
    assert.ok(machine.memoryMib > 256 && Math.abs(machine.clock - Date.now() / 1000) < 60)
    assert.ok(Number.isInteger(machine.iommuGroups))
    assert.equal(hardwareOf(NOTHING), undefined)
  })
})
