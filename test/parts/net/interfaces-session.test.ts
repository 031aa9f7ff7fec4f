// What speaks against a change of a node's interfaces for the operator's own sake: the session's address and its way back.
import assert from 'node:assert/strict'
import type { Node } from '../../../src/site/site.ts'
import type { Facts } from './facts.ts'
import { addressed, FILE, HOST, links, problems, vmbr1 } from './installed-host.ts'
import { bridge, HOME, netNode } from './wanted-nodes.ts'

const DHCP: Facts = {
  file: `${FILE}\nauto vmbr0.20\niface vmbr0.20 inet dhcp\n`,
  addresses: { 'vmbr0.20': ['10.20.0.5/24'] },
  ends: ['10.20.0.9', '10.20.0.5'],
}
const PROBLEMS: readonly (readonly [string, Node, Facts, readonly RegExp[]])[] = [
  [
    'the management address taken away',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    HOST,
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0, and the new .* has that address nowhere/],
  ],
  [
    '… with another path that stays',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    { ...HOST, addresses: { ...HOST.addresses, eno3: ['10.5.0.1/24'] } },
    [],
  ],
  [
    '… with another path that the site makes',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: addressed('10.5.0.1/24', '10.5.0.2') })], {
      ssh: { alsoAt: ['10.5.0.1'] },
    }),
    HOST,
    [],
  ],
  [
    '… with another path that nobody has',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    HOST,
    [/has that address nowhere/],
  ],
  [
    '… with another path that goes the same way',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    { ...HOST, addresses: { vmbr0: ['192.168.1.10/24', '10.5.0.1/24'] } },
    [/has that address nowhere/],
  ],
  [
    'a new management address',
    netNode([bridge('vmbr0', { port: 'eno1', addresses: addressed('192.168.1.11/24', '192.168.1.1') })], {
      address: '192.168.1.11',
    }),
    HOST,
    [],
  ],
  [
    'the management address on another bridge',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: HOME.addresses })]),
    HOST,
    [],
  ],
  [
    '… whose port has no cable',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: HOME.addresses })]),
    { ...HOST, links: links({ eno2: { state: 'dead' } }) },
    [/^192\.168\.1\.10, which carries this session, would move to vmbr1, and its port eno2 has no link/],
  ],
  [
    'a cable that was never in',
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ eno1: { master: 'vmbr0', state: 'dead' } }) },
    [],
  ],
  [
    'the gateway of a far operator taken away',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    { ...HOST, ends: ['172.16.0.9', '192.168.1.10'] },
    [/^answers to 172\.16\.0\.9 leave alpha by the gateway 192\.168\.1\.1 now, .* name nodes\.alpha\.gateway\.$/],
  ],
  [
    'a far operator with a static route',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/25') }]),
    { ...HOST, routes: ['172.16.0.0/12 via 192.168.1.3 dev vmbr0'], ends: ['172.16.0.9', '192.168.1.10'] },
    [],
  ],
  [
    'a far operator with a static route beside the default one',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    {
      ...HOST,
      routes: [...(HOST.routes ?? []), '172.16.0.0/12 via 192.168.1.3 dev vmbr0'],
      ends: ['172.16.0.9', '192.168.1.10'],
    },
    [],
  ],
  [
    'an address by DHCP on a VLAN of a bridge that keeps its place',
    netNode([{ ...HOME, mtu: 1400 }], { address: '198.51.100.7' }),
    { ...HOST, ...DHCP },
    [],
  ],
  [
    'an address by DHCP on a VLAN of a bridge that goes into another VLAN',
    netNode([{ ...HOME, port: 'eno1.7' }], { address: '198.51.100.7' }),
    { ...HOST, ...DHCP },
    [/^this session reaches alpha at 10\.20\.0\.5 on vmbr0\.20/],
  ],
  [
    "a near operator's network taken away",
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    { ...HOST, file: FILE.replace(/\tgateway.*\n/, ''), routes: ['192.168.1.0/24 dev vmbr0'] },
    [/^answers to 192\.168\.1\.20 leave alpha on vmbr0 now/],
  ],
  [
    'an operator behind NAT',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['192.168.1.20', '203.0.113.9'] },
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over an interface of others',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, addresses: { ...HOST.addresses, wg0: ['10.8.0.1/24'] }, ends: ['10.8.0.2', '10.8.0.1'] },
    [],
  ],
  [
    "an operator on a port that becomes a bridge's",
    netNode([vmbr1()], { address: '198.51.100.7' }),
    { ...HOST, addresses: { ...HOST.addresses, eno2: ['10.8.0.1/24'] }, ends: ['10.8.0.2', '10.8.0.1'] },
    [/^this session reaches alpha at 10\.8\.0\.1 on eno2/],
  ],
  [
    'an operator over loopback: the end of a tunnel, or orion on the node itself',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['127.0.0.1', '127.0.0.1'] },
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over IPv4 in IPv6',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['::ffff:192.168.1.20', '::ffff:192.168.1.10'] },
    [/at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over IPv6',
    netNode([HOME]),
    {
      ...HOST,
      file: `${FILE}\niface vmbr0 inet6 static\n\taddress 2001:db8::5/64\n`,
      addresses: { vmbr0: ['192.168.1.10/24', '2001:db8::5/64'] },
      ends: ['2001:db8::9', '2001:db8::5'],
    },
    [],
  ],
  [
    '… to a node that is not at its own address',
    netNode([HOME], { address: '198.51.100.1' }),
    {
      ...HOST,
      file: `${FILE}\niface vmbr0 inet6 static\n\taddress 2001:db8::5/64\n`,
      addresses: { vmbr0: ['192.168.1.10/24', '2001:db8::5/64'] },
      ends: ['2001:db8::9', '2001:db8::5'],
    },
    [/at 2001:db8::5 on vmbr0/],
  ],
  ['a host that says nothing of itself', netNode([HOME]), { file: FILE, links: { eno1: {} } }, []],
]

describe('parts/net/interfaces: the operator of the session', () => {
  for (const [what, node, facts, want] of PROBLEMS)
    it(what, () => {
      const got = problems(node, facts)
      assert.equal(got.length, want.length, got.join('\n'))
      want.forEach((pattern, index) => {
        assert.match(got[index] ?? '', pattern)
      })
    })
})
