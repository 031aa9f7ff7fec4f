// The mesh of the file as the rest of orion sees it: names resolved, what the file leaves open decided.
import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const GUESTS =
  'guests: { gw: { id: 100, nics: { lan: 10.0.0.4 } }, w: { id: 101-102, nics: { lan: 10.0.0.5-10.0.0.6 } } }'
const load = async (rest: string) => await parse(siteText({ guests: GUESTS, rest }))
const ONE = 'network: 10.99.0.0/24, gateways: { gw: { address: 10.99.0.1, endpoint: a.example.net } }'

describe('shape/mesh', () => {
  it('is whole, however little the file says', async () => {
    const site = await load(
      'mesh: { network: 10.99.0.0/24, gateways: { gw: { address: 10.99.0.1, endpoint: a.example.net, routes: [lan, 172.16.0.0/24] } }, clients: { me: { address: 10.99.0.9 } } }',
    )
    assert.deepEqual(site.mesh, {
      network: '10.99.0.0/24',
      port: 51820,
      topology: 'full',
      direct: [],
      routing: 'bgp',
      gateways: [
        { name: 'gw', address: '10.99.0.1', endpoint: 'a.example.net', routes: ['10.0.0.0/24', '172.16.0.0/24'] },
      ],
      clients: [{ name: 'me', address: '10.99.0.9', gateway: 'gw' }],
    })
  })
  it('keeps what the file says of a gateway', async () => {
    const site = await load(
      'mesh: { network: 10.99.0.0/24, routing: static, gateways: { gw: { address: 10.99.0.1, endpoint: a.example.net, number: 7, port: 51900, mtu: 1492 } } }',
    )
    assert.equal(site.mesh?.routing, 'static')
    assert.deepEqual(site.mesh?.gateways, [
      { name: 'gw', address: '10.99.0.1', endpoint: 'a.example.net', routes: [], number: 7, port: 51900, mtu: 1492 },
    ])
  })

  const kem = 'ml-kem-768' as const
  const pq: [string, object][] = [
    [kem, { kem, required: true }],
    [`{ kem: ${kem} }`, { kem, required: true }],
    [`{ kem: ${kem}, required: false }`, { kem, required: false }],
  ]
  for (const [text, want] of pq)
    it(`reads postQuantum: ${text}`, async () =>
      assert.deepEqual((await load(`mesh: { ${ONE}, postQuantum: ${text} }`)).mesh?.postQuantum, want))

  const dialled: [string, string, string | undefined][] = [
    ['the hub', 'hub: gw, ', 'gw'],
    ['without a hub, the first that can be dialled', '', 'w-1'],
  ]
  for (const [title, hub, want] of dialled)
    it(`clients dial ${title}`, async () => {
      const gateways =
        'n1: { address: 10.99.0.1 }, w-1: { address: 10.99.0.2, endpoint: b.example.net }, gw: { address: 10.99.0.3, endpoint: c.example.net }'
      const site = await load(
        `mesh: { network: 10.99.0.0/24, ${hub}gateways: { ${gateways} }, clients: { me: { address: 10.99.0.9 }, you: { address: 10.99.0.10, gateway: w-1 } } }`,
      )
      assert.deepEqual(site.mesh?.clients, [
        { name: 'me', address: '10.99.0.9', gateway: want },
        { name: 'you', address: '10.99.0.10', gateway: 'w-1' },
      ])
    })
  it('resolves hosts and routes of Tailscale, and its key stays a reference', async () => {
    const site = await load(
      `mesh: { ${ONE}, tailscale: { hosts: [n1, w], authKey: { env: TS_KEY }, routes: lan, tags: "tag:site" } }`,
    )
    assert.deepEqual(site.mesh?.tailscale, {
      hosts: ['n1', 'w-1', 'w-2'],
      authKey: { env: 'TS_KEY' },
      routes: ['10.0.0.0/24'],
      tags: ['tag:site'],
      port: 41641,
    })
  })

  const wrong: [string, string, string[]][] = [
    [
      'a gateway that is nobody',
      'mesh: { network: 10.99.0.0/24, gateways: { gx: { address: 10.99.0.1 } } }',
      ['mesh.gateways.gx: no node or guest is called "gx" (did you mean "gw"?)'],
    ],
    [
      'links to nobody',
      `mesh: { ${ONE}, hub: gx, bypass: { hub: gy }, direct: [[gw, gz]] }`,
      [
        'mesh.hub: no gateway of the mesh is called "gx" (did you mean "gw"?)',
        'mesh.bypass.hub: no gateway of the mesh is called "gy" (did you mean "gw"?)',
        'mesh.direct.0.1: no gateway of the mesh is called "gz" (did you mean "gw"?)',
      ],
    ],
    [
      'a hub that is nobody, once',
      'mesh: { network: 10.99.0.0/24, hub: gx, gateways: { gw: { address: 10.99.0.1 }, n1: { address: 10.99.0.2 } } }',
      ['mesh.hub: no gateway of the mesh is called "gx" (did you mean "gw"?)'],
    ],
    [
      'a hub topology without a hub',
      'mesh: { network: 10.99.0.0/24, topology: hub, gateways: { gw: { address: 10.99.0.1 }, n1: { address: 10.99.0.2 } } }',
      ['mesh: 2 gateways and no hub: name one, or set the topology to full'],
    ],
    [
      'a bypass of no hub',
      `mesh: { ${ONE}, bypass: { hub: gw } }`,
      ['mesh.bypass: is the second hub, and there is no first: name a hub'],
    ],
    [
      'a client of a gateway that is none, and hosts of Tailscale that are nobody',
      `mesh: { ${ONE}, clients: { me: { address: 10.99.0.9, gateway: n1 } }, tailscale: { hosts: [n2], authKey: { env: K } } }`,
      [
        'mesh.clients.me.gateway: no gateway of the mesh is called "n1"',
        'mesh.tailscale.hosts.0: no node or guest is called "n2" (did you mean "n1"?)',
      ],
    ],
    [
      'a client that stands twice',
      `mesh: { ${ONE}, clients: { me: { address: 10.99.0.9 }, me: { address: 10.99.0.10 } } }`,
      ['mesh.clients.me: the key "me" stands here twice'],
    ],
    [
      'a route with host bits',
      'mesh: { network: 10.99.0.0/24, gateways: { gw: { address: 10.99.0.1, routes: 10.1.0.7/24 } } }',
      ['mesh.gateways.gw.routes: 10.1.0.7/24 has host bits: the network is 10.1.0.0/24'],
    ],
    [
      'an auth key that stands in the file, without repeating it',
      `mesh: { ${ONE}, tailscale: { hosts: n1, authKey: tskey-auth-hidden } }`,
      [
        'mesh.tailscale.authKey: must be a reference to a secret, never its value: { env: NAME }, { file: path } or { command: [program, argument] }',
      ],
    ],
  ]
  for (const [title, rest, wanted] of wrong)
    it(`reports ${title}`, async () =>
      assert.deepEqual(
        (await findingsOf(siteText({ guests: GUESTS, rest }))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      ))
})
