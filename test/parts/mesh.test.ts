// The mesh as resources: which there are, what each needs, and what a part of the gateways comes to.
import assert from 'node:assert/strict'
import { getOrder } from '../../src/engine/order.ts'
import { mesh, meshOf } from '../../src/parts/mesh.ts'
import type { Resource } from '../../src/resource.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { gateway, network, mesh as siteMesh, site as siteOf, vm } from '../site/site-builder.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const WISHES = { restart: false }
const idsOf = (resources: readonly Resource[], kind: string) =>
  resources.map(({ id }) => id).filter((id) => id.startsWith(kind))

describe('parts/mesh', () => {
  let site: Site
  before(async () => {
    site = await loadSite('templates/sites/federation.yaml', { standInKey: KEY })
  })

  it('has packages and keys per gateway, a preshared key per link, files, and routes on the nodes beside a gateway', () => {
    const all = mesh.resources(site, WISHES)
    assert.equal(idsOf(all, 'packages:').length, 5)
    assert.equal(idsOf(all, 'mesh-keys:').length, 5)
    assert.equal(idsOf(all, 'mesh-psk:').length, 8)
    assert.deepEqual(idsOf(all, 'file-set:kel-1'), [
      'file-set:kel-1/mesh',
      'file-set:kel-1/mesh-forwarding',
      'file-set:kel-1/mesh-bird',
    ])
    const near = all.filter(({ id }) => id.endsWith('/mesh-routes'))
    assert.deepEqual(
      near.map(({ id }) => id),
      ['file-set:van-2/mesh-routes', 'file-set:van-3/mesh-routes'],
    )
    assert.ok(near.every(({ needs }) => needs.includes('file-set:van-1/mesh')))
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
  })

  it('is made in an order: keys, preshared keys, spokes, hub, bypass', () => {
    const order = getOrder(mesh.resources(site, WISHES), { partial: true }).map(({ id }) => id)
    const at = (id: string) => (order as readonly string[]).indexOf(id)
    const last = (kind: string) => order.findLastIndex((id) => id.startsWith(kind))
    assert.ok(last('mesh-keys:') < at('file-set:van-1/mesh'))
    assert.ok(at('mesh-psk:fra-1~van-1/psk') < at('file-set:fra-1/mesh'))
    for (const spoke of ['fra-1', 'sin-1', 'rey-1']) {
      assert.ok(at(`file-set:${spoke}/mesh-bird`) < at('file-set:van-1/mesh'))
    }
    assert.ok(at('file-set:van-1/mesh-bird') < at('file-set:kel-1/mesh'))
  })

  it('needs the network of its nodes first', () => {
    const packages = mesh.resources(site, WISHES).find(({ id }) => id === 'packages:van-1/mesh')
    assert.ok(packages)
    for (const need of packages.needs) assert.match(need, /van-1\/(interfaces|sources|debian)$/)
  })

  it('of some gateways touches no other, and only the links between them get a key', () => {
    const some = meshOf({ gateways: ['kel-1', 'fra-1'], alone: true })
    const all = some.resources(site, WISHES)
    assert.deepEqual(idsOf(all, 'mesh-psk:'), ['mesh-psk:fra-1~kel-1/psk'])
    assert.deepEqual([...new Set(idsOf(all, 'file-set:').map((id) => id.split(/[:/]/)[1]))].sort(), ['fra-1', 'kel-1'])
    assert.ok(some.probes(site).some(({ id }) => id === 'tunnel:fra-1~rey-1'))
    assert.equal(
      some.probes(site).some(({ id }) => id === 'tunnel:sin-1~van-1'),
      false,
    )
  })

  it('has a probe for each link and for what is made, but not for each key', () => {
    const ids = mesh.probes(site).map(({ id }) => id)
    assert.equal(ids.filter((id) => id.startsWith('tunnel:')).length, 8)
    assert.ok(ids.includes('as-wanted:file-set:van-1/mesh'))
    assert.equal(
      ids.some((id) => id.includes('mesh-psk')),
      false,
    )
  })

  it('of one gateway with people alone has no routing, and its node the way there', async () => {
    const orion = await loadSite('templates/sites/orion.yaml', { standInKey: KEY })
    const all = mesh.resources(orion, WISHES)
    assert.deepEqual(
      all.map(({ id }) => id),
      ['packages:router/mesh', 'mesh-keys:router/links', 'file-set:router/mesh', 'file-set:r730/mesh-routes'],
    )
    const [packages, keys, files, ways] = all
    assert.doesNotMatch(packages?.brief ?? '', /bird/)
    assert.match(keys?.brief ?? '', /^1 /)
    assert.equal(files?.brief, 'clients laptop; firewall and units')
    assert.ok(ways?.needs.includes('file-set:r730/interfaces'))
    assert.ok(ways?.needs.includes('file-set:router/mesh'))
  })

  it('is nothing where the site file has no mesh', () => {
    const bare = siteOf()
    assert.deepEqual([mesh.resources(bare, WISHES), mesh.probes(bare)], [[], []])
  })

  it('waits for a gateway that is a guest, and of a router for its firewall', () => {
    const guest = vm('gate', 200, { lan: '10.0.0.2/24' })
    const own = siteOf({
      networks: [network('lan', { ipv4: '10.0.0.0/24' })],
      guests: [guest],
      firewall: { router: 'gate', allow: [], masquerade: [] },
      mesh: siteMesh([gateway('pve', '10.99.1.1'), gateway('gate', '10.99.2.1')]),
    })
    const all = mesh.resources(own, WISHES)
    const ofGuest = all.filter(({ id }) => id.includes(':gate/'))
    assert.ok(ofGuest.length >= 4)
    for (const { id, needs } of ofGuest) assert.ok(needs.includes('vm:pve/200'), id)
    const files = all.find(({ id }) => id === 'file-set:gate/mesh')
    assert.ok(files?.needs.includes('file-set:gate/firewall'))
    assert.deepEqual(idsOf(all, 'file-set:gate/firewall'), [], 'in a whole run it is of the router’s own part')
    const alone = meshOf({ alone: true }).resources(own, WISHES)
    assert.deepEqual(idsOf(alone, 'file-set:gate/f'), ['file-set:gate/firewall', 'file-set:gate/forwarding'])
  })
})
