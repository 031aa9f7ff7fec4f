// Numbers, UDP ports and interfaces of the mesh: each taken once.
import assert from 'node:assert/strict'
import { meshPorts } from '../../../src/site/rules/mesh-port.ts'
import type { Mesh, MeshTailscale } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, site, told } from '../site-builder.ts'

const of = (gateways: Mesh['gateways'], parts: Partial<Mesh> = {}): Partial<Site> => ({ mesh: mesh(gateways, parts) })
const [a, b, c] = [gateway('a', '10.99.1.1'), gateway('b', '10.99.2.1'), gateway('c', '10.99.3.1')]
const star: Partial<Mesh> = { topology: 'hub', hub: 'a' }
const tailscale = (port: number): { tailscale: MeshTailscale } => ({
  tailscale: { hosts: ['a', 'z'], authKey: { env: 'K' }, routes: [], tags: [], port },
})

describe('mesh ports', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['no mesh, nothing to say', {}, []],
    ['three gateways', of([a, b, c]), []],
    [
      'numbers that are made of addresses, and meet',
      of([a, gateway('b', '10.99.1.2'), gateway('c', '10.99.148.54')]),
      ['error mesh.gateways.c.address: number 2 is taken by mesh.gateways.a: give it a number of its own'],
    ],
    ['one address twice is told elsewhere', of([a, gateway('b', '10.99.1.1')]), []],
    [
      'a port so high that numbers meet, told once',
      of([a, b, c, gateway('d', '10.99.5.1')], { port: 65533 }),
      ['error mesh.port: 65533 + 6 is over 65535; at most 65529'],
    ],
    [
      'a number that somebody has already',
      of([a, gateway('b', '10.99.2.1', { number: 2 })]),
      ['error mesh.gateways.b.number: number 2 is taken by mesh.gateways.a'],
    ],
    [
      'ports that end before the numbers do, told at the highest of each',
      of([gateway('a', '10.99.1.1', { number: 400 }), b, c], { port: 65200 }),
      ['b', 'c'].map(
        () => 'error mesh.port: 65200 and the number 400 of mesh.gateways.a make 65600: a port ends at 65535',
      ),
    ],
    [
      'only ports of links that there are',
      of([b, gateway('a', '10.99.1.1', { port: 65533 }), c], star),
      ['error mesh.gateways.a.port: 65533 and the number 4 of mesh.gateways.c make 65537: a port ends at 65535'],
    ],
    [
      'a gateway that is called as the interface of the clients',
      of([gateway('clients', '10.99.1.1')]),
      ['error mesh.gateways.clients: wg-clients is the interface of the mesh’s clients: call it otherwise'],
    ],
    [
      'two names that come to one interface',
      of([gateway('gateway-long-name', '10.99.1.1'), gateway('gatewa-be7a0', '10.99.2.1')]),
      [
        'error mesh.gateways.gatewa-be7a0: its interface wg-gatewa-be7a0 is that of mesh.gateways.gateway-long-name, too: call it otherwise',
      ],
    ],
    [
      'two behind one address, with one port',
      of([a, gateway('b', '10.99.2.1', { endpoint: 'A.example.net' }), c]),
      [
        'error mesh.gateways.b.endpoint: UDP port 51820 of A.example.net is taken by mesh.gateways.a: give one of them another port',
      ],
    ],
    [
      'two behind one address, whose ports meet at a link',
      of([a, gateway('b', '10.99.2.1', { endpoint: 'a.example.net', port: 51821 }), c]),
      [
        'error mesh.gateways.b.port: UDP port 51823 of a.example.net is taken by mesh.gateways.a: give one of them another port',
      ],
    ],
    [
      'two behind one address, apart',
      of([a, gateway('b', '10.99.2.1', { endpoint: 'a.example.net', port: 51900 }), c]),
      [],
    ],
    ['Tailscale beside it', of([a, b], tailscale(41641)), []],
    [
      'Tailscale on the port of the clients',
      of([a, b], tailscale(51820)),
      ['error mesh.tailscale.port: UDP port 51820 of a is the mesh’s (clients): give one of them another'],
    ],
    [
      'Tailscale on the port of a link',
      of([a, b], tailscale(51823)),
      ['error mesh.tailscale.port: UDP port 51823 of a is the mesh’s (link with b): give one of them another'],
    ],
    [
      'Tailscale on the port that is kept for a link',
      of([a, b, c], { ...star, ...tailscale(51822) }),
      ['error mesh.tailscale.port: UDP port 51822 of a is the mesh’s (kept for a): give one of them another'],
    ],
    ['Tailscale elsewhere on that port', of([b, c], tailscale(51820)), []],
  ]
  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(meshPorts(site(parts))), want))
})
