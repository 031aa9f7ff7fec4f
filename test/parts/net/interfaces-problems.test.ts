// What speaks against a change of a node's interfaces: ports, bridges and addresses of others, slips in the file, guests.
import assert from 'node:assert/strict'
import type { Node } from '../../../src/site/site.ts'
import type { Facts } from './facts.ts'
import { addressed, FILE, HOST, links, problems, vmbr1 } from './installed-host.ts'
import { bridge, HOME, netNode } from './wanted-nodes.ts'

const BOND = { bonds: [{ name: 'bond0', ports: ['eno2', 'eno3'], mode: '802.3ad' }] }
const PROBLEMS: readonly (readonly [string, Node, Facts, readonly RegExp[]])[] = [
  ['a new bridge', netNode([HOME, vmbr1()]), HOST, []],
  ['no ifupdown2', netNode([HOME, vmbr1()]), { ...HOST, version: null }, [/^alpha has no ifupdown2/]],
  [
    'a port with a typo',
    netNode([HOME, vmbr1({ port: 'eon2' })]),
    HOST,
    [/^alpha has no port "eon2" \(did you mean "eno2"\?\): it has eno1, eno2, eno3\./],
  ],
  ['a port like no other', netNode([HOME, vmbr1({ port: 'wlp2s0' })]), HOST, [/^alpha has no port "wlp2s0": it has/]],
  [
    'the VLAN of a port that is not there',
    netNode([HOME, vmbr1({ port: 'eno9.20' })]),
    HOST,
    [/^alpha has no port "eno9"/],
  ],
  [
    'a port that is gone, with the file as wanted',
    netNode([HOME]),
    { ...HOST, links: { vmbr0: {} } },
    [/^alpha has no port "eno1": it has none/],
  ],
  ['a bond', netNode([HOME, vmbr1({ port: 'bond0' })], BOND), HOST, []],
  ['the VLAN of a bond', netNode([HOME, vmbr1({ port: 'bond0.7' })], BOND), HOST, []],
  [
    "a bond of the host's own file",
    netNode([HOME, vmbr1({ port: 'bond7' })]),
    { ...HOST, file: `${FILE}\niface bond7 inet manual\n\tbond-slaves eno2\n` },
    [],
  ],
  [
    'a port of a bond that is not there',
    netNode([HOME, vmbr1({ port: 'bond0' })], { bonds: [{ name: 'bond0', ports: ['eno2', 'eno8'], mode: '802.3ad' }] }),
    HOST,
    [/^alpha has no port "eno8" \(did you mean "eno1"\?\)/],
  ],
  [
    'a port in a bridge that the site does not name',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\nauto vmbr5\niface vmbr5 inet manual\n\tbridge_ports eno2 eno3\n` },
    [/^port eno2 is wanted in vmbr1, and is in vmbr5 of \/etc\/network\/interfaces/],
  ],
  [
    'a port in a bridge made by hand',
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ eno2: { master: 'br7' } }) },
    [/is in br7 that somebody made by hand/],
  ],
  ['a port in a bridge that the site changes', netNode([{ ...HOME, port: 'eno2' }, vmbr1({ port: 'eno1' })]), HOST, []],
  [
    'an address that stands elsewhere',
    netNode([HOME, vmbr1({ addresses: addressed('10.1.0.1/24') })]),
    { ...HOST, file: `${FILE}\niface eno3 inet static\n\taddress 10.1.0.1\n\tnetmask 255.255.255.0\n` },
    [/^10\.1\.0\.1 is wanted on vmbr1, and eno3 /],
  ],
  [
    'a gateway that stands elsewhere',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet static\n\taddress 10.1.0.2/24\n\tgateway 10.1.0.1\n` },
    [/^the default gateway is wanted on vmbr0, and eno3 .*10\.1\.0\.1/],
  ],
  [
    'a bridge of Open vSwitch',
    netNode([HOME]),
    { ...HOST, file: FILE.replace(/bridge-ports[\s\S]*/, 'ovs_type OVSBridge\n\tovs_ports eno1\n') },
    [/^vmbr0 of .* is made by Open vSwitch \(OVSBridge\), and orion makes Linux bridges/],
  ],
  [
    'a port of a bridge of Open vSwitch',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\nauto vmbr5\niface vmbr5 inet manual\n\tovs_type OVSBridge\n\tovs_ports eno2\n` },
    [/^port eno2 is wanted in vmbr1, and is in vmbr5 of /],
  ],
  [
    'a slip in an option of others',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet manual\n\tmut 9000\n\tbridge-fdd 0\n` },
    [/has "bridge-fdd 0" at eno3.*did you mean "bridge-fd"/],
  ],
  [
    'a slip in a keyword',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}ifcae eno3 inet manual\n` },
    [/has "ifcae eno3 inet manual" at vmbr0.*did you mean "iface"/],
  ],
  [
    'an option that nobody knows',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet manual\n\tacme-frobnicate yes\n\tvxlan-mcast 239.1.1.1\n` },
    [],
  ],
  [
    'no Proxmox build, with guests',
    netNode([HOME, vmbr1()]),
    { ...HOST, version: '3.0.0-1.3', links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }) },
    [/^alpha has ifupdown2 3\.0\.0-1\.3, not Proxmox's own: .* off vmbr0 \(1 guest\)/],
  ],
  [
    'no Proxmox build, with guests, where only the kernel is not as the file says',
    netNode([HOME]),
    { ...HOST, version: '3.0.0-1.3', links: links({ eno1: {}, tap100i0: { master: 'vmbr0' } }) },
    [/would take running guests off vmbr0 \(1 guest\)/],
  ],
  [
    'no Proxmox build, with guests, and all as wanted',
    netNode([HOME]),
    { ...HOST, version: '3.0.0-1.3', links: links({ tap100i0: { master: 'vmbr0' } }) },
    [],
  ],
  [
    'no Proxmox build, with a bridge that keeps guests',
    netNode([HOME, vmbr1()]),
    {
      ...HOST,
      file: `${FILE}\tbridge-ports-condone-regex ^(tap|veth)\n`,
      version: '3.0.0-1.3',
      links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }),
    },
    [],
  ],
  [
    "Proxmox's build, with guests",
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }) },
    [],
  ],
  [
    'VLANs of guests that would be mixed',
    netNode([HOME]),
    {
      ...HOST,
      file: `${FILE}\tbridge-vlan-aware yes\n`,
      links: links({ vmbr0: { vlanFiltering: true }, tap100i0: { master: 'vmbr0' } }),
    },
    [/^vmbr0 filters VLANs now/],
  ],
  [
    'VLANs without guests',
    netNode([HOME]),
    { ...HOST, file: `${FILE}\tbridge-vlan-aware yes\n`, links: links({ vmbr0: { vlanFiltering: true } }) },
    [],
  ],
]

describe('parts/net/interfaces: what speaks against a change', () => {
  for (const [what, node, facts, want] of PROBLEMS)
    it(what, () => {
      const got = problems(node, facts)
      assert.equal(got.length, want.length, got.join('\n'))
      want.forEach((pattern, index) => {
        assert.match(got[index] ?? '', pattern)
      })
    })

  it('names every problem at once', () => {
    const node = netNode([bridge('vmbr0', { port: 'eno7' }), vmbr1({ port: 'eno8' })])
    assert.equal(
      problems(node, { ...HOST, version: '3.0.0', links: links({ veth101i0: { master: 'vmbr0' } }) }).length,
      4,
    )
  })
})
