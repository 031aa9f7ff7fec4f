// What a change of a node's interfaces interrupts, and what of the file is not in force.
import assert from 'node:assert/strict'
import type { Node } from '../../../src/site/site.ts'
import type { Facts } from './facts.ts'
import { changed, disrupts, drift, FILE, HOST, links, TWO, up, vmbr1 } from './installed-host.ts'
import { HOME, netNode, VLANS } from './wanted-nodes.ts'

const GUESTS = {
  tap100i0: { master: 'vmbr0' },
  tap100i1: { master: 'vmbr0' },
  fwpr101p0: { master: 'vmbr0' },
  fwln101i0: { master: 'fwbr101i0' },
  veth102i0: { master: 'vmbr0' },
}
const DISRUPTIONS: readonly (readonly [string, Node, Facts, string | undefined])[] = [
  ['a new bridge on a free port', netNode([HOME, vmbr1()]), HOST, undefined],
  ["the operator's own bridge", netNode([{ ...HOME, mtu: 9000 }]), HOST, 'bridge vmbr0, your own path to alpha'],
  [
    '… with guests',
    netNode([{ ...HOME, mtu: 9000 }]),
    { ...HOST, links: links(GUESTS) },
    'bridge vmbr0 (3 guests), your own path to alpha',
  ],
  [
    'a bridge beside it',
    netNode([HOME, vmbr1({ port: 'eno3' })]),
    {
      ...HOST,
      file: `${FILE}\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno2\n`,
      links: links({ vmbr1: {}, tap7i0: { master: 'vmbr1' } }),
    },
    'bridge vmbr1 (1 guest)',
  ],
  [
    "the operator's address on a VLAN of the bridge",
    { ...VLANS, address: '10.0.20.5' },
    { ...HOST, links: links({ vmbr0: {} }) },
    'bridge vmbr0, your own path to alpha',
  ],
]

describe('parts/net/interfaces: what a change interrupts', () => {
  for (const [what, node, facts, want] of DISRUPTIONS) it(what, () => assert.equal(disrupts(node, facts), want))
})

const DRIFTS: readonly (readonly [string, Facts, readonly string[]])[] = [
  ['all in force', changed(), []],
  ['the file is not there yet', HOST, []],
  [
    'a bridge that is not there',
    changed({ links: links({}) }),
    ['vmbr1: not there -> up', 'vmbr1 address: missing -> 10.1.0.1/24'].slice(0, 1),
  ],
  ['a bridge that is down', up('vmbr1', { state: 'down', vlanFiltering: true }), ['vmbr1: down -> up']],
  ['a bridge without a cable', up('vmbr1', { state: 'dead', vlanFiltering: true }), []],
  ['a port taken out', up('eno2', {}), ['port eno2: nowhere -> vmbr1']],
  [
    'a port in another bridge',
    up('eno2', { master: 'vmbr0' }),
    ['port eno2: vmbr0 -> nowhere', 'port eno2: vmbr0 -> vmbr1'],
  ],
  ['a port too many', up('eno3', { master: 'vmbr1' }), ['port eno3: vmbr1 -> nowhere']],
  ["a guest's port", up('tap9i0', { kind: 'tun', master: 'vmbr1' }), []],
  ['no VLAN filtering', up('vmbr1', {}), ['vmbr1 VLAN filtering: off -> on']],
  ['an address taken away', changed({ addresses: HOST.addresses ?? {} }), ['vmbr1 address: missing -> 10.1.0.1/24']],
  [
    'an address that moved, and a floating one',
    changed({
      addresses: { ...changed().addresses, vmbr1: ['10.1.0.1/24', '192.168.1.10/24', '10.1.0.9/24', 'fe80::5/64'] },
    }),
    ['vmbr1 address: 192.168.1.10/24 -> none'],
  ],
  ['no default route', changed({ routes: [] }), ['default route: none -> 192.168.1.1 on vmbr0']],
  [
    'another default route',
    changed({ routes: ['default via 10.1.0.2 dev vmbr1'] }),
    ['default route: 10.1.0.2 on vmbr1 -> 192.168.1.1 on vmbr0'],
  ],
]

describe('parts/net/interfaces: what is not in force', () => {
  for (const [what, facts, want] of DRIFTS) it(what, () => assert.deepEqual(drift(TWO, facts), want))
})
