// The course of the wizard: what is asked, what an answer does, what is refused, and the way back.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { answer, back, type Course, nextQuestion, progressOf } from '../../../src/base/wizard/course.ts'
import type { Answer, Answers, Question } from '../../../src/base/wizard/question.ts'
import { goOn, isCourse, replay } from '../../../src/base/wizard/replay.ts'
import { toSiteText } from '../../../src/base/wizard/site-text.ts'
import { get, keysOf, textAt } from '../../../src/base/wizard/value.ts'
import type { Discovery } from '../../../src/site/discovery.ts'
import { fakeWorld, foundNode, here, newCourse, parse, storage, takeAll } from './fake-world.ts'

const world = fakeWorld({ r730: foundNode() })

/** Answers in order; fails where one is refused or another question is put. */
async function take(course: Course, ...steps: readonly (readonly [string, Answer])[]): Promise<Course> {
  let now = course
  for (const [id, given] of steps) {
    const question = nextQuestion(now)
    assert.equal(question?.id, id)
    const result = await answer(now, question, given, world)
    assert.ok(isCourse(result), `${id}: ${JSON.stringify(result)}`)
    now = result
  }
  return now
}

const START: readonly (readonly [string, Answer])[] = [
  ['start', 'orion'],
  ['nodes.r730.address', '192.168.1.10'],
  ['nodes.r730.look', 'yes'],
]

describe('base/wizard/course', function () {
  this.timeout(60_000)

  it('the answers offered are ORION as it comes, with what was found', async () => {
    const { draft } = await takeAll({ start: 'orion' }, world)
    assert.deepEqual(
      draft.findings.filter(({ severity }) => severity === 'error'),
      [],
    )
    assert.deepEqual(get(draft.value, ['nodes', 'r730', 'ports']), {
      wan: 'eno1',
      lan: 'eno2',
      guest: 'eno3',
      management: 'eno4',
    })
    assert.equal(keysOf(draft.value, 'guests').length, 15)
    assert.equal(textAt(draft.value, 'nodes', 'r730', 'hardware', 'memory'), '384G')
  })

  it('back is the course before, as often as there are answers, and forward is the same again', async () => {
    const course = await take(await newCourse(), ...START)
    const before = back(back(course))
    assert.equal(nextQuestion(before)?.id, 'nodes.r730.address')
    assert.deepEqual((await take(before, ...START.slice(1))).draft.value, course.draft.value)
    const first = back(before)
    assert.equal(nextQuestion(first)?.id, 'start')
    assert.equal(back(first), first)
  })

  it('another starting point forgets the first one', async () => {
    const orion = await take(await newCourse(), ...START.slice(0, 1))
    const hive = await take(back(orion), ['start', 'hive'])
    assert.equal(nextQuestion(hive)?.id, 'nodes.genesis.address')
    assert.deepEqual(progressOf(hive).done, 1)
  })

  it('a host with another name is called so everywhere, and the site file is good', async () => {
    const other = fakeWorld({ r730: foundNode({ node: 'pve1' }) })
    const { draft } = await takeAll({ start: 'orion' }, other)
    assert.deepEqual(keysOf(draft.value, 'nodes'), ['pve1'])
    assert.doesNotMatch(JSON.stringify(draft.value), /"r730"/)
    assert.ok('nodes.r730.ports.wan' in draft.answers, 'answers go by the name in the starting point')
  })

  it('a host in another network takes that network along', async () => {
    const bridge = { name: 'vmbr0', ports: ['eno4'], vlanAware: false, addresses: ['10.7.0.5/24'], gateway: '10.7.0.1' }
    const other = fakeWorld({ r730: foundNode({ address: '10.7.0.5', bridges: [bridge], gateway: '10.7.0.1' }) })
    const { draft } = await takeAll({ start: 'orion', 'nodes.r730.address': 'admin@10.7.0.5:2222' }, other)
    assert.equal(textAt(draft.value, 'networks', 'management', 'ipv4'), '10.7.0.0/24')
    assert.deepEqual(get(draft.value, ['nodes', 'r730', 'ssh']), { user: 'admin', port: 2222 })
    assert.equal(textAt(draft.value, 'nodes', 'r730', 'bmc'), '10.7.0.100', 'it keeps its place in the network')
    assert.equal(textAt(draft.value, 'guests', 'router', 'nics', 'management'), '10.7.0.2')
    assert.deepEqual(
      draft.findings.filter(({ severity }) => severity === 'error'),
      [],
    )
  })

  it('asks for a VMID that another guest has already, and offers a free one', async () => {
    const guest = {
      vmid: 300,
      name: 'old',
      kind: 'vm',
      node: 'r730',
      isRunning: true,
      isTemplate: false,
      tags: [],
      config: {},
      pending: [],
    } as const
    const { draft } = await takeAll({ start: 'orion' }, fakeWorld({ r730: foundNode({ guests: [guest] }) }))
    assert.equal(draft.answers['guests.ai-coordinator.id'], '100')
    const ours = { ...guest, tags: ['orion', 'orion-orion'] }
    const same = await takeAll({ start: 'orion' }, fakeWorld({ r730: foundNode({ guests: [ours] }) }))
    assert.ok(!('guests.ai-coordinator.id' in same.draft.answers))
  })

  // ORION as it comes says wan eno1, lan eno2, guest eno3, management eno4; the node's own address is in management.
  const bridge = { name: 'vmbr0', vlanAware: false, addresses: ['192.168.1.10/24'] }
  const on = (port: string) =>
    foundNode({
      bridges: [{ ...bridge, ports: [port] }],
      ports: foundNode().ports.map(({ master: _, ...one }) => (one.name === port ? { ...one, master: 'vmbr0' } : one)),
    })
  const renamed = foundNode({
    ports: foundNode().ports.map((port) => ({ ...port, name: port.name.replace('eno', 'enp') })),
    bridges: [{ ...bridge, ports: ['enp4'] }],
  })
  const PORTS: readonly (readonly [string, Discovery, Answers, Readonly<Record<string, string>>])[] = [
    ['the file stays as it is', on('eno1'), {}, { wan: 'eno1', management: 'eno4' }],
    ['changed: the port of its address', on('eno1'), { networks: 'change' }, { wan: 'eno4', management: 'eno1' }],
    [
      'changed, and given away',
      on('eno1'),
      { networks: 'change', 'nodes.r730.ports.wan': 'eno1' },
      { management: 'eno4' },
    ],
    ['ports of other names', renamed, {}, { wan: 'enp1', management: 'enp4' }],
  ]
  for (const [what, found, answers, wanted] of PORTS)
    it(`offers ports: ${what}`, async () => {
      const { draft } = await takeAll({ start: 'orion', ...answers }, fakeWorld({ r730: found }))
      const ports = Object.keys(wanted).map((name) => [name, textAt(draft.value, 'nodes', 'r730', 'ports', name)])
      assert.deepEqual(Object.fromEntries(ports), wanted)
    })

  it('where the pool of the starting point is not there, disks go to what is', async () => {
    const found = foundNode({
      storages: [
        storage('local', 'dir', ['iso'], { path: '/var/lib/vz' }),
        storage('local-lvm', 'lvmthin', ['images', 'rootdir'], { vgname: 'pve', thinpool: 'data' }),
      ],
      zpools: [{ name: 'tank', bytes: 1, freeBytes: 1 }],
    })
    const { draft } = await takeAll({ start: 'orion' }, fakeWorld({ r730: found }))
    assert.deepEqual(keysOf(draft.value, 'storage'), ['local', 'local-lvm'])
    assert.equal(textAt(draft.value, 'defaults', 'guest', 'storage'), 'local-lvm')
  })

  it('an empty beginning is what is there', async () => {
    const { draft } = await takeAll(
      { start: 'empty', 'nodes.node.address': '192.168.1.10' },
      fakeWorld({ node: foundNode() }),
    )
    assert.deepEqual(keysOf(draft.value, 'nodes'), ['r730'])
    assert.deepEqual(keysOf(draft.value, 'storage'), ['local', 'local-zfs'])
    assert.deepEqual(
      draft.findings.filter(({ severity }) => severity === 'error'),
      [],
    )
  })

  const REFUSED: readonly (readonly [string, Answers, RegExp])[] = [
    ['a port twice', { 'nodes.r730.ports.lan': 'eno1' }, /nodes\.r730\.ports\.\w+: .*eno1/],
    ['a port that is not there', { 'nodes.r730.ports.lan': 'eth9' }, /nodes\.r730\.ports\.lan: eth9: not one of/],
    ['a network with host bits', { 'networks.lan.ipv4': '192.168.100.7/24' }, /networks\.lan\.ipv4: .*host bits/],
    ['a name of two words', { site: 'my site' }, /site: .*not a name/],
    ['a new guest with a bad name', { guests: 'change', 'guests.more': ['a b'] }, /guests\.more: a b: a name has/],
    [
      'too much memory',
      { guests: 'change', 'guests.more': ['big'], 'guests.big.memory': '900G' },
      /guests\.big\.memory: .*more than the 384G/,
    ],
    [
      'an address that somebody has',
      { guests: 'change', 'guests.change': ['redis'], 'guests.redis.nics.lan': '192.168.100.30' },
      /guests\.redis\.nics\.lan: .*192\.168\.100\.30/,
    ],
    [
      'a password instead of where it is',
      { bgp: 'change', 'bgp.peers.upstream.password': 'hunter2' },
      /password: say where it is found/,
    ],
    [
      'a word that is none of very many, without all of these',
      { timezone: 'Europe/Wien' },
      /timezone: Europe\/Wien: not one of the \d+ there are(?: \(did you mean "[^"]+"\?\))?$/,
    ],
    [
      'several at once',
      { site: 'a b', domain: '_', sourcs: 'enterprise' },
      /site: [\s\S]*domain: [\s\S]*sourcs: no such question here \(did you mean "sources"\?\)/,
    ],
  ]
  for (const [what, answers, wanted] of REFUSED)
    it(`refuses ${what}`, async () => {
      await assert.rejects(takeAll({ start: 'orion', ...answers }, world), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'E_USAGE')
        assert.match(error.message, wanted)
        assert.doesNotMatch(error.message, /hunter2/)
        return true
      })
    })

  it('tells what is no answer with all else that is wrong, and does not call it missing', async () => {
    const given = { answers: { start: 'empty', sourcs: 'enterprise' }, unusable: ['nodes.node.address', 'x'] }
    await assert.rejects(replay(await here(), given, world, 'answers.yaml'), ({ message }: Error) => {
      assert.match(message, /nodes\.node\.address: must be a text[\s\S]*x: must be a text[\s\S]*sourcs: no such/)
      assert.doesNotMatch(message, /missing/)
      return true
    })
  })

  it('a node too small for its guests: they cannot stay as they are', async () => {
    const small = fakeWorld({ r730: foundNode({ memoryBytes: 64 * 2 ** 30 }) })
    await assert.rejects(takeAll({ start: 'orion' }, small), /guests: guests of r730/)
    const { draft } = await takeAll({ start: 'orion', guests: 'change', 'guests.keep': ['router', 'netbox'] }, small)
    assert.deepEqual(
      draft.findings.filter(({ severity }) => severity === 'error'),
      [],
    )
  })

  it('what cannot be offered must be answered', async () => {
    await assert.rejects(takeAll({ start: 'empty', 'nodes.node.address': '' }, fakeWorld({})), /nodes\.node\.address: /)
  })

  it('goes on where somebody was, as far as the answers still fit', async () => {
    const course = await take(await newCourse(), ...START, ['site', 'mine'])
    const again = await goOn(await newCourse(), course.draft.answers, world)
    assert.deepEqual(again.draft.value, course.draft.value)
    assert.equal(nextQuestion(again)?.id, 'domain')
    const stale = await goOn(await newCourse(), { ...course.draft.answers, site: 'no name' }, world)
    assert.equal(nextQuestion(stale)?.id, 'site')
  })

  it('a node that does not answer is told by its own error', async () => {
    await assert.rejects(takeAll({ start: 'hive' }, world), { code: 'E_HOST_UNREACHABLE' })
    const { draft } = await takeAll({ start: 'hive', 'nodes.genesis.look': 'no' }, world)
    assert.equal(keysOf(draft.value, 'guests').length, 7)
  })

  it('whatever somebody chooses, there is a way on, and the end is a good site file', async () => {
    const nodes = ['r730', 'genesis', 'node'].map((key) => [
      key,
      foundNode({ node: key === 'node' ? 'pve' : key, devices: [CARD] }),
    ])
    const some = fakeWorld(Object.fromEntries(nodes))
    const walk = async (start: string, turns: readonly number[]) => {
      let course = await take(await newCourse(), ['start', start])
      for (let step = 0; step < 120; step++) {
        const turn = turns[step % turns.length] ?? 0
        if (turn === 0 && step % 3 === 0) course = back(course).trail.length === 0 ? course : back(course)
        const put = nextQuestion(course)
        if (put === undefined) break
        const others = (put.choices ?? []).map(({ value }) => value)
        const own = [choose(put, turn), put.offer ?? '192.168.1.10', ...others]
        const results: unknown[] = []
        for (const given of own) {
          const result = await answer(course, put, given, some)
          if (isCourse(result)) {
            course = result
            break
          }
          results.push(given, result)
        }
        assert.ok(results.length < 2 * own.length, `no way on at ${put.id}: ${JSON.stringify(results)}`)
      }
      await parse(toSiteText(course.draft, '/schema.json'))
    }
    const starts = fc.constantFrom('orion', 'hive', 'empty')
    await fc.assert(fc.asyncProperty(starts, fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 12 }), walk), {
      numRuns: 12,
    })
  })
})

const CARD = { address: '0000:01:00.0', id: '10de:2204', name: 'GPU', class: '030000', iommuGroup: 11, uses: [] }

/** One of the choices, some of them, or what is offered. */
function choose({ kind, choices = [], offer, id }: Question, turn: number): Answer {
  if (id.endsWith('.more') && kind === 'list') return turn % 2 === 0 ? ['extra'] : []
  if (kind === 'checkbox') return choices.filter((_, at) => (turn + at) % 3 !== 0).map(({ value }) => value)
  if (kind === 'select') return choices[turn % choices.length]?.value ?? ''
  return offer ?? '192.168.1.10'
}
