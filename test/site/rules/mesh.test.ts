// The mesh: addresses, routes, hubs and links.
import assert from 'node:assert/strict'
import { mesh as rule } from '../../../src/site/rules/mesh.ts'
import type { Mesh } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, network, site, told } from '../site-builder.ts'

const silent = (name: string, address: string) => {
  const { endpoint: _, ...rest } = gateway(name, address)
  return rest
}
const of = (gateways: Mesh['gateways'], parts: Partial<Mesh> = {}): Partial<Site> => ({ mesh: mesh(gateways, parts) })
const [a, b, c] = [gateway('a', '10.99.1.1'), gateway('b', '10.99.2.1'), gateway('c', '10.99.3.1')]
const [x, y, z] = [silent('x', '10.99.4.1'), silent('y', '10.99.5.1'), silent('z', '10.99.6.1')]
const routed = (name: string, address: string, ...routes: string[]) => gateway(name, address, { routes })

describe('mesh', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['no mesh, nothing to say', {}, []],
    [
      'a hub, a spoke that dials out, a bypass',
      of([a, b, x], { topology: 'hub', hub: 'a', bypass: { hub: 'b' }, direct: [['b', 'x']] }),
      [],
    ],
    [
      'addresses lie in the mesh',
      of([gateway('a', '10.98.0.1'), gateway('b', '10.99.0.0'), gateway('c', 'fd00::1')], {
        clients: [{ name: 'laptop', address: '10.100.0.1' }],
      }),
      [
        'error mesh.gateways.a.address: 10.98.0.1 is not in 10.99.0.0/16 (network of the mesh)',
        'error mesh.gateways.b.address: 10.99.0.0 is the network itself of 10.99.0.0/16 (network of the mesh), not a host',
        'error mesh.gateways.c.address: fd00::1 is not in 10.99.0.0/16 (network of the mesh)',
        'error mesh.clients.laptop.address: 10.100.0.1 is not in 10.99.0.0/16 (network of the mesh)',
      ],
    ],
    [
      'routes of two gateways do not overlap',
      of([
        routed('a', '10.99.1.1', '10.1.0.0/16', '10.1.2.0/24'),
        routed('b', '10.99.2.1', '10.1.3.0/24', '10.2.0.0/16'),
      ]),
      ['error mesh.gateways.b.routes: 10.1.3.0/24 overlaps 10.1.0.0/16 (mesh.gateways.a)'],
    ],
    [
      'routes do not overlap the mesh',
      of([routed('a', '10.99.1.1', '10.99.7.0/24'), routed('b', '10.99.2.1', '10.96.0.0/12')]),
      [
        'error mesh.gateways.b.routes: 10.96.0.0/12 overlaps 10.99.0.0/16 (mesh.network)',
        'error mesh.gateways.b.routes: 10.96.0.0/12 overlaps 10.99.7.0/24 (mesh.gateways.a)',
      ],
    ],
    [
      'routes lead to networks that somebody routes, and not everywhere',
      of([routed('a', '10.99.1.1', '::/0', 'fe80::/64', '127.0.0.0/24', '169.254.7.0/24', 'fd00::/48')]),
      [
        'error mesh.gateways.a.routes: ::/0 leads everywhere',
        'error mesh.gateways.a.routes: fe80::/64 lies in fe80::/10, which nobody routes',
        'error mesh.gateways.a.routes: 127.0.0.0/24 lies in 127.0.0.0/8, which nobody routes',
        'error mesh.gateways.a.routes: 169.254.7.0/24 lies in 169.254.0.0/16, which nobody routes',
      ],
    ],
    [
      'neither is the mesh such a network',
      of([gateway('a', 'fe80::1')], { network: 'fe80::/64' }),
      ['error mesh.network: fe80::/64 lies in fe80::/10, which nobody routes'],
    ],
    [
      'a network in the mesh that is routed is told at its route only',
      { ...of([routed('a', '10.99.1.1', '10.99.7.0/24')]), networks: [network('lan', { ipv4: '10.99.7.0/24' })] },
      ['error mesh.gateways.a.routes: 10.99.7.0/24 overlaps 10.99.0.0/16 (mesh.network)'],
    ],
    [
      'neither do networks that nobody routes',
      { ...of([a]), networks: [network('lan', { ipv4: '10.99.7.0/24' }), network('far', { ipv4: '10.1.0.0/24' })] },
      ['error mesh.network: 10.99.0.0/16 overlaps 10.99.7.0/24 (network lan)'],
    ],
    ['a hub that is not there is told where the site is shaped', of([a, b], { topology: 'hub' }), []],
    [
      'the hub is not its own bypass',
      of([a, b], { topology: 'hub', hub: 'a', bypass: { hub: 'a' } }),
      ['error mesh.bypass.hub: a is the hub already: the bypass is for when it is out of reach'],
    ],
    [
      'a hub without an endpoint cannot be dialled by those without one',
      of([x, a, y], { topology: 'hub', hub: 'x' }),
      ['error mesh.gateways.y: neither x nor y has an endpoint: the link between them cannot be dialled'],
    ],
    [
      'nor can a bypass',
      of([a, x, y], { topology: 'hub', hub: 'a', bypass: { hub: 'x' } }),
      ['error mesh.gateways.y: neither x nor y has an endpoint: the link between them cannot be dialled'],
    ],
    [
      'direct links have an endpoint, and two ends',
      of([a, b, c, x, y], {
        topology: 'hub',
        hub: 'a',
        direct: [
          ['b', 'x'],
          ['x', 'y'],
          ['b', 'b'],
        ],
      }),
      [
        'error mesh.direct.1: neither x nor y has an endpoint: the link between them cannot be dialled',
        'error mesh.direct.2: b is on both ends of the link',
      ],
    ],
    [
      'in a full mesh at most one end is silent, told once for each other',
      of([a, x, y, z]),
      ['y', 'z'].map(
        (name) =>
          `error mesh.gateways.${name}: neither x nor ${name} has an endpoint: the link between them cannot be dialled`,
      ),
    ],
    [
      'clients need somebody to dial',
      of([x], { clients: [{ name: 'laptop', address: '10.99.0.10' }] }),
      ['error mesh.clients: no gateway has an endpoint: clients have nobody to dial'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(rule(site(parts))), want))
})
