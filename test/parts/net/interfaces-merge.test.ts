// The site's interfaces put into a file that somebody else wrote too.
import assert from 'node:assert/strict'
import type { Node } from '../../../src/site/site.ts'
import { home, INSTALLER, mergeNode } from './merged.ts'
import { readBack } from './proxmox-dialect.ts'
import { bridge, HOME, netNode, VLANS } from './wanted-nodes.ts'

const SIX = `auto vmbr0
iface vmbr0 inet6 static
	address 2001:db8::1/64
	gateway fe80::1
	bridge-ports eno1 eno2
	bridge-stp on
	bridge-fd 2
`

/** Lines that the merge takes away (-) and adds (+), in order; equal lines left out. */
function changes(text: string, node: Node): readonly string[] {
  const after = mergeNode(text, node)
  assert.equal(mergeNode(after, node), after, 'merged again')
  const [old, now] = [text.split('\n'), after.split('\n')]
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0))
  const at = (i: number, j: number) => table[i]?.[j] ?? 0
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      (table[i] ?? [])[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const out: string[] = []
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    if (i < old.length && old[i] === now[j]) {
      i++
      j++
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) out.push(`-${old[i++]?.trim()}`)
    else out.push(`+${now[j++]?.trim()}`)
  }
  return out.filter((line) => line.length > 1)
}

const ROWS: readonly (readonly [string, string, Node, readonly string[]])[] = [
  ['the installer and the site agree', INSTALLER, home(), []],
  ['a site without bridges', 'whatever\n\n\n', netNode([]), []],
  ['another port', INSTALLER, home({ port: 'eno2' }), ['-bridge-ports eno1', '+bridge-ports eno2']],
  ['a site that names no port', INSTALLER, netNode([bridge('vmbr0', { addresses: HOME.addresses })]), []],
  [
    'a new bridge without a port',
    INSTALLER,
    netNode([HOME, bridge('vmbr9')]),
    ['+auto vmbr9', '+iface vmbr9 inet manual', '+bridge-ports none', '+bridge-stp off', '+bridge-fd 0'],
  ],
  [
    'a port that moves to another bridge',
    INSTALLER,
    netNode([bridge('vmbr0'), bridge('vmbr1', { port: 'eno1' })]),
    [
      '-iface vmbr0 inet static',
      '-address 192.168.1.10/24',
      '-gateway 192.168.1.1',
      '+iface vmbr0 inet manual',
      '+bridge-ports none',
      '+bridge-stp off',
      '+bridge-fd 0',
      '+auto vmbr1',
      '+iface vmbr1 inet manual',
    ],
  ],
  [
    'a gateway that the site does not name',
    INSTALLER,
    home({ addresses: [{ network: 'lan', cidr: '192.168.1.11/24' }] }),
    ['-address 192.168.1.10/24', '+address 192.168.1.11/24'],
  ],
  [
    'a gateway that would be out of its network',
    INSTALLER,
    home({ addresses: [{ network: 'lan', cidr: '10.0.0.1/24' }] }),
    ['-address 192.168.1.10/24', '-gateway 192.168.1.1', '+address 10.0.0.1/24'],
  ],
  [
    'another gateway',
    INSTALLER,
    home({ addresses: [{ network: 'lan', cidr: '192.168.1.10/24', gateway: '192.168.1.2' }] }),
    ['-gateway 192.168.1.1', '+gateway 192.168.1.2'],
  ],
  ['MTU', INSTALLER, home({ mtu: 9000 }), ['+mtu 9000', '+mtu 9000']],
  ['an MTU that the site does not name', INSTALLER.replace('fd 0', 'fd 0\n\tmtu 1400'), home(), []],
  ['VLANs', INSTALLER, home({ vlanAware: true }), ['+bridge-vlan-aware yes', '+bridge-vids 2-4094']],
  [
    'a list of VLANs that is there',
    INSTALLER.replace('fd 0', 'fd 0\n\tbridge-vlan-aware yes\n\tbridge-vids 10 20'),
    home({ vlanAware: true }),
    [],
  ],
  [
    'no VLANs any more',
    INSTALLER.replace('fd 0', 'fd 0\n\tbridge-vlan-aware yes\n\tbridge-vids 10 20'),
    home(),
    ['-bridge-vlan-aware yes', '-bridge-vids 10 20'],
  ],
  [
    "lines and notes that are not orion's",
    INSTALLER.replace('fd 0', 'fd 0\n\tpost-up iptables -A x\n\tdns-nameservers 9.9.9.9\n# uplink to the rack'),
    home({ port: 'eno2' }),
    ['-bridge-ports eno1', '+bridge-ports eno2'],
  ],
  [
    'another spelling of the same',
    'auto vmbr0\niface eno1 inet manual\n\niface vmbr0 inet static\n    address 192.168.1.10\n    netmask 255.255.255.0\n    gateway 192.168.1.1\n    bridge_ports eno1\n    bridge_stp no\n    bridge_fd 0',
    home(),
    [],
  ],
  [
    'STP that is on',
    INSTALLER.replace('stp off', 'stp on'),
    home({ port: 'eno2' }),
    ['-bridge-ports eno1', '+bridge-ports eno2'],
  ],
  [
    'DHCP that the site replaces',
    INSTALLER.replace('inet static\n\taddress 192.168.1.10/24\n\tgateway 192.168.1.1', 'inet dhcp'),
    home(),
    ['-iface vmbr0 inet dhcp', '+iface vmbr0 inet static', '+address 192.168.1.10/24', '+gateway 192.168.1.1'],
  ],
  [
    'a bridge that does not start by itself',
    INSTALLER.replace('auto vmbr0\n', 'allow-hotplug vmbr0\n'),
    home(),
    ['+auto vmbr0'],
  ],
  [
    'IPv6 that the site does not name',
    INSTALLER.replace('iface eno2', 'iface vmbr0 inet6 static\n\taddress 2001:db8::1/64\n\niface eno2'),
    home(),
    ['-iface vmbr0 inet6 static', '-address 2001:db8::1/64'],
  ],
  [
    'IPv6 with lines of others',
    INSTALLER.replace(
      'iface eno2',
      'iface vmbr0 inet6 static\n\taddress 2001:db8::1/64\n\tpost-up echo six\n\niface eno2',
    ),
    home(),
    ['-iface vmbr0 inet6 static', '-address 2001:db8::1/64', '+iface vmbr0 inet6 manual'],
  ],
  [
    'IPv6 that is new',
    INSTALLER,
    home({ addresses: [...HOME.addresses, { network: 'lan', cidr: '2001:db8::1/64' }] }),
    ['+iface vmbr0 inet6 static', '+address 2001:db8::1/64'],
  ],
  [
    'a bridge with IPv6 alone, as the GUI writes it',
    SIX,
    netNode([bridge('vmbr0', { addresses: [{ network: 'lan', cidr: '2001:db8::1/64', gateway: 'fe80::1' }] })]),
    ['+iface vmbr0 inet manual'],
  ],
  [
    'a bridge with IPv6 alone that becomes one with IPv4 alone',
    SIX.replace('fd 2', 'fd 2\n\tpost-up echo six'),
    netNode([bridge('vmbr0', { addresses: [{ network: 'lan', cidr: '10.0.0.1/24' }] })]),
    [
      '-iface vmbr0 inet6 static',
      '-address 2001:db8::1/64',
      '-gateway fe80::1',
      '+iface vmbr0 inet6 manual',
      '+post-up echo six',
      '+iface vmbr0 inet static',
      '+address 10.0.0.1/24',
      '-post-up echo six',
    ],
  ],
  [
    'two stanzas of one family, the second with the ports',
    'auto vmbr0\niface vmbr0 inet static\n\taddress 10.0.0.1/24\n\niface vmbr0 inet static\n\tbridge-ports eno1\n\tbridge-stp on\n',
    netNode([bridge('vmbr0', { addresses: [{ network: 'lan', cidr: '10.0.0.1/24' }] })]),
    ['-iface vmbr0 inet static', '+bridge-fd 0'],
  ],
  [
    'an alias that goes',
    INSTALLER.replace(
      'iface eno2',
      'auto vmbr0:1 eno2\niface vmbr0:1 inet static\n\taddress 10.9.9.9/24\n\niface eno2',
    ),
    home(),
    ['-auto vmbr0:1 eno2', '-iface vmbr0:1 inet static', '-address 10.9.9.9/24', '+auto eno2'],
  ],
  [
    'two stanzas of one family',
    INSTALLER.replace('iface eno2', 'iface vmbr0 inet static\n\taddress 10.9.9.9/24\n\tpost-up echo x\n\niface eno2'),
    home(),
    ['-iface vmbr0 inet static', '-address 10.9.9.9/24'],
  ],
  [
    'a plain Debian host',
    'auto eno1\niface eno1 inet static\n\taddress 192.168.1.10/24\n\tgateway 192.168.1.1\n',
    home(),
    [
      '-iface eno1 inet static',
      '+iface eno1 inet manual',
      '+auto vmbr0',
      '+iface vmbr0 inet static',
      '+bridge-ports eno1',
      '+bridge-stp off',
      '+bridge-fd 0',
    ],
  ],
]

describe('parts/net/interfaces-merge', () => {
  for (const [what, text, node, want] of ROWS) it(what, () => assert.deepEqual(changes(text, node), want))

  it("puts new interfaces in Proxmox's order, and keeps its source line last", () => {
    const { shown, loose, lost } = readBack(mergeNode(INSTALLER, VLANS))
    assert.deepEqual(Object.keys(shown), ['lo', 'eno1', 'vmbr0', 'eno2', 'eno2.40', 'vmbr1', 'vmbr0.20', 'vmbr0.30'])
    assert.deepEqual(loose, [{ line: 'source /etc/network/interfaces.d/*', after: 8 }])
    assert.deepEqual(lost, [])
  })

  it('gives a port the largest MTU of what stands on it', () => {
    const node = netNode([{ ...HOME, mtu: 9000 }, bridge('vmbr1', { port: 'eno1.20', mtu: 1400 })])
    const { shown } = readBack(mergeNode(INSTALLER, node))
    assert.deepEqual(
      ['eno1', 'eno1.20', 'vmbr0', 'vmbr1'].map((name) => shown[name]?.fields.mtu),
      ['9000', '1400', '9000', '1400'],
    )
  })

  it('sets apart a note above the first interface', () => {
    const text = mergeNode('# mine\nauto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1\n', home())
    assert.match(text, /^iface eno1 inet manual\n\n# mine\nauto vmbr0\niface vmbr0 inet static\n/)
  })
})
