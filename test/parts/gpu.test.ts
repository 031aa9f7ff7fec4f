// The part gpu: what comes after what, one node after the other, and what is nobody's.
import assert from 'node:assert/strict'
import { gpuOf } from '../../src/parts/gpu.ts'
import type { ResourceId } from '../../src/resource.ts'
import { node, site, vm } from '../site/site-builder.ts'
import { card, coral } from './gpu/seen.ts'

const twoNodes = site({
  nodes: [node('n1'), node('n2'), node('n3')],
  guests: [vm('brain', 100, {}, { node: 'n1' }), vm('eye', 401, {}, { node: 'n2' })],
  devices: [
    { ...card, node: 'n1', standby: [] },
    { ...coral, node: 'n2' },
  ],
})
const resourcesOf = (options: Parameters<typeof gpuOf>[0]) => gpuOf(options).resources(twoNodes, { restart: false })

/** All that comes before it. */
function comeBefore(options: Parameters<typeof gpuOf>[0], id: ResourceId): ReadonlySet<string> {
  const byId = new Map(resourcesOf(options).map((one) => [one.id, one]))
  const found = new Set<string>()
  const follow = (one: ResourceId) => {
    for (const need of byId.get(one)?.needs ?? []) if (!found.has(need) && found.add(need)) follow(need)
  }
  follow(id)
  return found
}

describe('parts/gpu', () => {
  const reboot = 'now'

  it('has nothing of a node without devices, until something may have to go', () => {
    const nodesOf = (options: Parameters<typeof gpuOf>[0]) =>
      [...new Set(resourcesOf(options).map(({ id }) => id.split(/[:/]/)[1]))].filter((one) => /^n\d/.test(one ?? ''))
    assert.deepEqual(nodesOf({ reboot: 'never' }), ['n1', 'n2'])
    assert.deepEqual(nodesOf({ reboot: 'never', absent: true }), ['n1', 'n2', 'n3'])
    assert.deepEqual(nodesOf({ reboot: 'never', nodes: ['n2'] }), ['n2'])
  })

  it('files, then the restart, then guests; the watch over the restart comes before all', () => {
    const guest = resourcesOf({ reboot }).find(({ id }) => id.startsWith('guest-devices:n1/'))?.id
    assert.ok(guest)
    const all = comeBefore({ reboot }, guest)
    for (const id of ['file-set:n1/reboot', 'file-set:n1/gpu', 'reboot:n1/gpu']) assert.ok(all.has(id), id)
  })

  it('on the way back guests give their devices away before the node restarts', () => {
    const all = comeBefore({ reboot, absent: true }, 'reboot:n1/gpu')
    assert.ok(
      [...all].some((id) => id.startsWith('guest-devices:n1/')),
      [...all].join(),
    )
    assert.ok(all.has('file-set:n1/gpu'))
  })

  it('no node restarts before the one in front of it is back', () => {
    assert.ok(comeBefore({ reboot }, 'reboot:n2/gpu').has('reboot:n1/gpu'))
    assert.ok(!comeBefore({ reboot }, 'reboot:n1/gpu').has('reboot:n2/gpu'))
  })

  it('no id stands twice', () => {
    const ids = resourcesOf({ reboot, absent: true }).map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
  })
})
