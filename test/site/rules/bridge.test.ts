import assert from 'node:assert/strict'
import { bridges } from '../../../src/site/rules/bridge.ts'
import { withBridges } from '../../../src/site/shape/bridges.ts'
import type { Network, Node, Site } from '../../../src/site/site.ts'
import { network, node, site, told, vm } from '../site-builder.ts'

const built = (networks: Network[], parts: Partial<Node> = {}, guests: Site['guests'] = []): Site =>
  site({ networks, guests, nodes: withBridges([node('pve', parts)], networks, guests) })

const lan = (parts: Partial<Network> = {}) => network('lan', { bridge: 'vmbr0', ipv4: '10.0.0.0/24', ...parts })
const iot = (parts: Partial<Network> = {}) =>
  network('iot', { bridge: 'vmbr0', vlan: 20, ipv4: '10.0.20.0/24', ...parts })
const tagged = (vlan: number) => [vm('a', 100, { iot: { vlan } })]

describe('site/rules/bridge', () => {
  const rows: [string, Site, string[]][] = [
    [
      'networks of one bridge and one port',
      built([lan({ mtu: 9000 }), iot()], { ports: { lan: 'eno1', iot: 'eno1' }, addresses: { iot: ['10.0.20.2'] } }),
      [],
    ],
    [
      'a second port',
      built([lan(), iot()], { ports: { lan: 'eno1', iot: 'eno2' } }),
      ['error nodes.pve.ports.iot: vmbr0 has the port eno1 already, and takes no second one'],
    ],
    [
      'another MTU',
      built([lan({ mtu: 9000 }), iot({ mtu: 1500 })]),
      ['error networks.iot.mtu: vmbr0 has 9000 already (network lan)'],
    ],
    [
      'too small for IPv6',
      built([lan({ mtu: 1200, ipv6: 'fd00::/64' })]),
      ['error networks.lan.mtu: IPv6 needs 1280 at least, not 1200'],
    ],
    [
      'no bridge at all',
      built([network('lan', { ipv4: '10.0.0.0/24', vlanAware: true })], {
        ports: { lan: 'eno1' },
        addresses: { lan: ['10.0.0.2'] },
      }),
      [
        'error networks.lan.vlanAware: network lan has no bridge that could be VLAN aware',
        'error nodes.pve.ports.lan: network lan has no bridge for a port: give it one, such as vmbr9',
        'error nodes.pve.addresses.lan: network lan has no bridge for an address of a node: give it one, such as vmbr9',
      ],
    ],
    [
      'a bridge with the name of a port',
      built([lan({ bridge: 'eno1' })], { ports: { lan: 'eno1' } }),
      ['error networks.lan.bridge: eno1 is a port of pve: a bridge needs a name of its own'],
    ],
    [
      'a name too long for a VLAN',
      built([iot({ bridge: 'vmbr0123456789', vlanAware: true })], { addresses: { iot: ['10.0.20.2', '10.0.20.3'] } }),
      ['error nodes.pve.addresses.iot: vmbr0123456789.20 is longer than 15 characters: give the bridge a shorter name'],
    ],
    [
      'a tag twice',
      built([iot({ vlanAware: true })], { ports: { iot: 'eno1.20' }, addresses: { iot: ['10.0.20.2'] } }),
      ['warning nodes.pve.addresses.iot: eno1.20 is in VLAN 20 already, so vmbr0.20 has the tag 20 twice'],
    ],
    [
      'a bond that lets less through',
      built([lan({ mtu: 9000 })], {
        ports: { lan: 'bond0.7' },
        bonds: [{ name: 'bond0', ports: ['eno1'], mode: 'active-backup', mtu: 1500 }],
      }),
      ['error nodes.pve.bonds.bond0.mtu: is less than the 9000 of network lan'],
    ],
    [
      'guests and node in one VLAN of a bridge that is not VLAN aware',
      built([lan(), iot()], { addresses: { iot: ['10.0.20.2'] } }, tagged(20)),
      [
        'warning nodes.pve.addresses.iot: guests share VLAN 20 of vmbr0 with the node, which then hears nothing in it: set networks.iot.vlanAware',
      ],
    ],
    ['… of another VLAN', built([lan(), iot()], { addresses: { iot: ['10.0.20.2'] } }, tagged(30)), []],
    [
      '… of a bridge that is VLAN aware',
      built([lan(), iot({ vlanAware: true })], { addresses: { iot: ['10.0.20.2'] } }, tagged(20)),
      [],
    ],
  ]
  for (const [title, what, want] of rows) it(title, () => assert.deepEqual(told(bridges(what)), want))
})
