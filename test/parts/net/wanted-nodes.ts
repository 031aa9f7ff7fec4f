// Nodes for tests of the network: the real sites, and small ones of which a test says only what it is about.
import { fileURLToPath } from 'node:url'
import { loadSite } from '../../../src/site/load.ts'
import type { Bridge, Node } from '../../../src/site/site.ts'
import { node } from '../../site/site-builder.ts'
import { KEY } from '../../site/site-text.ts'

/** A node of one of the starting points, with its bridges computed by the site itself. */
export async function realNode(site: string, name: string): Promise<Node> {
  const file = fileURLToPath(new URL(`../../../templates/sites/${site}.yaml`, import.meta.url))
  const { nodes } = await loadSite(file, { home: '/nowhere', standInKey: KEY })
  const found = nodes.find((one) => one.name === name)
  if (!found) throw new Error(`no node ${name} in ${site}`)
  return found
}

export function bridge(name: string, parts: Partial<Bridge> = {}): Bridge {
  return { name, networks: ['lan'], vlanAware: false, addresses: [], ...parts }
}

/** The operator comes from .1 of the same network, over vmbr0 on eno1. */
export const HOME: Bridge = bridge('vmbr0', {
  port: 'eno1',
  addresses: [{ network: 'lan', cidr: '192.168.1.10/24', gateway: '192.168.1.1' }],
})

export function netNode(bridges: readonly Bridge[], parts: Partial<Node> = {}): Node {
  return node('alpha', { address: '192.168.1.10', bridges, ...parts })
}

export const VLANS: Node = netNode([
  bridge('vmbr0', {
    port: 'eno1',
    vlanAware: true,
    mtu: 9000,
    addresses: [
      { network: 'management', cidr: '10.0.20.5/24', vlan: 20, gateway: '10.0.20.1' },
      { network: 'storage', cidr: '10.0.30.5/24', vlan: 30 },
    ],
  }),
  bridge('vmbr1', { port: 'eno2.40', addresses: [{ network: 'dmz', cidr: '10.0.40.5/24' }] }),
])

export const BONDS: Node = netNode(
  [
    bridge('vmbr0', {
      port: 'bond0',
      mtu: 9000,
      addresses: [{ network: 'lan', cidr: '10.0.0.5/24', gateway: '10.0.0.1' }],
    }),
    bridge('vmbr1', { port: 'bond1.50' }),
  ],
  {
    bonds: [
      { name: 'bond0', ports: ['eno1', 'eno2'], mode: '802.3ad', hashPolicy: 'layer3+4' },
      { name: 'bond1', ports: ['eno3', 'eno4'], mode: 'active-backup', primary: 'eno3' },
    ],
  },
)

export const IPV6: Node = netNode([
  bridge('vmbr0', {
    port: 'eno1',
    addresses: [
      { network: 'lan', cidr: '192.0.2.5/24', gateway: '192.0.2.1' },
      { network: 'lan', cidr: '192.0.2.6/24' },
      { network: 'lan', cidr: '2001:DB8:0:1::5/64', gateway: 'fe80::1' },
    ],
  }),
  bridge('vmbr1', { addresses: [{ network: 'six', cidr: '2001:db8:0:2::5/64' }] }),
])
