// The model of the mesh: the federation of the starting points, and what holds for every mesh.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { endsOf, gatewayOf, getMesh, type LinkEnd, linkOf } from '../../../src/parts/mesh/model.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { MeshGateway } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, node, site, vm } from '../../site/site-builder.ts'

const FEDERATION = join(fileURLToPath(new URL('../../..', import.meta.url)), 'templates/sites/federation.yaml')

describe('mesh/model: the federation', () => {
  let federation: Site
  before(async () => {
    federation = await loadSite(FEDERATION)
  })

  it('has five gateways', () =>
    assert.deepEqual(
      getMesh(federation).gateways.map(({ name, number, asn, role, cluster, isNode }) => [
        name,
        number,
        asn,
        role,
        cluster,
        isNode,
      ]),
      [
        ['van-1', 2, 4200000002, 'hub', 'vancouver', true],
        ['kel-1', 3, 4200000003, 'bypass', 'kelowna', true],
        ['fra-1', 4, 4200000004, 'spoke', 'frankfurt', true],
        ['sin-1', 5, 4200000005, 'spoke', 'singapore', true],
        ['rey-1', 6, 4200000006, 'spoke', 'reykjavik', true],
      ],
    ))
  it('has eight links, each begun by its smaller name', () =>
    assert.deepEqual(
      getMesh(federation).links.map(({ id, kinds, initiator }) => [id, [...kinds].sort().join('+'), initiator]),
      [
        ['fra-1~kel-1', 'bypass+direct', 'fra-1'],
        ['fra-1~rey-1', 'direct', 'fra-1'],
        ['fra-1~van-1', 'hub', 'fra-1'],
        ['kel-1~rey-1', 'bypass', 'kel-1'],
        ['kel-1~sin-1', 'bypass', 'kel-1'],
        ['kel-1~van-1', 'hub', 'kel-1'],
        ['rey-1~van-1', 'hub', 'rey-1'],
        ['sin-1~van-1', 'hub', 'sin-1'],
      ],
    ))

  const row = (end: LinkEnd) => ({
    interface: end.interface,
    listenPort: end.listenPort,
    addresses: [end.local, end.remote],
    dial: end.dial && `${end.dial.host}:${end.dial.port}`,
    keepalive: end.keepalive,
    preference: [end.preference.own, end.preference.others],
  })
  const ends: [link: string, ReturnType<typeof row>, ReturnType<typeof row>][] = [
    [
      'fra-1~kel-1',
      {
        interface: 'wg-kel-1',
        listenPort: 51823,
        addresses: ['fe80::4', 'fe80::3'],
        dial: 'kel.fed.example.net:51824',
        keepalive: 0,
        preference: [300, 100],
      },
      {
        interface: 'wg-fra-1',
        listenPort: 51824,
        addresses: ['fe80::3', 'fe80::4'],
        dial: 'fra.fed.example.net:51823',
        keepalive: 0,
        preference: [300, undefined],
      },
    ],
    [
      'rey-1~van-1',
      {
        interface: 'wg-van-1',
        listenPort: 51822,
        addresses: ['fe80::6', 'fe80::2'],
        dial: 'van.fed.example.net:51826',
        keepalive: 25,
        preference: [200, 200],
      },
      {
        interface: 'wg-rey-1',
        listenPort: 51826,
        addresses: ['fe80::2', 'fe80::6'],
        dial: undefined,
        keepalive: 0,
        preference: [200, undefined],
      },
    ],
  ]
  for (const [id, ...want] of ends)
    it(`${id} from both ends`, () => {
      const link = linkOf(federation, id.split('~').reverse().join('~'))
      assert.ok(link)
      assert.deepEqual(endsOf(link).map(row), want)
    })
  it('is computed once, and knows nobody else', () => {
    assert.equal(getMesh(federation), getMesh(federation))
    assert.equal(gatewayOf(federation, 'van-2'), undefined)
    for (const id of ['', 'fra-1', 'fra-1~sin-1', 'fra-1~fra-1', 'a~b~c'])
      assert.equal(linkOf(federation, id), undefined, id)
  })
})

describe('mesh/model', () => {
  it('a site without a mesh has nothing', () => assert.deepEqual(getMesh(site()), { gateways: [], links: [] }))
  it('a guest is in the cluster of its node', () => {
    const gateways = [gateway('router', '10.99.1.1', { port: 51900, mtu: 1492 })]
    const nodes = [node('far', { cluster: 'kelowna' })]
    const [only] = getMesh(
      site({ nodes, guests: [vm('router', 100, {}, { node: 'far' })], mesh: mesh(gateways) }),
    ).gateways
    assert.deepEqual([only?.cluster, only?.isNode, only?.port, only?.mtu], ['kelowna', false, 51900, 1492])
  })

  /** Gateways with addresses 10.99.N.1, in any order, some of them behind a NAT; the first one is the hub. */
  const meshes = fc.record({
    places: fc.uniqueArray(fc.integer({ min: 0, max: 250 }), { minLength: 2, maxLength: 12 }),
    silent: fc.integer({ min: 0, max: 250 }),
    topology: fc.constantFrom('hub' as const, 'full' as const),
    bypass: fc.boolean(),
  })
  const built = ({ places, silent, topology, bypass }: typeof meshes extends fc.Arbitrary<infer T> ? T : never) => {
    const gateways = places.map((place): MeshGateway => {
      const { endpoint, ...rest } = gateway(`g${place}`, `10.99.${place}.1`)
      return place === silent ? rest : { ...rest, endpoint: endpoint ?? '' }
    })
    const [hub, second] = places.map((place) => `g${place}`)
    return site({
      mesh: mesh(gateways, {
        topology,
        ...(hub !== undefined && { hub }),
        ...(bypass && second !== undefined && { bypass: { hub: second } }),
      }),
    })
  }

  it('both ends of a link agree', () =>
    fc.assert(
      fc.property(meshes, (spec) => {
        for (const link of getMesh(built(spec)).links) {
          const [one, other] = endsOf(link)
          assert.equal(link.initiator, one.own.name)
          assert.ok(one.own.name < other.own.name)
          assert.deepEqual([one.local, one.remote], [other.remote, other.local])
          assert.equal(one.preference.own, other.preference.own)
          for (const [end, far] of [
            [one, other],
            [other, one],
          ] as const) {
            assert.equal(end.dial?.port ?? far.listenPort, far.listenPort)
            assert.equal(end.keepalive > 0, end.own.endpoint === undefined)
          }
        }
      }),
    ))
  it('on one host, ports and interfaces are taken once', () =>
    fc.assert(
      fc.property(meshes, (spec) => {
        for (const { links, port } of getMesh(built(spec)).gateways) {
          const ports = new Set([port, ...links.map(({ listenPort }) => listenPort)])
          assert.equal(ports.size, links.length + 1)
          assert.equal(new Set(links.map((end) => end.interface)).size, links.length)
        }
      }),
    ))
  it('a new gateway changes no link of the others', () =>
    fc.assert(
      fc.property(meshes, fc.integer({ min: 0, max: 250 }), (spec, place) => {
        fc.pre(!spec.places.includes(place))
        const text = (of: Site) =>
          getMesh(of).links.map((link) =>
            JSON.stringify(
              endsOf(link).map(({ link: _, own, peer, ...end }) => [
                link.id,
                [...link.kinds],
                own.name,
                peer.name,
                end,
              ]),
            ),
          )
        const after = new Set(text(built({ ...spec, places: [...spec.places, place] })))
        for (const link of text(built(spec))) assert.ok(after.has(link), link)
      }),
    ))
  it('two hundred gateways in full are 19,900 links', () => {
    const gateways = Array.from({ length: 200 }, (_, place) => gateway(`g${place}`, `10.99.${place}.1`))
    assert.equal(getMesh(site({ mesh: mesh(gateways) })).links.length, 19_900)
  })
})
