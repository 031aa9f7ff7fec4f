// No VMID, name, MAC address, bridge or port of a node twice.
import assert from 'node:assert/strict'
import { identity } from '../../../src/site/rules/identity.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, network, node, site, told, vm } from '../site-builder.ts'

describe('identity', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    [
      'is silent where all differ',
      { guests: [vm('a', 100, { lan: 'dhcp' }), vm('b', 999_999_999, { lan: 'dhcp' })] },
      [],
    ],
    [
      'a VMID twice, told once and not for its MAC addresses too',
      { guests: [vm('a', 200, { lan: 'dhcp' }), vm('b', 200, { lan: 'dhcp' })] },
      ['error guests.b.id: VMID 200 is taken by guests.a'],
    ],
    [
      'a VMID twice on two nodes',
      { nodes: [node('x'), node('y')], guests: [vm('a', 200, {}, { node: 'x' }), vm('b', 200, {}, { node: 'y' })] },
      ['error guests.b.id: VMID 200 is taken by guests.a'],
    ],
    [
      'a VMID that Proxmox does not take',
      { guests: [vm('a', 99), vm('b', 1_000_000_000)] },
      [
        'error guests.a.id: VMID 99 is not between 100 and 999999999',
        'error guests.b.id: VMID 1000000000 is not between 100 and 999999999',
      ],
    ],
    [
      'a name twice: a member of a range and a guest of its own',
      { guests: [vm('web-1', 101, {}, { group: 'web' }), vm('web-1', 200)] },
      ['error guests.web-1: the name web-1 is taken by guests.web (VMID 101)'],
    ],
    [
      'a MAC address twice',
      {
        guests: [
          vm('a', 100, { lan: { mac: '02:00:00:00:00:01' } }),
          vm('b', 101, { lan: { mac: '02:00:00:00:00:01' } }),
        ],
      },
      ['error guests.b.nics.lan: MAC address 02:00:00:00:00:01 is taken by guests.a (network lan)'],
    ],
    [
      'a bridge twice',
      { networks: [network('lan', { bridge: 'vmbr0' }), network('dmz', { bridge: 'vmbr0' })] },
      ['error networks.dmz.bridge: bridge vmbr0 is taken by networks.lan'],
    ],
    [
      'VLANs share a bridge, and are not twice on it',
      {
        networks: [
          network('lan', { bridge: 'vmbr0' }),
          network('dmz', { bridge: 'vmbr0', vlan: 10 }),
          network('iot', { bridge: 'vmbr0', vlan: 20 }),
          network('tv', { bridge: 'vmbr0', vlan: 20 }),
        ],
      },
      ['error networks.tv.vlan: VLAN 20 of bridge vmbr0 is taken by networks.iot'],
    ],
    ['networks without a bridge share none', { networks: [network('pods'), network('services')] }, []],
    [
      'a port twice on one node, not on two nodes, and not for VLANs of one bridge',
      {
        networks: [
          network('wan', { bridge: 'vmbr0' }),
          network('lan', { bridge: 'vmbr1' }),
          network('iot', { bridge: 'vmbr1', vlan: 20 }),
        ],
        nodes: [
          node('a', { ports: { wan: 'eno1', lan: 'eno1' } }),
          node('b', { ports: { wan: 'eno1', lan: 'eno2', iot: 'eno2' } }),
        ],
      },
      ['error nodes.a.ports.lan: port eno1 of a is taken by network wan'],
    ],
    [
      'a name of a node and a guest, and one that differs in its letters only',
      { nodes: [node('pve'), node('PVE')], guests: [vm('web', 100), vm('Web', 101), vm('Pve', 102)] },
      [
        'error guests.Web: the name web is taken by guests.web (VMID 100)',
        'error nodes.PVE: the name pve is taken by nodes.pve',
        'error guests.Pve: the name Pve is taken by nodes.PVE',
      ],
    ],
    [
      'a client named like a gateway',
      {
        nodes: [node('x')],
        mesh: mesh([gateway('x', '10.99.0.1')], { clients: [{ name: 'x', address: '10.99.0.2' }] }),
      },
      ['error mesh.clients.x: x is taken by mesh.gateways.x'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(identity(site(parts))), want))
})
