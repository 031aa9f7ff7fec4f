// Which bridges a node gets.
import assert from 'node:assert/strict'
import { withBridges } from '../../../src/site/shape/bridges.ts'
import type { Bridge, Network, Node } from '../../../src/site/site.ts'
import { network, node, vm } from '../site-builder.ts'
import { findingsOf, parse, siteText } from '../site-text.ts'

const bridgesOf = (networks: Network[], parts: Partial<Node>): readonly Bridge[] =>
  withBridges([node('pve', parts)], networks, [])[0]?.bridges ?? []

const NETWORKS = `networks:
  lan: { bridge: vmbr0, ipv4: 10.0.0.0/24, ipv6: fd00::/64 }
  iot: { bridge: vmbr0, vlan: 20, vlanAware: true, ipv4: 10.0.20.0/24 }
  san: { bridge: vmbr1, ipv4: 10.0.30.0/24, mtu: 9000 }
  routed: { ipv4: 10.0.40.0/24 }
  spare: { bridge: vmbr2 }`

describe('shape/bridges', () => {
  it('gives a node its port, addresses and gateways', async () => {
    const { nodes } = await parse(
      siteText({
        networks: NETWORKS,
        nodes: `nodes:
  n1:
    address: 10.0.0.2
    gateway: 10.0.20.1
    gateway6: fe80::1
    ports: { iot: bond0, san: eno3 }
    bonds: { bond0: { ports: [eno1, eno2], mode: active-backup } }
    addresses: { lan: [fd00::2, 10.0.0.3, fd00::2], iot: 10.0.20.2 }`,
      }),
    )
    assert.deepEqual(nodes[0]?.addresses, { lan: ['10.0.0.2', 'fd00::2', '10.0.0.3'], iot: ['10.0.20.2'] })
    assert.deepEqual(nodes[0]?.bonds, [{ name: 'bond0', ports: ['eno1', 'eno2'], mode: 'active-backup' }])
    assert.deepEqual(nodes[0]?.bridges, [
      {
        name: 'vmbr0',
        networks: ['lan', 'iot'],
        port: 'bond0',
        vlanAware: true,
        addresses: [
          { network: 'lan', cidr: '10.0.0.2/24' },
          { network: 'lan', cidr: 'fd00::2/64', gateway: 'fe80::1' },
          { network: 'lan', cidr: '10.0.0.3/24' },
          { network: 'iot', cidr: '10.0.20.2/24', vlan: 20, gateway: '10.0.20.1' },
        ],
      },
      { name: 'vmbr1', networks: ['san'], port: 'eno3', vlanAware: false, mtu: 9000, addresses: [] },
      { name: 'vmbr2', networks: ['spare'], vlanAware: false, addresses: [] },
    ])
  })

  it('puts a bridge where somebody needs it, or everywhere', () => {
    const networks = ['a', 'b', 'c'].map((name) => network(name, { bridge: `br-${name}`, ipv4: '10.0.0.0/24' }))
    const nodes = [
      node('n1', { ports: { a: 'eno1' } }),
      node('n2', { addresses: { b: ['10.0.0.2'] } }),
      node('n3', { address: 'n3.example.net' }),
    ]
    const guests = [vm('x', 100, { a: { bridge: 'br-a' } }, { node: 'n3' })]
    assert.deepEqual(
      withBridges(nodes, networks, guests).map(({ name, bridges }) => [name, ...bridges.map((bridge) => bridge.name)]),
      [
        ['n1', 'br-a', 'br-c'],
        ['n2', 'br-b', 'br-c'],
        ['n3', 'br-a', 'br-c'],
      ],
    )
  })

  const two = [
    network('a', { bridge: 'vmbr0', ipv4: '10.0.0.0/24', ipv6: 'fd00:a::/64' }),
    network('b', { bridge: 'vmbr1', ipv4: '10.1.0.0/24', ipv6: 'fd00:b::/64' }),
  ]
  const both = { a: ['10.0.0.2', 'fd00:a::2'], b: ['10.1.0.2', '10.1.0.3', 'fd00:b::2'] }
  const rows: [string, Partial<Node>, string[]][] = [
    ['no gateway', {}, []],
    ['the network that holds it, once', { gateway: '10.1.0.1' }, ['10.1.0.2/24 10.1.0.1']],
    [
      'each family by itself',
      { gateway: '10.0.0.1', gateway6: 'fd00:b::1' },
      ['10.0.0.2/24 10.0.0.1', 'fd00:b::2/64 fd00:b::1'],
    ],
    ['link-local: first of all', { gateway6: 'fe80::1' }, ['fd00:a::2/64 fe80::1']],
    ['link-local: where the node is reached', { address: '10.1.0.3', gateway6: 'fe80::1' }, ['fd00:b::2/64 fe80::1']],
    ['in no network', { gateway: '10.9.0.1' }, []],
  ]
  for (const [title, parts, want] of rows)
    it(`places the gateway: ${title}`, () => {
      const addresses = bridgesOf(two, { addresses: both, ...parts }).flatMap((bridge) => bridge.addresses)
      assert.deepEqual(
        addresses.flatMap(({ cidr, gateway }) => (gateway === undefined ? [] : [`${cidr} ${gateway}`])),
        want,
      )
    })

  it('takes names for names', () => {
    const networks = [network('constructor', { bridge: 'vmbr0', ipv4: '10.0.0.0/24' })]
    assert.deepEqual(bridgesOf(networks, {}), [
      { name: 'vmbr0', networks: ['constructor'], vlanAware: false, addresses: [] },
    ])
  })

  it('reports networks that do not agree on their bridge', async () => {
    const networks = `networks:
  lan: { bridge: vmbr0, vlanAware: false }
  iot: { bridge: vmbr0, vlan: 20, vlanAware: true }`
    assert.deepEqual(await findingsOf(siteText({ networks })), [
      '4:36 networks.lan.vlanAware: network iot says that vmbr0 is VLAN aware',
    ])
  })
})
