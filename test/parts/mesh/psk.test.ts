// The preshared keys of the federation as resources: one for each link, after the keys of both of its gateways.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { pskLinks, pskResources } from '../../../src/parts/mesh/psk.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, node, site, vm } from '../../site/site-builder.ts'

const FEDERATION = fileURLToPath(new URL('../../../templates/sites/federation.yaml', import.meta.url))
const PQ = { kem: 'ml-kem-768', required: true } as const

describe('parts/mesh/psk', () => {
  let federation: Site
  before(async () => {
    federation = await loadSite(FEDERATION)
  })
  const ids = (of: Site, gateways?: readonly string[]) =>
    pskResources(of, { alone: true, ...(gateways && { gateways }) }).map(({ id }) => id)

  it('is one for each link', () =>
    assert.deepEqual(
      ids(federation),
      getMesh(federation).links.map(({ id }) => `mesh-psk:${id}/psk`),
    ))

  it('is only of links whose two gateways are planned', () =>
    assert.deepEqual(ids(federation, ['fra-1', 'rey-1', 'van-1']), [
      'mesh-psk:fra-1~rey-1/psk',
      'mesh-psk:fra-1~van-1/psk',
      'mesh-psk:rey-1~van-1/psk',
    ]))

  it('is none where the site file wants none', () => {
    assert.deepEqual(ids(site()), [])
    const { postQuantum: _, ...rest } = federation.mesh ?? mesh([])
    assert.deepEqual(ids({ ...federation, mesh: rest }), [])
  })

  it('begins each exchange at the smaller name, with one question for all links of a host', () => {
    const links = pskLinks(federation, getMesh(federation).links)
    const [first] = links
    assert.deepEqual(
      first?.ends.map(({ host, interface: name }) => [host, name]),
      [
        ['fra-1', 'wg-kel-1'],
        ['kel-1', 'wg-fra-1'],
      ],
    )
    assert.deepEqual([first?.site, first?.required], ['sovereign', true])
    const looks = links.flatMap(({ ends }) => ends.filter(({ host }) => host === 'fra-1')).map(({ look }) => look)
    assert.equal(new Set(looks).size, 1)
    assert.deepEqual(looks[0]?.commands['mesh-psk']?.slice(3), [
      'orion-mesh-psk',
      'look',
      'wg-kel-1',
      'wg-rey-1',
      'wg-van-1',
    ])
  })

  it('waits for a gateway that is a guest', () => {
    const gateways = [gateway('n1', '10.99.0.1'), gateway('router', '10.99.0.2')]
    const guests = [vm('router', 100, {}, { node: 'n1' })]
    const [resource] = pskResources(site({ nodes: [node('n1')], guests, mesh: mesh(gateways, { postQuantum: PQ }) }), {
      alone: false,
    })
    assert.deepEqual(resource?.needs, ['vm:n1/100', 'mesh-keys:n1/links', 'mesh-keys:router/links'])
  })
})
