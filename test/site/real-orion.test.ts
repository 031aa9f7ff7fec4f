// Each row of the table in the design, tried on ORION: one edit, and exactly what it leads to.
import assert from 'node:assert/strict'
import { formatFinding } from '../../src/site/finding.ts'
import { findings, type Row, tryRows } from './real-files.ts'

const ROWS: readonly Row[] = [
  ['nothing', 'orion', [], []],
  [
    'an address twice: a guest on a guest',
    'orion',
    [['192.168.100.31', '192.168.100.30']],
    ['error guests.open-webui.nics.lan: 192.168.100.30 is taken by guests.ai-coordinator (network lan)'],
  ],
  [
    'an address twice: a guest on the BMC',
    'orion',
    [['management: 192.168.1.2', 'management: 192.168.1.100']],
    ['error guests.router.nics.management: 192.168.1.100 is taken by nodes.r730.bmc'],
  ],
  [
    'an address twice: a guest in a DHCP range',
    'orion',
    [['192.168.100.50', '192.168.100.150']],
    ['error guests.netbox.nics.lan: 192.168.100.150 lies in the DHCP range of networks.lan'],
  ],
  [
    'a VMID twice, told once',
    'orion',
    [['id: 1001', 'id: 1000']],
    ['error guests.open-webui.id: VMID 1000 is taken by guests.ollama'],
  ],
  [
    'a name twice: a guest and one of a range',
    'orion',
    [['  netbox:', '  k3s-worker-2:']],
    ['error guests.k3s-worker: the name k3s-worker-2 is taken by guests.k3s-worker-2 (VMID 500)'],
  ],
  [
    'a name twice: a guest and a node',
    'orion',
    [['  redis:', '  R730:']],
    ['error guests.R730: the name R730 is taken by nodes.r730'],
  ],
  [
    'a bridge twice',
    'orion',
    [['bridge: vmbr2', 'bridge: vmbr1']],
    ['error networks.guest.bridge: bridge vmbr1 is taken by networks.lan'],
  ],
  [
    'a port twice',
    'orion',
    [['guest: eno3', 'guest: eno2']],
    ['error nodes.r730.ports.guest: port eno2 of r730 is taken by network lan'],
  ],
  [
    'an address outside its network',
    'orion',
    [['lan: 192.168.100.50', 'lan: 192.168.101.50']],
    ['error guests.netbox.nics.lan: 192.168.101.50 is not in 192.168.100.0/24 (network lan)'],
  ],
  [
    'an IPv6 network outside what is announced',
    'orion',
    [['2602:f674:0:4000::/64', '2602:f674:4000::/64']],
    ['error networks.pods.ipv6: 2602:f674:4000::/64 is not inside an announced prefix (2602:f674::/48)'],
  ],
  [
    'a service range of K3s that is too wide',
    'orion',
    [['5000::/112', '5000::/64']],
    ['error networks.services.ipv6: 2602:f674:0:5000::/64 is too wide for services of K3s: /108 or longer'],
  ],
  [
    'a pod range without room',
    'orion',
    [['4000::/64', '4000::/120']],
    ['error networks.pods.ipv6: 2602:f674:0:4000::/120 leaves no room for a range of pods per node: /112 or shorter'],
  ],
  [
    'memory over the node’s',
    'orion',
    [['memory: 384G', 'memory: 128G']],
    ['error nodes.r730.hardware.memory: guests of r730 need 176.5G of 128G without balloon (138 %)'],
  ],
  [
    'memory over 80 %',
    'orion',
    [['memory: 384G', 'memory: 200G']],
    ['warning nodes.r730.hardware.memory: guests of r730 need 176.5G of 200G without balloon (89 %)'],
  ],
  [
    'cores over 4 × the threads',
    'orion',
    [['threads: 56', 'threads: 12']],
    ['warning nodes.r730.hardware.threads: guests of r730 have 58 cores on 12 threads, over 4 times as many'],
  ],
  [
    'storage without the content type',
    'orion',
    [['[iso, vztmpl, snippets, import, backup]', '[iso, vztmpl, snippets, backup]']],
    [
      'error images.debian-13: no storage on r730 has the content type import, which guests.router needs for this image',
    ],
  ],
  [
    'a BGP peer out of reach',
    'orion',
    [['address: 2001:db8:6939::1', 'address: 2001:db8:1::1']],
    [
      'error bgp.peers.upstream.address: 2001:db8:1::1 is in no network of guests.router: give it one there, or set multihop',
    ],
  ],
  [
    'a BGP peer with multihop',
    'orion',
    [['address: 2001:db8:6939::1', 'address: 2001:db8:1::1\n      multihop: 2']],
    [],
  ],
  [
    'a private AS number toward a provider',
    'orion',
    [['asn: 394955', 'asn: 64512']],
    ['error bgp.asn: AS64512 is private, and bgp.peers.upstream is a provider'],
  ],
  [
    'an AS number of somebody else',
    'orion',
    [['    upstream: ', '    telus: ']],
    ['warning bgp.peers.telus.asn: AS6939 is Hurricane Electric, not Telus'],
  ],
  [
    'an address range of another length',
    'orion',
    [['192.168.100.61-192.168.100.63', '192.168.100.61-192.168.100.64']],
    ['error guests.k3s-worker.nics.lan.ipv4: 4 addresses for 3 guests (601-603)'],
  ],
  [
    'a literal secret',
    'orion',
    [['{ env: ORION_BGP_UPSTREAM }', 'hunter2']],
    [
      'error bgp.peers.upstream.password: must be a reference to a secret, never its value: { env: NAME }, { file: path } or { command: [program, argument] }',
    ],
  ],
]

describe('the table of the design, on the real ORION', () => {
  tryRows(ROWS)
  it('says it in the words of the design', async () => {
    const [finding] = await findings('orion', ['lan: 192.168.100.1\n', 'lan: 192.168.101.1\n'])
    assert.ok(finding)
    const text = formatFinding({ ...finding, file: 'orion.yaml' })
    assert.match(
      text,
      /^orion\.yaml:\d+:12 {2}guests\.router\.nics\.lan {2}192\.168\.101\.1 is not in 192\.168\.100\.0\/24 \(network lan\)\n/,
    )
    assert.match(text, /\n> \d+ \| {7}lan: 192\.168\.101\.1\n +\| {12}\^{13}$/)
  })
})
