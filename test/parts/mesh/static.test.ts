// Ways written down: which link leads where without BIRD.
import assert from 'node:assert/strict'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { staticRoutes, staticWay } from '../../../src/parts/mesh/static.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { meshSite, withIpv6 } from './routing-world.ts'

const full = (mesh: Mesh): Mesh => {
  const { hub: _, bypass: __, ...rest } = mesh
  return { ...rest, topology: 'full', direct: [] }
}

/** Mesh, from, to, interface. */
const WAYS: readonly (readonly [string, (mesh: Mesh) => Mesh, string, string, string | undefined])[] = [
  ['a direct link', (mesh) => mesh, 'fra-1', 'rey-1', 'wg-rey-1'],
  ['the hub itself', (mesh) => mesh, 'fra-1', 'van-1', 'wg-van-1'],
  ['from the hub', (mesh) => mesh, 'van-1', 'sin-1', 'wg-sin-1'],
  ['over the hub', (mesh) => mesh, 'fra-1', 'sin-1', 'wg-van-1'],
  ['a link for the bypass alone is none', (mesh) => mesh, 'sin-1', 'kel-1', 'wg-van-1'],
  ['nor from there', (mesh) => mesh, 'kel-1', 'sin-1', 'wg-van-1'],
  ['a full mesh', full, 'sin-1', 'rey-1', 'wg-rey-1'],
  ['no link, no hub', (mesh) => full({ ...mesh, topology: 'hub' }), 'sin-1', 'nobody', undefined],
]

describe('parts/mesh/static', () => {
  for (const [title, change, from, to, want] of WAYS)
    it(`${title}: ${from} to ${to}`, async () => {
      const gateway = gatewayOf(await meshSite(change), from)
      assert.ok(gateway)
      assert.equal(staticWay(gateway, to)?.interface, want)
    })

  it('has every prefix of every other gateway once, and none of its own', async () => {
    const site = await meshSite(withIpv6)
    const gateway = gatewayOf(site, 'rey-1')
    assert.ok(gateway)
    assert.deepEqual(staticRoutes(site, gateway).split('\n'), [
      '# Made by orion from the site file: PREFIX dev INTERFACE.',
      '10.99.1.1/32 dev wg-van-1',
      '10.1.0.0/24 dev wg-van-1',
      '10.99.0.10/32 dev wg-van-1',
      'fd00:10:1::/48 dev wg-van-1',
      '10.99.2.1/32 dev wg-van-1',
      '10.2.0.0/24 dev wg-van-1',
      'fd00:10:2::/48 dev wg-van-1',
      '10.99.3.1/32 dev wg-fra-1',
      '10.3.0.0/24 dev wg-fra-1',
      'fd00:10:3::/48 dev wg-fra-1',
      '10.99.4.1/32 dev wg-van-1',
      '10.4.0.0/24 dev wg-van-1',
      'fd00:10:4::/48 dev wg-van-1',
      '',
    ])
  })
})
