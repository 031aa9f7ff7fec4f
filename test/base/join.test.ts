// orion bootstrap join over a node that is only said: which steps are left, what ends a run, and where the next one goes on.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { type JoinWish, join } from '../../src/base/join.ts'
import { alreadyText, doneText, headText } from '../../src/base/join-text.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'
import type { Part } from '../../src/resource.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { site } from '../site/site-builder.ts'

type Joining = Awaited<ReturnType<JoinWish['open']>>

/** What happens in which order, and where it shall fail. */
interface Node {
  done: number
  weight: number
  readonly calls: string[]
  fails: string | undefined
  red: boolean
  troubles: readonly string[]
}

/** A part of one thing that is not there yet, and is proved once it is. */
function partOf(name: string, of: Node): Part {
  let isThere = false
  const step = async (what: string) => {
    of.calls.push(`${what} ${name}`)
    if (of.fails === name) throw new OrionError(`${name} cannot be made`, { code: 'E_HOST_COMMAND' })
  }
  return {
    name,
    resources: () => [
      {
        id: `${name}:n1/x`,
        title: name,
        needs: [],
        observe: async () => (isThere ? {} : undefined),
        diff: (have) => (have === undefined ? [{ field: 'x', want: 'there' }] : []),
        create: async () => {
          await step('create')
          isThere = true
        },
        update: async () => {},
        remove: async () => {},
      },
    ],
    probes: () => [
      {
        id: `check:n1/${name}`,
        title: name,
        run: async () => {
          of.calls.push(`check ${name}`)
          return { state: of.red ? 'failed' : 'ok', expected: 'well', seen: of.red ? 'ill' : 'well' }
        },
      },
    ],
  }
}

function joiningOf(of: Node): Joining {
  const [network, services] = [partOf('network', of), partOf('services', of)]
  const say = async (call: string) => {
    of.calls.push(call)
    if (of.fails === call) throw new OrionError(`${call} is not well`, { code: 'E_ROLLED_BACK' })
  }
  return {
    node: 'n1',
    gateways: ['n1'],
    network: [{ parts: [network], prepare: () => say('prepare') }],
    services: [{ parts: [services], prepare: async () => {} }],
    weights: [25, 50, 75, 100],
    progress: async () =>
      of.done === 0 ? undefined : { step: of.done, since: '2026-11-21T15:02:10.000Z', at: '2026-11-21T15:04:50.000Z' },
    hardware: async () => {
      await say('hardware')
      return ['56 threads']
    },
    weight: async () => of.weight,
    troubles: async () => of.troubles,
    setWeight: async (weight) => {
      await say(`weight ${weight}`)
      of.weight = weight
    },
    keep: async (step) => {
      of.calls.push(`keep ${step}`)
      of.done = step
    },
  }
}

describe('base/join', () => {
  let dir: string
  before(() => {
    dir = mkdtempSync(path(tmpdir(), 'orion-test-'))
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  const nodeAt = (more: Partial<Node> = {}): Node => ({
    done: 0,
    weight: 0,
    calls: [],
    fails: undefined,
    red: false,
    troubles: [],
    ...more,
  })
  const session = () =>
    ({ site: site(), outside: fakeHost().outside, dir, lab: false, screen: {} }) as unknown as Session
  const run = (of: Node, more: Partial<JoinWish> = {}, joining = joiningOf(of)) =>
    join(
      { session: session(), json: true },
      { joiner: 'n1', concurrency: 2, yes: true, open: async () => joining, ...more },
    )
  const ends = ({ exit, document }: Awaited<ReturnType<typeof run>>) => [exit, (document as { done: number }).done]
  const STEP_5 = [25, 50, 75, 100].flatMap((weight) => [`weight ${weight}`, 'check network', 'check services'])

  it('takes the five steps in their order, and keeps each', async () => {
    const node = nodeAt()
    assert.deepEqual(ends(await run(node)), [0, 5])
    assert.deepEqual(node.calls, [
      ...['hardware', 'keep 1'],
      ...['prepare', 'create network', 'keep 2'],
      ...['create services', 'keep 3'],
      ...['check network', 'check services', 'keep 4'],
      ...[...STEP_5, 'keep 5'],
    ])
  })

  it('has nothing to do where all is done', async () => {
    const node = nodeAt({ done: 5, weight: 100 })
    assert.deepEqual(ends(await run(node)), [0, 5])
    assert.deepEqual(node.calls, [])
  })

  for (const done of [1, 2, 3, 4])
    it(`goes on after step ${done}`, async () => {
      const node = nodeAt({ done })
      assert.deepEqual(ends(await run(node)), [0, 5])
      assert.equal(node.calls.at(-1), 'keep 5')
      assert.ok(!node.calls.includes('hardware') && !node.calls.includes(`keep ${done}`))
    })

  it('goes on with the weight where it is', async () => {
    const node = nodeAt({ done: 4, weight: 50 })
    await run(node)
    assert.deepEqual(
      node.calls.filter((call) => call.startsWith('weight')),
      ['weight 75', 'weight 100'],
    )
  })

  it('does one step alone, also once more, and loses no progress by it', async () => {
    const node = nodeAt({ done: 3 })
    assert.deepEqual(ends(await run(node, { step: 'hardware' })), [0, 3])
    assert.deepEqual([node.calls, node.done], [['hardware', 'keep 3'], 3])
  })

  it('says how far it is, and names a command that knows the node', () => {
    const flags = { site: 'a.yaml' }
    const end = (gateways: readonly string[], done = 5) => doneText({ node: 'n1', gateways }, done, flags).join()
    assert.match(end(['n1']), /^Done: n1 carries its part\. To see it: .* mesh status n1 --site a\.yaml$/)
    assert.match(end(['guest']), /mesh status guest --site a\.yaml$/)
    assert.match(end([]), /verify --node n1 --site a\.yaml$/)
    assert.match(end(['n1'], 2), /^Next, step 3: .*bootstrap join n1 --site a\.yaml$/)
    assert.deepEqual(
      [0, 2, 5].map((ended) => headText('n1', 'Fed', ended, [3]).split('\n')[0]),
      ['n1 joins Fed:', 'n1 goes on joining:', 'n1 has joined; once more:'],
    )
    assert.match(alreadyText('n1', '2026-11-21T15:04:50.000Z'), /--step hardware, network, services, state, traffic\.$/)
    for (const line of headText('a-rather-long-name', 'Fed', 2, [1, 2, 3, 4, 5]).split('\n'))
      assert.ok(`Step ${line}`.length <= 80, line)
  })

  it('takes no step before its time', async () => {
    const node = nodeAt({ done: 1 })
    await assert.rejects(
      run(node, { step: 'services' }),
      /step 3 of n1 \(services\) comes after step 2, which is not done yet/,
    )
    assert.deepEqual(node.calls, [])
  })

  describe('a step that fails', () => {
    it('ends the run: hardware', async () => {
      const node = nodeAt({ fails: 'hardware' })
      await assert.rejects(run(node), /hardware is not well/)
      assert.deepEqual(node.calls, ['hardware'])
    })

    it('ends the run: a resource; the next run tries it again and goes on', async () => {
      const node = nodeAt({ fails: 'services' })
      const joining = joiningOf(node)
      assert.deepEqual(ends(await run(node, {}, joining)), [1, 2])
      assert.equal(node.done, 2)
      node.fails = undefined
      node.calls.length = 0
      assert.deepEqual(ends(await run(node, {}, joining)), [0, 5])
      assert.deepEqual(node.calls.slice(0, 2), ['create services', 'keep 3'])
    })

    it('ends the run: a check that is red, before and while traffic comes', async () => {
      const early = nodeAt({ done: 3, red: true })
      assert.deepEqual(ends(await run(early)), [3, 3])
      const late = nodeAt({ done: 4, red: true })
      assert.deepEqual(ends(await run(late)), [3, 4])
      assert.deepEqual([late.weight, late.done], [25, 4])
    })

    it('ends the run: a link that is not well', async () => {
      const node = nodeAt({ done: 3, troubles: ['n1: the link with n2 loses 1 of 3 packets'] })
      const ended = await run(node)
      assert.deepEqual(ends(ended), [3, 3])
      assert.match(JSON.stringify(ended.document), /loses 1 of 3/)
    })

    it('ends the run: somebody has no way to it any more, before the next weight', async () => {
      const node = nodeAt({ done: 4, weight: 25 })
      const joining = joiningOf(node)
      const troubles = async () => (node.weight < 50 ? [] : ['n9 has no way to n1'])
      const ended = await run(node, {}, { ...joining, troubles })
      assert.deepEqual([ends(ended), node.weight], [[3, 4], 50])
      const last = nodeAt({ done: 4, weight: 100, troubles: ['n9 has no way to n1'] })
      assert.deepEqual(ends(await run(last)), [3, 4])
    })

    it('leaves the weight that stands', async () => {
      const node = nodeAt({ done: 4, fails: 'weight 50' })
      await assert.rejects(run(node), /weight 50 is not well/)
      assert.deepEqual([node.weight, node.done], [25, 4])
    })
  })

  it('has nothing to weigh on a node that announces nothing', async () => {
    const node = nodeAt({ done: 4 })
    const ended = await run(node, {}, { ...joiningOf(node), weights: [] })
    assert.deepEqual([ends(ended), node.calls], [[0, 5], ['keep 5']])
  })

  it('checks once more where a run was killed after its last weight', async () => {
    const node = nodeAt({ done: 4, weight: 100 })
    assert.deepEqual(ends(await run(node)), [0, 5])
    assert.deepEqual(node.calls, ['check network', 'check services', 'keep 5'])
  })

  it('asks nobody with --json', async () => {
    await assert.rejects(run(nodeAt({ done: 4 }), { yes: false }), /--json asks no question/)
    const node = nodeAt({ done: 1 })
    await assert.rejects(run(node, { yes: false }), /--json asks no question/)
    assert.deepEqual(node.calls, [], 'prepared before the yes')
  })
})
