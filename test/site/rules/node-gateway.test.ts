// The rules for the gateway of a node.
import assert from 'node:assert/strict'
import { nodeGateways } from '../../../src/site/rules/node-gateway.ts'
import type { Node } from '../../../src/site/site.ts'
import { network, node, site, told } from '../site-builder.ts'

const networks = [
  network('lan', { bridge: 'vmbr0', ipv4: '192.168.100.0/24', ipv6: 'fd00:1::/64' }),
  network('guest', { bridge: 'vmbr1', ipv4: '192.168.200.0/24' }),
]

describe('site/rules/node-gateway', () => {
  const rows: [string, Partial<Node>, string[]][] = [
    ['in the network of its address', { address: '192.168.100.3', gateway: '192.168.100.1' }, []],
    [
      'not in the network of its address',
      { address: '192.168.100.2', gateway: '192.168.1.1' },
      ['gateway: 192.168.1.1 is not in 192.168.100.0/24 (network lan)'],
    ],
    [
      'the broadcast address',
      { address: '192.168.100.2', gateway: '192.168.100.255' },
      ['gateway: 192.168.100.255 is the broadcast address of 192.168.100.0/24 (network lan), not a host'],
    ],
    ['all of it outside of the site file', { address: '172.16.0.3', gateway: '172.16.0.1' }, []],
    [
      'an address elsewhere, and one in a network of ours',
      { address: '172.16.0.3', gateway: '172.16.0.1', addresses: { lan: ['192.168.100.2'] } },
      [],
    ],
    [
      'by a name, with addresses of ours',
      { address: 'pve.example.net', gateway: '10.0.0.1', addresses: { lan: ['192.168.100.2'] } },
      ['gateway: 10.0.0.1 is not in 192.168.100.0/24 (network lan)'],
    ],
    ['by a name alone', { address: 'pve.example.net', gateway: '10.0.0.1' }, []],
    [
      'another of its networks',
      { address: '192.168.100.2', gateway: '192.168.200.1', addresses: { guest: ['192.168.200.2'] } },
      [],
    ],
    [
      'a network without an address of the node',
      { address: '172.16.0.3', gateway: '192.168.200.1' },
      ['gateway: a has no address in network guest, where its gateway is'],
    ],
    [
      'its own address',
      { address: '192.168.100.2', gateway: '192.168.100.2' },
      ['gateway: 192.168.100.2 is an address of a itself'],
    ],
    [
      'its own address in another network',
      { address: '172.16.0.3', gateway6: 'FD00:1:0::2', addresses: { lan: ['fd00:1::2'] } },
      ['gateway6: FD00:1:0::2 is an address of a itself'],
    ],
    ['IPv6', { gateway6: 'fd00:1::1', addresses: { lan: ['fd00:1::2'] } }, []],
    [
      'IPv6 in no network of its own',
      { address: 'fd00:1::2', gateway6: 'fd00:2::1' },
      ['gateway6: fd00:2::1 is not in fd00:1::/64 (network lan)'],
    ],
    ['link-local', { gateway6: 'fe80::1', addresses: { lan: ['fd00:1::2'] } }, []],
    ['link-local, elsewhere', { address: '2001:db8::2', gateway6: 'fe80::1' }, []],
    [
      'link-local without IPv6',
      { address: '192.168.100.2', gateway6: 'fe80::1' },
      ['gateway6: a has no IPv6 address that reaches it'],
    ],
  ]
  for (const [title, parts, want] of rows)
    it(title, () => {
      const findings = nodeGateways(site({ networks, nodes: [node('a', parts)] }))
      assert.deepEqual(
        told(findings),
        want.map((line) => `error nodes.a.${line}`),
      )
    })
})
