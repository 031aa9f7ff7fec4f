// No address twice: guests, nodes, BMCs, DHCP ranges, gateways and the mesh together.
import assert from 'node:assert/strict'
import { addressUse } from '../../../src/site/rules/address-use.ts'
import type { Site } from '../../../src/site/site.ts'
import { ct, gateway, mesh, network, node, site, told, vm } from '../site-builder.ts'

const dhcp = { first: '192.168.1.100', last: '192.168.1.199' }
const both = (ipv4: string, ipv6: string) => ({ lan: { ipv4: { cidr: ipv4 }, ipv6: { cidr: ipv6 } } })

describe('addressUse', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    [
      'is silent where all differ',
      { guests: [vm('a', 100, { lan: '192.168.1.2/24' }), vm('b', 101, { lan: '192.168.1.3/24' })] },
      [],
    ],
    [
      'names both of two guests, at the later one',
      {
        guests: [
          vm('ai-coordinator', 300, { lan: '192.168.100.30/24' }),
          ct('open-webui', 1001, { lan: '192.168.100.30/24' }),
        ],
      },
      ['error guests.open-webui.nics.lan: 192.168.100.30 is taken by guests.ai-coordinator (network lan)'],
    ],
    [
      'tells an IPv4 mistake once, not again for the IPv6 address computed from it',
      { guests: [vm('a', 100, both('10.0.0.5/24', 'fd00::5/64')), vm('b', 101, both('10.0.0.5/24', 'fd00::5/64'))] },
      ['error guests.b.nics.lan: 10.0.0.5 is taken by guests.a (network lan)'],
    ],
    [
      'sees an IPv6 address twice, however it is spelt',
      {
        guests: [
          vm('a', 100, both('10.0.0.5/24', 'fd00::200/64')),
          vm('b', 200, both('10.0.0.6/24', 'fd00:0::0200/64')),
        ],
      },
      ['error guests.b.nics.lan: fd00::200 is taken by guests.a (network lan)'],
    ],
    [
      'tells each of three',
      { guests: ['a', 'b', 'c'].map((name, index) => vm(name, 100 + index, { lan: '10.0.0.5/24' })) },
      ['b', 'c'].map((name) => `error guests.${name}.nics.lan: 10.0.0.5 is taken by guests.a (network lan)`),
    ],
    [
      'sees two NICs of one guest',
      { guests: [vm('a', 100, { lan: '10.0.0.5/24', dmz: '10.0.0.5/24' })] },
      ['error guests.a.nics.dmz: 10.0.0.5 is taken by guests.a (network lan)'],
    ],
    [
      'a node may name its own address again, its BMC may not',
      { nodes: [node('r730', { address: '192.168.1.10', addresses: { lan: ['192.168.1.10'] }, bmc: '192.168.1.10' })] },
      ['error nodes.r730.bmc: 192.168.1.10 is taken by nodes.r730.address'],
    ],
    [
      'two nodes, and a guest on the address of one',
      {
        nodes: [node('a', { address: '10.0.0.1' }), node('b', { address: '10.0.0.1' })],
        guests: [vm('web', 100, { lan: '10.0.0.1/24' })],
      },
      [
        'error nodes.b.address: 10.0.0.1 is taken by nodes.a.address',
        'error guests.web.nics.lan: 10.0.0.1 is taken by nodes.a.address',
      ],
    ],
    [
      'a guest in a DHCP range, at its first and last address too',
      {
        networks: [network('lan', { ipv4: '192.168.1.0/24', dhcp })],
        guests: ['99', '100', '150', '199', '200'].map((host, index) =>
          vm(`g${host}`, 100 + index, { lan: `192.168.1.${host}/24` }),
        ),
      },
      ['100', '150', '199'].map(
        (host) => `error guests.g${host}.nics.lan: 192.168.1.${host} lies in the DHCP range of networks.lan`,
      ),
    ],
    [
      'a node in a DHCP range: the range stands later',
      { nodes: [node('pve', { address: '192.168.1.120' })], networks: [network('lan', { dhcp })] },
      ['error networks.lan.dhcp: the range holds 192.168.1.120 of nodes.pve.address'],
    ],
    [
      'a gateway in a DHCP range',
      { networks: [network('lan', { gateway: '192.168.1.100', dhcp })] },
      ['error networks.lan.dhcp: the range holds 192.168.1.100 of networks.lan.gateway'],
    ],
    [
      'a gateway may be a guest',
      {
        networks: [network('lan', { gateway: '192.168.1.1' })],
        guests: [vm('router', 100, { lan: '192.168.1.1/24' })],
      },
      [],
    ],
    [
      'two DHCP ranges that overlap',
      {
        networks: [
          network('lan', { dhcp }),
          network('dmz', { dhcp: { first: '192.168.1.150', last: '192.168.1.250' } }),
        ],
      },
      ['error networks.dmz.dhcp: the range overlaps the DHCP range of networks.lan'],
    ],
    [
      'the mesh and its clients',
      { mesh: mesh([gateway('a', '10.99.0.1')], { clients: [{ name: 'laptop', address: '10.99.0.1' }] }) },
      ['error mesh.clients.laptop.address: 10.99.0.1 is taken by mesh.gateways.a'],
    ],
    ['DHCP takes nothing', { guests: [vm('a', 100, { lan: 'dhcp' }), vm('b', 101, { lan: 'dhcp' })] }, []],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(addressUse(site(parts))), want))
})
