import assert from 'node:assert/strict'
import fc from 'fast-check'
import { choosePins, type PinWish } from '../../../src/parts/cores/choice.ts'
import { cpusOf, parseTopology, type Topology } from '../../../src/parts/cores/topology.ts'
import { formatCpuset, parseCpuset } from '../../../src/site/rules/cpuset.ts'
import { DUAL, HYBRID, OFFLINE, PLAIN, RYZEN, SINGLE } from './topologies.ts'

let next = 100
const wish = (cores: number, more: Partial<PinWish> = {}): PinWish => {
  const vmid = more.vmid ?? next++
  return { name: `g${vmid}`, vmid, cores, exclusive: true, ...more }
}
const cpus = (text: string) => parseCpuset(text) ?? []
const shown = (text: string, wishes: readonly PinWish[]) => {
  const { cpus: chosen, rest, problems } = choosePins(parseTopology(text), wishes)
  return {
    sets: wishes.map(({ vmid }) => formatCpuset(chosen.get(vmid) ?? [])),
    rest: formatCpuset(rest),
    problems: [...problems],
  }
}

/** What each processor gives: guests, their sets, the rest. */
const ROWS: readonly [string, string, readonly PinWish[], readonly string[], string][] = [
  ['four of a Ryzen', RYZEN, [wish(4)], ['12-15,28-31'], '0-11,16-27'],
  ['the larger guest first', RYZEN, [wish(2), wish(4)], ['10-11,26-27', '12-15,28-31'], '0-9,16-25'],
  ['all but one', RYZEN, [wish(15)], ['1-15,17-31'], '0,16'],
  [
    'one NUMA node',
    DUAL,
    [wish(4)],
    ['17,19,21,23,41,43,45,47'],
    formatCpuset([...Array(48).keys()].filter((n) => ![17, 19, 21, 23, 41, 43, 45, 47].includes(n))),
  ],
  [
    'the other NUMA node for whom the first has no room',
    DUAL,
    [wish(10), wish(8)],
    ['5,7,9,11,13,15,17,19,21,23,29,31,33,35,37,39,41,43,45,47', '8,10,12,14,16,18,20,22,32,34,36,38,40,42,44,46'],
    '0-4,6,24-28,30',
  ],
  [
    'another NUMA node before the core of CPU 0',
    DUAL,
    [wish(0, { cpus: [22, 46] }), wish(11)],
    ['22,46', '3,5,7,9,11,13,15,17,19,21,23,27,29,31,33,35,37,39,41,43,45,47'],
    '0-2,4,6,8,10,12,14,16,18,20,24-26,28,30,32,34,36,38,40,42,44',
  ],
  ['performance cores', HYBRID, [wish(4)], ['8-15'], '0-7,16-31'],
  ['efficient ones where the others are too few', HYBRID, [wish(10)], ['22-31'], '0-21'],
  ['no SMT', PLAIN, [wish(3)], ['5-7'], '0-4'],
  ['offline CPUs', OFFLINE, [wish(3)], ['5-7,14-15'], '0-2,4,8-10,12'],
  [
    'a guest that shares beside one that does not',
    RYZEN,
    [wish(4, { exclusive: false }), wish(4)],
    ['8-11,24-27', '12-15,28-31'],
    '0-11,16-27',
  ],
  [
    'guests that share where there are too few cores',
    PLAIN,
    [wish(6), wish(2, { exclusive: false }), wish(2, { exclusive: false })],
    ['2-7', '0-1', '0-1'],
    '0-1',
  ],
  ['a set of the file, and what it leaves', PLAIN, [wish(0, { cpus: [6, 7] }), wish(2)], ['6-7', '4-5'], '0-3'],
  [
    'a shared set of the file, which nobody gets alone',
    PLAIN,
    [wish(0, { cpus: [6, 7], exclusive: false }), wish(2)],
    ['6-7', '4-5'],
    '0-3,6-7',
  ],
  [
    "one thread of a core in the file: its sibling is nobody else's",
    RYZEN,
    [wish(0, { cpus: [15] })],
    ['15'],
    '0-14,16-30',
  ],
  ['what a guest has now', PLAIN, [wish(2, { current: [1, 2] })], ['1-2'], '0,3-7'],
  ['not half a core that a guest has now', RYZEN, [wish(1, { current: [3] })], ['15,31'], '0-14,16-30'],
  [
    'what two guests have now, only once',
    PLAIN,
    [wish(2, { current: [1, 2] }), wish(2, { current: [2, 3] })],
    ['1-2', '6-7'],
    '0,3-5',
  ],
]

/** What is refused, and how. */
const REFUSED: readonly [string, string, readonly PinWish[], readonly RegExp[]][] = [
  ['one core', SINGLE, [wish(1, { name: 'floor' })], [/^floor: no core is left for the node and its other guests$/]],
  ['none left', PLAIN, [wish(4, { name: 'a' }), wish(4, { name: 'b' })], [/^a, b: no core is left/]],
  ['too many', PLAIN, [wish(9, { name: 'a' })], [/^a wants 9 cores for itself, and 8 of 8 cores are free$/]],
  [
    'too many that are shared',
    PLAIN,
    [wish(9, { name: 'a', exclusive: false })],
    [/^a wants 9 cores, and 8 of 8 cores are not/],
  ],
  [
    'everything at once',
    PLAIN,
    [
      wish(0, { name: 'a', cpus: [2, 3] }),
      wish(0, { name: 'b', cpus: [3, 9], exclusive: false }),
      wish(8, { name: 'c' }),
    ],
    [
      /^b: CPU 9 of its affinity is not there or offline: online are 0-7$/,
      /^b: CPU 3 of its affinity is of a core that a has for itself$/,
      /^c wants 8 cores for itself, and 6 of 8 cores are free$/,
    ],
  ],
  [
    'a sibling',
    RYZEN,
    [wish(0, { name: 'a', cpus: [3] }), wish(0, { name: 'b', cpus: [19] })],
    [/^b: CPU 19 of its affinity is of a core that a has/],
  ],
  [
    'an offline CPU',
    OFFLINE,
    [wish(0, { name: 'a', cpus: [2, 3] })],
    [/^a: CPU 3 of its affinity is not there or offline: online are 0-2,4-10,12,14-15$/],
  ],
]

const topology = fc
  .record({
    nodes: fc.integer({ min: 1, max: 3 }),
    cores: fc.integer({ min: 1, max: 6 }),
    smt: fc.boolean(),
    apart: fc.boolean(),
  })
  .map(({ nodes, cores, smt, apart }): Topology => {
    const all = nodes * cores
    const siblings = (core: number) => (!smt ? [core] : apart ? [core, core + all] : [core * 2, core * 2 + 1])
    return Array.from({ length: all }, (_, core) => ({ cpus: siblings(core), node: core % nodes, kind: 'performance' }))
  })
const guests = fc
  .array(fc.record({ cores: fc.integer({ min: 1, max: 4 }), exclusive: fc.boolean() }), { maxLength: 6 })
  .map((some) => some.map((one, at): PinWish => ({ name: `g${at}`, vmid: 100 + ((at * 7) % 11), ...one })))

const keep = (some: readonly PinWish[], chosen: ReadonlyMap<number, readonly number[]>): PinWish[] =>
  some.map((one) => ({ ...one, current: chosen.get(one.vmid) }))

describe('choice of cores', () => {
  for (const [title, text, wishes, sets, rest] of ROWS)
    it(`gives ${title}`, () => assert.deepEqual(shown(text, wishes), { sets, rest, problems: [] }))

  for (const [title, text, wishes, problems] of REFUSED)
    it(`refuses ${title}`, () => {
      const found = shown(text, wishes).problems
      assert.equal(found.length, problems.length, found.join('\n'))
      for (const [at, pattern] of problems.entries()) assert.match(found[at] ?? '', pattern)
    })

  it('takes the core of CPU 0 where there is no other way, and a NUMA node as a whole before it takes two', () => {
    assert.equal(shown(PLAIN, [wish(7)]).sets[0], '1-7')
    const nodes = parseTopology('cpu 0 1 0 0 0\ncpu 1 1 1 0 0\ncpu 2 1 2 1 1\ncpu 3 1 3 1 1\n')
    const first = choosePins(nodes, [wish(1, { vmid: 1, current: cpus('3') }), wish(2, { vmid: 2 })])
    assert.deepEqual([first.cpus.get(2), first.problems], [[0, 1], []])
  })

  it('never overlaps, keeps siblings together, gives as many cores as are wanted, and leaves one', () => {
    fc.assert(
      fc.property(topology, guests, (cores, wishes) => {
        const { cpus: chosen, rest, problems } = choosePins(cores, wishes)
        if (problems.length > 0) return
        const owned = wishes.filter(({ exclusive }) => exclusive)
        for (const one of wishes) {
          const own = chosen.get(one.vmid) ?? []
          const touched = cores.filter((core) => core.cpus.some((cpu) => own.includes(cpu)))
          assert.deepEqual(own, cpusOf(touched))
          assert.equal(touched.length, one.cores)
          for (const other of owned)
            if (other !== one) assert.ok(!(chosen.get(other.vmid) ?? []).some((cpu) => own.includes(cpu)))
        }
        const gone = owned.flatMap(({ vmid }) => chosen.get(vmid) ?? [])
        assert.deepEqual(
          rest,
          cpusOf(cores).filter((cpu) => !gone.includes(cpu)),
        )
        assert.ok(rest.length > 0)
        assert.ok(rest.includes(0) || owned.length > 0)
      }),
    )
  })

  it('refuses only what has no room', () => {
    fc.assert(
      fc.property(topology, guests, (cores, wishes) => {
        const { problems } = choosePins(cores, wishes)
        const alone = wishes.reduce((sum, one) => sum + (one.exclusive ? one.cores : 0), 0)
        const largest = Math.max(0, ...wishes.map((one) => (one.exclusive ? 0 : one.cores)))
        assert.equal(problems.length === 0, alone < cores.length && alone + largest <= cores.length)
      }),
    )
  })

  it('stays on one NUMA node where a guest fits', () => {
    fc.assert(
      fc.property(topology, fc.integer({ min: 1, max: 6 }), (cores, count) => {
        const { cpus: chosen, problems } = choosePins(cores, [wish(count, { vmid: 1 })])
        const sizes = [...new Set(cores.map(({ node }) => node))].map(
          (n) => cores.filter(({ node }) => node === n).length,
        )
        if (problems.length > 0 || Math.max(...sizes) < count) return
        const used = new Set(
          cores.filter((core) => core.cpus.some((cpu) => chosen.get(1)?.includes(cpu))).map(({ node }) => node),
        )
        assert.equal(used.size, 1)
      }),
    )
  })

  it('moves nobody when a guest is added or goes, where it fits', () => {
    fc.assert(
      fc.property(topology, guests, fc.integer({ min: 1, max: 3 }), (cores, wishes, count) => {
        const before = choosePins(cores, wishes)
        if (before.problems.length > 0) return
        assert.deepEqual(choosePins(cores, keep(wishes, before.cpus)).cpus, before.cpus)
        // Only cores that nobody is on: one that shares may have to make way.
        const used = new Set([...before.cpus.values()].flat())
        if (cores.filter((core) => !core.cpus.some((cpu) => used.has(cpu))).length <= count) return
        const added = choosePins(cores, [wish(count, { vmid: 1 }), ...keep(wishes, before.cpus)])
        assert.deepEqual(added.problems, [])
        for (const { vmid } of wishes) assert.deepEqual(added.cpus.get(vmid), before.cpus.get(vmid))
        const fewer = choosePins(cores, keep(wishes.slice(1), before.cpus))
        for (const { vmid } of wishes.slice(1)) assert.deepEqual(fewer.cpus.get(vmid), before.cpus.get(vmid))
      }),
    )
  })
})
