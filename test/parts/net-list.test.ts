// The interfaces of a node beside the site file, from what iproute2 says.
import assert from 'node:assert/strict'
import { liveOf } from '../../src/parts/net/interfaces-live.ts'
import { listInterfaces, toRows } from '../../src/parts/net-list.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { parse, siteText } from '../site/site-text.ts'

const site = await parse(
  siteText({
    nodes: `nodes:
  n1:
    address: 10.0.0.2
    gateway: 10.0.0.1
    ports: { lan: eno1, fast: bond0, far: enp3s0 }
    bonds: { bond0: { ports: [eno2, eno3], mode: active-backup } }`,
    networks: `networks:
  lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 }
  fast: { bridge: vmbr1, ipv4: 10.0.1.0/24, vlanAware: true, mtu: 9000 }
  far: { bridge: vmbr2, ipv4: 10.0.2.0/24 }`,
  }),
)
const [node] = site.nodes
assert.ok(node)

const link = (ifname: string, more: object = {}) => ({ ifname, flags: ['UP', 'LOWER_UP'], mtu: 1500, ...more })
const kind = (info_kind: string, info_data: object = {}) => ({ linkinfo: { info_kind, info_data } })
const LINKS = [
  link('lo', { mtu: 65536 }),
  link('eno1', { master: 'vmbr0' }),
  link('eno2', { master: 'bond0' }),
  link('eno3', { flags: ['UP'] }),
  link('ens9', { altnames: ['enp3s0'], flags: [] }),
  link('vmbr0', kind('bridge', { vlan_filtering: 0 })),
  link('bond0', { ...kind('bond'), master: 'vmbr1' }),
  link('vmbr1', kind('bridge', { vlan_filtering: 0 })),
  link('tap200i0', { ...kind('tun'), master: 'vmbr0' }),
  link('tap200i1', { ...kind('tun'), master: 'vmbr0' }),
  link('eno4', { master: 'vmbr1' }),
  link('veth201i0', { ...kind('veth'), master: 'vmbr0' }),
  link('wg0', { ...kind('wireguard'), flags: [] }),
]
const ADDRESSES = [
  {
    ifname: 'vmbr0',
    addr_info: [
      { family: 'inet', local: '10.0.0.2', prefixlen: 24 },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64 },
    ],
  },
]
const output = (rows: unknown) => ({ code: 0, stdout: JSON.stringify(rows), stderr: '' })
const live = liveOf({
  files: new Map(),
  commands: new Map([
    ['ip-links', output(LINKS)],
    ['ip-addresses', output(ADDRESSES)],
  ]),
})

describe('parts/net-list', () => {
  it('a machine that is not the node is a problem of the node', async () => {
    const programs = { ip: '[]', 'node-name': 'vm\n' }
    const [other] = await listInterfaces(site, fakeHost({ programs }).outside)
    assert.deepEqual([other?.problem?.code, other?.interfaces], ['E_HOST_FACTS', []])
    assert.equal(other?.problem?.message, 'n1 is another machine: it calls itself vm')
    const [same] = await listInterfaces(site, fakeHost({ programs: { ...programs, 'node-name': 'n1\n' } }).outside)
    assert.equal(same?.problem, undefined)
  })

  const rows = toRows(node, live)
  const brief = rows.map(({ verdict, name, kind: what, state, ports, guests, addresses }) =>
    [verdict, name, what, state, ports.join('+') || '-', guests, addresses.join('+') || '-'].join(' '),
  )

  it('bridges first, guests counted, link-local and plumbing left out, what is unknown last', () => {
    assert.deepEqual(brief, [
      '~ vmbr0 bridge up eno1 2 10.0.0.2/24',
      '~ vmbr1 bridge up bond0+eno4 0 -',
      '+ vmbr2 bridge absent - 0 -',
      '~ bond0 bond up eno2 0 -',
      '~ eno2 port up - 0 -',
      '~ eno3 port no cable - 0 -',
      '= eno1 port up - 0 -',
      '~ ens9 port down - 0 -',
      '? eno4 port up - 0 -',
      '? wg0 other down - 0 -',
    ])
  })

  it('says what differs as a plan does', () => {
    const differs = Object.fromEntries(rows.map((row) => [row.name, row.differs]))
    assert.deepEqual(differs.vmbr0, ['default route none → 10.0.0.1 on vmbr0'])
    assert.deepEqual(differs.vmbr1, ['port eno4 vmbr1 → nowhere', 'VLAN filtering off → on', 'mtu 1500 → 9000'])
    assert.deepEqual(differs.bond0, ['port eno3 nowhere → bond0', 'mtu 1500 → 9000'])
    assert.deepEqual(differs.ens9, ['down → up'])
  })

  it('a host that says nothing has everything still to come', () => {
    const nothing = toRows(node, liveOf({ files: new Map(), commands: new Map() }))
    assert.ok(nothing.length > 0 && nothing.every(({ verdict, state }) => verdict === '+' && state === 'absent'))
  })
})
