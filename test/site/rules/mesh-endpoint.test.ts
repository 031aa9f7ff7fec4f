// Who is dialled can be: not through the tunnel itself, and by those who have to.
import assert from 'node:assert/strict'
import { meshEndpoints } from '../../../src/site/rules/mesh-endpoint.ts'
import type { Mesh } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { ct, gateway, mesh, site, told, vm } from '../site-builder.ts'

const of = (gateways: Mesh['gateways'], parts: Partial<Mesh> = {}): Partial<Site> => ({ mesh: mesh(gateways, parts) })
const { endpoint: _, ...silent } = gateway('x', '10.99.4.1')
const [a, b] = [gateway('a', '10.99.1.1', { routes: ['10.1.0.0/24'] }), gateway('b', '10.99.2.1')]
const at = (endpoint: string) => gateway('b', '10.99.2.1', { endpoint, routes: ['10.2.0.0/24', 'fd02::/64'] })

describe('mesh endpoints', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['no mesh, nothing to say', {}, []],
    ['a virtual machine is a gateway as well', { ...of([a]), guests: [vm('a', 100)] }, []],
    [
      'a container is not',
      { ...of([a]), guests: [ct('a', 100)] },
      ['error mesh.gateways.a: guests.a is a container: a gateway is a node or a virtual machine (kind: vm)'],
    ],
    ['an address outside of all that is routed', of([a, at('192.0.2.1')]), []],
    ['a name, wherever it leads', of([a, at('b.example.net')]), []],
    [
      'an endpoint in the network of another gateway',
      of([a, at('10.1.0.5')]),
      [
        'error mesh.gateways.b.endpoint: 10.1.0.5 lies in 10.1.0.0/24 (mesh.gateways.a): the tunnel would run through itself',
      ],
    ],
    [
      'an endpoint in its own network, IPv6',
      of([a, at('fd02::5')]),
      [
        'error mesh.gateways.b.endpoint: fd02::5 lies in fd02::/64 (mesh.gateways.b): the tunnel would run through itself',
      ],
    ],
    [
      'an endpoint in the mesh',
      of([a, at('10.99.2.1')]),
      [
        'error mesh.gateways.b.endpoint: 10.99.2.1 lies in 10.99.0.0/16 (mesh.network): the tunnel would run through itself',
      ],
    ],
    [
      'a hub that nobody can dial',
      of([a, silent], { topology: 'hub', hub: 'x', bypass: { hub: 'a' } }),
      ['warning mesh.hub: x has no endpoint: it must dial everybody, and nobody can dial it'],
    ],
    [
      'a bypass that nobody can dial',
      of([a, silent], { topology: 'hub', hub: 'a', bypass: { hub: 'x' } }),
      ['warning mesh.bypass.hub: x has no endpoint: it must dial everybody, and nobody can dial it'],
    ],
    [
      'a client of a gateway that cannot be dialled',
      of([a, b, silent], {
        clients: [
          { name: 'laptop', address: '10.99.0.9', gateway: 'x' },
          { name: 'phone', address: '10.99.0.10', gateway: 'a' },
        ],
      }),
      ['error mesh.clients.laptop.gateway: x has no endpoint: laptop cannot dial it; name another gateway'],
    ],
    [
      'where nobody has an endpoint, the rule about links says so',
      of([silent], { clients: [{ name: 'laptop', address: '10.99.0.9', gateway: 'x' }] }),
      [],
    ],
  ]
  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(meshEndpoints(site(parts))), want))
})
