// In which order gateways change, and that hub and bypass never change in one run.
import assert from 'node:assert/strict'
import { getOrder } from '../../../src/engine/order.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { inOrder, inTurns, turnOf } from '../../../src/parts/mesh/order.ts'
import type { Difference, Outside, Resource, ResourceId } from '../../../src/resource.ts'
import type { FileSet } from '../../../src/resources/file-set.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { fakeHost } from '../../resources/fake-host.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const set = (host: string, name: string): FileSet => ({ host, name, wish: {}, files: () => [], activate: [] })

/** Ids with their needs, of gateways that have the sets `mesh` and `mesh-bird`. */
function needsOf(site: Site, names: readonly string[], postQuantum = true): Map<string, readonly ResourceId[]> {
  const mesh = getMesh(site)
  const on = mesh.gateways.filter(({ name }) => names.includes(name))
  const planned = new Map(on.map((one) => [one, [set(one.name, 'mesh'), set(one.name, 'mesh-bird')]]))
  const ordered = [...inOrder(mesh, planned, { postQuantum }).values()].flat()
  return new Map(ordered.map(({ host, name, needs }) => [`${host}/${name}`, needs ?? []]))
}

describe('parts/mesh/order', () => {
  let site: Site
  let all: readonly string[]
  before(async () => {
    site = await loadSite('templates/sites/federation.yaml', { standInKey: KEY })
    all = getMesh(site).gateways.map(({ name }) => name)
  })

  it('keys of both ends come first, then preshared keys, then files, one set after the other', () => {
    const needs = needsOf(site, all)
    assert.deepEqual([...(needs.get('rey-1/mesh') ?? [])].sort(), [
      'mesh-keys:fra-1/links',
      'mesh-keys:kel-1/links',
      'mesh-keys:rey-1/links',
      'mesh-keys:van-1/links',
      'mesh-psk:fra-1~rey-1/psk',
      'mesh-psk:kel-1~rey-1/psk',
      'mesh-psk:rey-1~van-1/psk',
      'packages:rey-1/mesh',
    ])
    assert.deepEqual(needs.get('rey-1/mesh-bird'), ['file-set:rey-1/mesh'])
    assert.doesNotMatch([...needsOf(site, all, false).values()].flat().join(), /psk/)
  })

  it('spokes come before the hub, and the bypass last', () => {
    const needs = needsOf(site, all)
    const items = [...needs].map(([id, list]) => ({
      id: `file-set:${id}` as ResourceId,
      needs: list.filter((one) => one.startsWith('file-set:')),
    }))
    const order = getOrder(items.reverse()).map(({ id }) => id)
    assert.deepEqual(order.slice(-4), [
      'file-set:van-1/mesh',
      'file-set:van-1/mesh-bird',
      'file-set:kel-1/mesh',
      'file-set:kel-1/mesh-bird',
    ])
    assert.equal(order.length, 10)
  })

  it('nothing is needed of a gateway that is not planned', () => {
    const needs = needsOf(site, ['rey-1', 'kel-1'])
    assert.doesNotMatch([...needs.values()].flat().join(), /van-1|fra-1|sin-1/)
    assert.match((needs.get('kel-1/mesh') ?? []).join(), /mesh-psk:kel-1~rey-1\/psk.*file-set:rey-1\/mesh-bird/)
  })
})

const CHANGE: Difference = { field: 'f', have: '1', want: '2', disrupts: 'the link' }
const LATER: Difference = { field: 'g', want: 'up', waits: 'other' }
const FIXED: Difference = { field: 'i', have: '1', want: '2', immutable: true }
const outside: Outside = fakeHost().outside

/** `have` undefined = not there; `differences` may change meanwhile. */
function resource(state: { have?: object | undefined; differences: readonly Difference[]; fails?: boolean }): Resource {
  const never = () => assert.fail('only looked at')
  return {
    id: 'file-set:x/mesh',
    title: 'x',
    needs: [],
    observe: async () => {
      if (state.fails) throw new Error('silent')
      return state.have
    },
    diff: () => state.differences,
    create: never,
    update: never,
    remove: never,
  }
}

describe('parts/mesh/order: the turn of the bypass', () => {
  const there = (...differences: Difference[]) => ({ have: {}, differences })
  const rows = [
    { title: 'both change', hub: there(CHANGE), bypass: there(CHANGE), waits: ['turn'] },
    { title: 'only the bypass changes', hub: there(), bypass: there(CHANGE), waits: [undefined] },
    { title: 'the hub is new', hub: { differences: [CHANGE] }, bypass: there(CHANGE), waits: [undefined] },
    { title: 'the bypass is new', hub: there(CHANGE), bypass: { differences: [CHANGE] }, waits: [undefined] },
    { title: 'the hub itself only waits', hub: there(LATER), bypass: there(CHANGE), waits: [undefined] },
    { title: 'the hub is silent', hub: { ...there(), fails: true }, bypass: there(CHANGE), waits: [undefined] },
    {
      title: 'what waits already, or is not for orion, stays so',
      hub: there(CHANGE),
      bypass: there(LATER, FIXED, CHANGE),
      waits: ['other', undefined, 'turn'],
    },
  ]
  const waitsOf = async (one: Resource) => one.diff(await one.observe(outside)).map((each) => each.waits)
  for (const { title, hub, bypass, waits } of rows)
    it(title, async () => {
      const wrapped = inTurns(resource(bypass), undefined, turnOf([resource(hub)]))
      assert.deepEqual(await waitsOf(wrapped), waits)
    })

  it('says what to do, and that nothing is interrupted now', async () => {
    const wrapped = inTurns(resource(there(CHANGE)), undefined, turnOf([resource(there(CHANGE))]))
    const [one] = wrapped.diff(await wrapped.observe(outside))
    const hint = 'after this run: orion mesh apply again'
    assert.deepEqual(one, { field: 'f', have: '1', want: '2', waits: 'turn', hint })
  })

  it('of the others only the tunnels to the bypass wait, and the rest is done', async () => {
    const done: string[] = []
    const made = (name: string, ...differences: Difference[]): Resource => ({
      ...resource(there(...differences)),
      update: async () => void done.push(name),
    })
    const direct: Difference = { field: 'direct', have: '1', want: '2' }
    const held = inTurns(made('all', CHANGE, direct), made('now', direct), turnOf([resource(there(CHANGE))]))
    const have = await held.observe(outside)
    assert.deepEqual(
      held.diff(have).map(({ field, waits }) => [field, waits]),
      [
        ['direct', undefined],
        ['f', 'turn'],
      ],
    )
    await held.update(outside, have, () => {})
    const free = inTurns(made('all', CHANGE, direct), made('now', direct), turnOf([resource(there())]))
    await free.update(outside, await free.observe(outside), () => {})
    assert.deepEqual(done, ['now', 'all'])
  })

  it('holds for the whole run: that the hub is done changes nothing', async () => {
    const hub: { have: object; differences: Difference[] } = { have: {}, differences: [CHANGE] }
    const turn = turnOf([resource(hub)])
    const [one, other] = [there(CHANGE), there(CHANGE)].map((state) => inTurns(resource(state), undefined, turn))
    assert.ok(one && other)
    assert.deepEqual(await waitsOf(one), ['turn'])
    hub.differences = []
    assert.deepEqual(await waitsOf(one), ['turn'])
    assert.deepEqual(await waitsOf(other), ['turn'])
  })
})
