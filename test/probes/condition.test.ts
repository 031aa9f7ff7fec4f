// The condition of nodes and clusters, what is stored and waits, what was forgotten, and second ways: one row per case.
import assert from 'node:assert/strict'
import { clusterCondition } from '../../src/probes/cluster-condition.ts'
import { leftPools } from '../../src/probes/left-pools.ts'
import { noLeftTopics } from '../../src/probes/left-topics.ts'
import { meshWays } from '../../src/probes/mesh-ways.ts'
import { nodeCondition, type SeenNode } from '../../src/probes/node-condition.ts'
import { pendingOptions } from '../../src/probes/pending-options.ts'
import type { Outside, Probe, ProbeResult } from '../../src/resource.ts'
import type { Setting } from '../../src/resources/setting.ts'
import { makeWorld } from '../engine/fakes.ts'

const { outside } = makeWorld()
const WELL: SeenNode = { isInStep: true, pools: [{ name: 'rpool', health: 'ONLINE' }] }
const since = '2026-01-01T00:00:00.000Z'

async function run(probe: Probe | undefined, within: Outside = outside): Promise<ProbeResult> {
  assert.ok(probe)
  const result = await probe.run(within)
  assert.ok(result.state === 'ok' || result.state === 'unknown' || result.hint, 'what is not green says what to do')
  return result
}

describe('probes/node-condition', () => {
  const ROWS: readonly [kind: string, seen: SeenNode | undefined, state: string, text: RegExp, since?: string][] = [
    ['clock', WELL, 'ok', /^in step$/],
    ['clock', { ...WELL, isInStep: false }, 'warning', /^not in step$/],
    ['clock', { pools: [] }, 'warning', /nobody there knows/],
    ['clock', undefined, 'unknown', /says nothing/],
    ['pending-restart', WELL, 'ok', /^nothing$/],
    ['pending-restart', { ...WELL, kernel: { running: '6.8', next: '6.8', since } }, 'ok', /^nothing$/],
    ['pending-restart', { ...WELL, kernel: { running: '6.8', next: '6.14', since } }, 'warning', /kernel 6.14/, since],
    ['pending-restart', { ...WELL, restart: { packages: ['libc6'], since } }, 'warning', /restart for libc6/, since],
    ['pending-restart', { ...WELL, restart: { packages: [] } }, 'warning', /restart for updates/],
    ['pending-restart', { ...WELL, staged: {} }, 'warning', /interfaces\.new/],
    ['pool-health', WELL, 'ok', /^rpool$/],
    ['pool-health', { pools: [] }, 'ok', /^no pools$/],
    ['pool-health', { pools: [...WELL.pools, { name: 'tank', health: 'DEGRADED' }] }, 'failed', /^tank is DEGRADED$/],
  ]
  for (const [kind, seen, state, text, from] of ROWS) {
    it(`${kind}: ${state}, ${text.source}`, async () => {
      const probes = nodeCondition('n1', async () => seen)
      const result = await run(probes.find(({ id }) => id === `${kind}:n1`))
      assert.equal(result.state, state)
      assert.match(result.seen, text)
      assert.equal(result.since, from)
    })
  }
})

describe('probes/cluster-condition', () => {
  const votes = (expected: number, total: number, needed: number, isQuorate = true) => ({
    expected,
    total,
    needed,
    isQuorate,
  })
  const VOTES: readonly [title: string, votes: ReturnType<typeof votes> | undefined, state: string, hint: RegExp][] = [
    ['three of three', votes(3, 3, 2), 'ok', /^$/],
    ['two of three', votes(3, 2, 2), 'warning', /bring back/],
    ['one of three', votes(3, 1, 2, false), 'failed', /who is away/],
    ['two nodes alone', votes(2, 2, 2), 'warning', /pvecm qdevice setup/],
    ['two nodes and a third vote', votes(3, 3, 2), 'ok', /^$/],
    ['no cluster', undefined, 'failed', /one cluster in the site file/],
  ]
  for (const [title, seen, state, hint] of VOTES) {
    it(`${title}: ${state}`, async () => {
      const look = async () => ({ ...(seen && { votes: seen }), managed: [] })
      const result = await run(clusterCondition('lab', look)[0])
      assert.equal(result.state, state)
      assert.match(result.hint ?? '', hint)
    })
  }

  const MANAGED: readonly [text: string, state: string][] = [
    ['n1, started', 'ok'],
    ['n1, error', 'failed'],
    ['n2, fence', 'failed'],
    ['n1, stopped', 'ok'],
  ]
  for (const [text, state] of MANAGED) {
    it(`a service that is ${text}: ${state}`, async () => {
      const look = async () => ({ managed: [{ kind: 'service' as const, name: 'vm:100', text }] })
      assert.equal((await run(clusterCondition('lab', look)[1])).state, state)
    })
  }

  it('a manager that is dead is red, and silence is not green', async () => {
    const lrm = { kind: 'lrm' as const, name: 'n2', text: 'old timestamp - dead?, Sun Nov 22' }
    assert.equal((await run(clusterCondition('lab', async () => ({ managed: [lrm] }))[1])).state, 'failed')
    assert.equal((await run(clusterCondition('lab', async () => undefined)[0])).state, 'unknown')
  })
})

describe('probes/pending-options', () => {
  const guest = { name: 'web', kind: 'vm', vmid: 100 } as const
  const pending = async (settings: Record<string, Setting>, told: readonly string[] = []) => {
    const state = { settings: new Map(Object.entries(settings)) }
    const resource = {
      ...{ id: 'vm:n1/100' as const, title: 'web', needs: [] },
      observe: async () => state,
      diff: () => told.map((field) => ({ field, waits: 'restart' as const })),
      create: async () => undefined,
      update: async () => undefined,
      remove: async () => undefined,
    }
    return run(pendingOptions('n1', [{ guest, resource, isElsewhere: (key) => key === 'affinity' }]))
  }
  it('none', async () => {
    assert.equal((await pending({ memory: { active: '512', next: '512' }, digest: { active: 'a' } })).state, 'ok')
  })
  it('what somebody changed, and what is dropped at the next start', async () => {
    const found = await pending({
      vga: { active: 'std', next: 'qxl' },
      net3: { active: 'virtio' },
      name: { next: 'a' },
    })
    assert.deepEqual([found.state, found.seen], ['warning', 'web: vga, net3, name'])
    assert.match(found.hint ?? '', /qm set 100 --revert vga,net3,name/)
  })
  it('what its own check tells is not told twice', async () => {
    const settings = { memory: { active: '1', next: '2' }, affinity: { active: '1', next: '2' } }
    assert.equal((await pending(settings, ['memory'])).state, 'ok')
  })
})

describe('probes of what was forgotten', () => {
  it('topics on a node', async () => {
    const look = (found: { title: string; undo: string }[] | undefined) => run(noLeftTopics('n1', async () => found))
    assert.equal((await look([])).state, 'ok')
    assert.equal((await look(undefined)).state, 'unknown')
    const one = { title: 'the Keeper', undo: 'orion keeper undo n1 --list' }
    const found = await look([one, { ...one, title: 'another' }])
    assert.deepEqual([found.state, found.seen], ['warning', 'still there: the Keeper, another'])
    assert.match(found.hint ?? '', /take it away: orion keeper undo n1 --list$/)
  })
  it('pools of a cluster', async () => {
    assert.equal((await run(leftPools('lab', async () => []))).state, 'ok')
    assert.match((await run(leftPools('lab', async () => ['old']))).hint ?? '', /--poolid old$/)
  })
})

describe('probes/mesh-ways', () => {
  const gateways = [
    { name: 'hub', links: ['a~hub', 'b~hub'] },
    { name: 'a', links: ['a~hub', 'a~b'] },
    { name: 'b', links: ['b~hub', 'a~b'] },
  ]
  const ROWS: readonly [up: string[], state: string, seen: RegExp][] = [
    [['a~hub', 'b~hub', 'a~b'], 'ok', /^3 gateways/],
    [['a~hub', 'b~hub'], 'warning', /^one link left: a \(a~hub\), b \(b~hub\)$/],
    [['a~b'], 'failed', /^no link left: hub; one link left: a/],
    [[], 'failed', /^no link left: hub, a, b$/],
  ]
  for (const [up, state, seen] of ROWS) {
    it(`${up.join(', ') || 'nothing'} up: ${state}`, async () => {
      const result = await run(meshWays(gateways, async () => new Set(up)))
      assert.equal(result.state, state)
      assert.match(result.seen, seen)
    })
  }
})
