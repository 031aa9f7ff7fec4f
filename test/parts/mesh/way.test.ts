// The ways that BGP comes to: of the federation as it is, without its hub, without its bypass, without a link.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getMesh, type LinkEnd, type MeshModel } from '../../../src/parts/mesh/model.ts'
import { staticWaysTo, waysTo } from '../../../src/parts/mesh/way.ts'
import { loadSite } from '../../../src/site/load.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const FEDERATION = join(fileURLToPath(new URL('../../..', import.meta.url)), 'templates/sites/federation.yaml')

describe('mesh/way', () => {
  let model: MeshModel
  before(async () => {
    model = getMesh(await loadSite(FEDERATION))
  })
  const to = (name: string, isThere?: (end: LinkEnd) => boolean) => {
    const found = model.gateways.find((one) => one.name === name)
    assert.ok(found)
    return Object.fromEntries(
      [...waysTo(model.gateways, found, isThere)].map(([from, { path }]) => [from, path.join(' ')]),
    )
  }
  const without = (name: string) => (end: LinkEnd) =>
    end.own.name !== name && end.peer.name !== name && end.link.id !== name

  it('a direct link, else the hub', () =>
    assert.deepEqual(to('rey-1'), {
      'van-1': 'rey-1',
      'kel-1': 'van-1 rey-1',
      'fra-1': 'rey-1',
      'sin-1': 'van-1 rey-1',
    }))
  it('without the hub: the bypass', () =>
    assert.deepEqual(to('rey-1', without('van-1')), { 'kel-1': 'rey-1', 'fra-1': 'rey-1', 'sin-1': 'kel-1 rey-1' }))
  it('without both: the direct links alone', () =>
    assert.deepEqual(
      to('rey-1', (end) => without('van-1')(end) && without('kel-1')(end)),
      { 'fra-1': 'rey-1' },
    ))
  it('without a link to the hub: on from the hub over the bypass', () =>
    assert.deepEqual(to('sin-1', without('sin-1~van-1')), {
      'van-1': 'kel-1 sin-1',
      'kel-1': 'sin-1',
      'fra-1': 'van-1 kel-1 sin-1',
      'rey-1': 'van-1 kel-1 sin-1',
    }))

  it('routes that are written down: a circle is no way', () => {
    const names = ['a', 'b', 'c']
    const ring = site({
      nodes: names.map((name) => node(name)),
      mesh: mesh(
        names.map((name, at) => gateway(name, `10.99.0.${at + 1}`)),
        { topology: 'hub', hub: 'a', routing: 'static' },
      ),
    })
    const { gateways } = getMesh(ring)
    const [a, , c] = gateways
    assert.ok(a && c)
    assert.deepEqual(
      [...staticWaysTo(gateways, c)].map(([from, { path }]) => [from, path.join(' ')]),
      [
        ['a', 'c'],
        ['b', 'a c'],
      ],
    )
  })

  it('a full mesh of 60 within a moment', () => {
    const names = Array.from({ length: 60 }, (_, at) => `g${at + 1}`)
    const full = site({
      nodes: names.map((name) => node(name)),
      mesh: mesh(names.map((name, at) => gateway(name, `10.99.0.${at + 1}`))),
    })
    const { gateways } = getMesh(full)
    for (const gateway of gateways) assert.equal(waysTo(gateways, gateway).size, 59)
  })
})
