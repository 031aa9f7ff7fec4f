// What is told of a mesh that is not well, and what to do about it.
import assert from 'node:assert/strict'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { linkRows } from '../../../src/parts/mesh/status.ts'
import { remarksOf } from '../../../src/parts/mesh/status-remarks.ts'
import { wayRows } from '../../../src/parts/mesh/status-ways.ts'
import { type Change, fourGateways, looksOf } from './seen.ts'

const QUANTUM = { postQuantum: { kem: 'ml-kem-768', required: true }, routing: 'bgp' } as const

describe('mesh/status-remarks', () => {
  const { gateways, links } = getMesh(fourGateways())
  const tell = (change: Change, mesh: Parameters<typeof remarksOf>[0] = QUANTUM, silent: readonly string[] = []) => {
    const looks = looksOf(gateways, change, silent)
    const remarks = remarksOf(mesh, links, linkRows(links, looks, mesh), wayRows(gateways, looks))
    return remarks.map(({ kind, text, hint }) => `${kind}: ${text}${hint === undefined ? '' : ` | ${hint}`}`)
  }
  const on =
    (id: string, facts: ReturnType<Change>, own?: string): Change =>
    (end) =>
      end.link.id === id && (own === undefined || end.own.name === own) ? facts : {}

  const rows: readonly [title: string, change: Change, wanted: readonly string[], mesh?: typeof QUANTUM | object][] = [
    ['nothing of a mesh that is well', () => ({}), []],
    [
      'a link that is not there',
      on('hub~spa', { state: 'absent' }, 'spa'),
      ['wrong: hub~spa: not there yet, or not any more | orion mesh apply'],
    ],
    [
      'keys that differ, of some at once',
      ({ link, own }) => (link.a === own ? { publicKey: 'another' } : {}),
      [
        'wrong: byp~hub, byp~spa, byp~spb, hub~spa, hub~spb: an end has another public key than the other end expects | orion mesh apply',
      ],
    ],
    [
      'preshared keys that differ',
      on('hub~spa', { psk: 'ffff' }, 'spa'),
      ['wrong: hub~spa: the two ends do not have the same preshared key | orion mesh rotate hub~spa'],
    ],
    [
      'no handshake: which ports to let through',
      on('hub~spa', { handshakeSeconds: 900 }),
      [
        'wrong: hub~spa: no handshake for 15 min | let UDP 51821 to spa (spa.example.net) and UDP 51823 to hub (hub.example.net) through on the way',
      ],
    ],
    [
      'handshakes, and nothing comes back',
      on('hub~spa', { received: 0 }),
      ['wrong: hub~spa: handshakes are fresh, and still nothing comes back | orion mesh plan'],
    ],
    [
      'BGP that does not stand',
      on('hub~spa', { bgp: 'Active' }, 'spa'),
      [
        'wrong: hub~spa: BGP of spa is Active (Socket: Connection refused) | on spa, as root: birdc -s /run/orion-mesh-bird/bird.ctl show protocols all',
      ],
    ],
    [
      'an MTU that does not pass inside',
      on('hub~spa', { inner: 1380 }, 'spa'),
      [
        'wrong: spa to hub: packets of more than 1380 bytes are lost | set mesh.gateways.spa.mtu to 1460, then orion mesh apply',
      ],
    ],
    [
      'packets that are cut outside',
      on('hub~spa', { outer: 1340 }, 'spa'),
      [
        'warning: spa to hub: packets of more than 1340 bytes travel in two pieces | set mesh.gateways.spa.mtu to 1420, then orion mesh apply',
      ],
    ],
    [
      'a link without a post-quantum key, which is required',
      on('hub~spa', { psk: undefined }),
      ['wrong: hub~spa: no preshared key, and mesh.postQuantum requires one | orion mesh apply'],
    ],
    [
      'a link without a post-quantum key, which may be',
      on('hub~spa', { psk: undefined }),
      [
        'warning: without a post-quantum key: hub~spa | a host with OpenSSL 3.5 (Debian 13, Proxmox VE 9) at both ends, then orion mesh apply',
      ],
      { ...QUANTUM, postQuantum: { kem: 'ml-kem-768', required: false } },
    ],
    [
      'a mesh that wants none',
      () => ({ psk: undefined }),
      ['warning: no link has a post-quantum key | set mesh.postQuantum to ml-kem-768, then orion mesh apply'],
      { routing: 'bgp' },
    ],
    [
      'old keys',
      on('hub~spa', { pskDays: 61 }),
      ['warning: keys of more than 60 days: hub~spa | orion mesh rotate hub~spa'],
    ],
    [
      'old keys of all: the links over the bypass are a run of their own',
      () => ({ pskDays: 61 }),
      [
        'warning: keys of more than 60 days: byp~hub, byp~spa, byp~spb, hub~spa, hub~spb | orion mesh rotate byp~hub hub~spa hub~spb, then orion mesh rotate byp~spa byp~spb',
      ],
    ],
    [
      'keys of before, where none are wanted any more',
      on('hub~spa', { pskDays: 61 }),
      [
        'warning: mesh.postQuantum is not set, and keys of before stay in force and are not renewed: byp~hub, byp~spa, byp~spb, hub~spa, hub~spb | set mesh.postQuantum to ml-kem-768 again, or take them out by hand (README, Limits)',
      ],
      { routing: 'bgp' },
    ],
    [
      'a rotation that is open',
      on('hub~spa', { isRotating: true }),
      ['warning: a rotation is not finished: hub~spa | orion mesh rotate hub~spa'],
    ],
    [
      'one over the bypass',
      on('byp~spa', { isRotating: true }),
      ['warning: a rotation is not finished: byp~spa | orion mesh rotate byp~spa'],
    ],
    [
      'two over the bypass, which the command without names leaves alone',
      ({ link }) => (link.id === 'byp~spa' || link.id === 'byp~spb' ? { isRotating: true } : {}),
      ['warning: a rotation is not finished: byp~spa, byp~spb | orion mesh rotate byp~spa byp~spb'],
    ],
    [
      'one of key pairs, which drains, where there are no preshared keys',
      ({ link }) => ({ psk: undefined, ...(link.id === 'hub~spa' && { isRotating: true, isDrained: true }) }),
      [
        'warning: a rotation is not finished: hub~spa | orion mesh rotate hub~spa --keypairs',
        'warning: no link has a post-quantum key | set mesh.postQuantum to ml-kem-768, then orion mesh apply',
      ],
      { routing: 'bgp' },
    ],
    [
      'a drain that nobody takes back',
      on('hub~spa', { isDrained: true }, 'spa'),
      ['warning: drained, and no rotation is open: hub~spa (by spa) | orion mesh apply'],
    ],
    [
      'routes that are written down',
      on('hub~spa', { state: 'down' }),
      [
        'wrong: hub~spa: the interface is down | orion mesh apply',
        'warning: routing is static: what went over a dead link goes nowhere until it is back',
      ],
      { ...QUANTUM, routing: 'static' },
    ],
  ]
  for (const [title, change, wanted, mesh] of rows)
    it(title, () => assert.deepEqual(tell(change, mesh as typeof QUANTUM | undefined), wanted))

  it('a way that is not the wanted one, while every link is fresh', () => {
    const looks = new Map(looksOf(gateways))
    const spa = looks.get('spa')
    assert.ok(spa)
    looks.set('spa', {
      ...spa,
      ways: new Map([
        ['10.99.0.1', 'wg-byp'],
        ['10.99.0.2', 'eth0'],
      ]),
    })
    const remarks = remarksOf(QUANTUM, links, linkRows(links, looks, QUANTUM), wayRows(gateways, looks))
    assert.deepEqual(remarks, [
      { kind: 'wrong', text: 'no way: spa to byp, spa to spb', hint: 'orion mesh plan' },
      { kind: 'warning', text: 'another way than wanted: spa to hub' },
    ])
  })

  it('a way that goes in a circle, while every link is fresh', () => {
    const looks = new Map(looksOf(gateways))
    for (const [name, dev] of [
      ['spa', 'wg-hub'],
      ['hub', 'wg-spa'],
    ] as const) {
      const look = looks.get(name)
      assert.ok(look)
      looks.set(name, { ...look, ways: new Map([...look.ways, ['10.99.0.4', dev]]) })
    }
    const remarks = remarksOf(QUANTUM, links, linkRows(links, looks, QUANTUM), wayRows(gateways, looks))
    assert.deepEqual(
      remarks.filter(({ kind }) => kind === 'wrong'),
      [
        {
          kind: 'wrong',
          text: 'a way that does not arrive: hub to spb, byp to spb, spa to spb',
          hint: 'orion mesh plan',
        },
      ],
    )
    const asked = new Map([...looks].filter(([name]) => name !== 'hub'))
    assert.ok(wayRows(gateways, asked).every(({ isLost }) => isLost === undefined))
  })

  it('of a gateway that does not answer, nobody looks for ports', () =>
    assert.deepEqual(tell(on('hub~spa', { handshakeSeconds: 900 }), QUANTUM, ['hub']), [
      'wrong: hub~spa: no handshake for 15 min',
    ]))
  it('… nor why nothing comes back', () => assert.deepEqual(tell(on('hub~spa', { received: 0 }), QUANTUM, ['hub']), []))
})
