// Ports of a simulated node: every one that the site file names, and the one that the installer was given.
import assert from 'node:assert/strict'
import { wiringOf } from '../../src/lab/lab-wiring.ts'
import type { Node } from '../../src/site/site.ts'
import { bridge, HOME } from '../parts/net/wanted-nodes.ts'
import { network, node, site } from '../site/site-builder.ts'

const NETWORKS = [
  network('lan', { bridge: 'vmbr0', ipv4: '192.168.1.0/24' }),
  network('store', { bridge: 'vmbr1', ipv4: '10.1.0.0/24' }),
]
const { port: _, ...PORTLESS } = HOME
const BOND = [{ name: 'bond0', ports: ['eno3', 'eno4'], mode: '802.3ad' }]

describe('lab/lab-wiring', () => {
  const rows: [string, Partial<Node>, string, string[]][] = [
    ['no port named', { bridges: [PORTLESS] }, 'eno1', ['eno1']],
    ['the port of its network', { ports: { store: 'eno1', lan: 'eno2' }, bridges: [HOME] }, 'eno2', ['eno1', 'eno2']],
    ['the first port of a bond', { ports: { lan: 'bond0' }, bonds: BOND, bridges: [HOME] }, 'eno3', ['eno3', 'eno4']],
    ['only ports of other bridges', { ports: { store: 'eno2' }, bridges: [PORTLESS] }, 'eno1', ['eno1', 'eno2']],
    ['eno1 in another bridge', { ports: { store: 'eno1' }, bridges: [PORTLESS] }, 'eno2', ['eno2', 'eno1']],
    [
      'the port of another network on its bridge',
      { ports: { store: 'eno2' }, bridges: [bridge('vmbr0', { networks: ['lan', 'store'], port: 'eno2' })] },
      'eno2',
      ['eno2'],
    ],
  ]
  for (const [title, parts, uplink, ports] of rows)
    it(title, () => {
      const one = node('alpha', { address: '192.168.1.10', ...parts })
      const wiring = wiringOf(site({ networks: NETWORKS, nodes: [one] }), one)
      assert.deepEqual({ uplink: wiring.uplink, ports: wiring.ports }, { uplink, ports })
    })
})
