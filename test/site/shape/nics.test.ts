import assert from 'node:assert/strict'
import type { Guest, NicAddress } from '../../../src/site/site.ts'
import { findingsOf, guestsOf, siteText } from '../site-text.ts'

const NETWORKS = `networks:
  lan: { bridge: vmbr0, vlan: 7, vlanAware: true, mtu: 9000, ipv4: 10.0.0.0/24, ipv6: fd00:1:0:1::/64, router: gw }
  up: { bridge: vmbr1, ipv6: fd00:1:0:2::/64 }
  plain: { bridge: vmbr2, ipv4: 10.1.0.0/16, gateway: 10.1.0.1, dns: [10.1.0.53] }
  six: { bridge: vmbr3, ipv6: fd00:1:0:3::/64, gateway6: fe80::1 }
  none: { ipv6: fd00:1:0:4::/64 }`
const ROUTER = 'gw: { id: 100, nics: { up: dhcp, lan: 10.0.0.1 } }'

const nicsOf = async (nics: string, more = '') => {
  const guests = await guestsOf(`{ ${ROUTER}, a: { id: 200, nics: ${nics}${more} } }`, { networks: NETWORKS })
  return guests.find(({ name }) => name === 'a')?.nics ?? []
}
const addresses = (guest: Pick<Guest, 'nics'>) => guest.nics.map(({ ipv4, ipv6 }) => [ipv4, ipv6])

describe('shape/nics', () => {
  const lan4 = (cidr: string) => ({ cidr, gateway: '10.0.0.1' })
  const lan6 = (cidr: string) => ({ cidr, gateway: 'fd00:1:0:1::1' })
  const rows: [string, string, unknown[][]][] = [
    [
      'an address: with the prefix of the network, IPv6 computed from it',
      '{ lan: 10.0.0.30 }',
      [[lan4('10.0.0.30/24'), lan6('fd00:1:0:1::30/64')]],
    ],
    ['dhcp where somebody routes: router advertisements too', '{ lan: dhcp }', [['dhcp', 'auto']]],
    ['dhcp where nobody is known to route', '{ up: dhcp }', [['dhcp', undefined]]],
    ['nothing said: IPv6 from the VMID', '{ up: {} }', [[undefined, { cidr: 'fd00:1:0:2::200/64' }]]],
    ['none of both', '{ lan: { ipv4: none, ipv6: none } }', [[undefined, undefined]]],
    [
      'IPv6 as written wins',
      '{ lan: { ipv4: 10.0.0.30, ipv6: fd00:1:0:1::2/48 } }',
      [[lan4('10.0.0.30/24'), { cidr: 'fd00:1:0:1::2/48', gateway: 'fd00:1:0:1::1' }]],
    ],
    [
      'the short form knows IPv6',
      '{ six: fd00:1:0:3::7 }',
      [[undefined, { cidr: 'fd00:1:0:3::7/64', gateway: 'fe80::1' }]],
    ],
    [
      '… and auto, which is IPv6’s alone',
      '{ lan: auto, up: auto }',
      [
        [undefined, 'auto'],
        [undefined, 'auto'],
      ],
    ],
    [
      'one family from DHCP, the other fixed',
      '{ six: { ipv4: dhcp, ipv6: fd00:1:0:3::7/64 } }',
      [['dhcp', { cidr: 'fd00:1:0:3::7/64', gateway: 'fe80::1' }]],
    ],
    [
      'auto and dhcp',
      '{ lan: { ipv6: auto }, six: { ipv6: dhcp } }',
      [
        [undefined, 'auto'],
        [undefined, 'dhcp'],
      ],
    ],
    [
      'one gateway per family',
      '{ plain: 10.1.2.3, lan: 10.0.0.30 }',
      [
        [{ cidr: '10.1.2.3/16', gateway: '10.1.0.1' }, undefined],
        [{ cidr: '10.0.0.30/24' }, lan6('fd00:1:0:1::30/64')],
      ],
    ],
    [
      'dhcp brings its own gateway',
      '{ up: dhcp, lan: 10.0.0.30 }',
      [
        ['dhcp', undefined],
        [{ cidr: '10.0.0.30/24' }, lan6('fd00:1:0:1::30/64')],
      ],
    ],
    ['no gateway that cannot be reached', '{ plain: 10.1.2.3/24 }', [[{ cidr: '10.1.2.3/24' }, undefined]]],
    ['no gateway to itself', '{ plain: 10.1.0.1 }', [[{ cidr: '10.1.0.1/16' }, undefined]]],
  ]
  for (const [title, nics, wanted] of rows)
    it(title, async () => assert.deepEqual(addresses({ nics: await nicsOf(nics) }), wanted))

  it('gives the router its addresses, and no gateway where it routes', async () => {
    const [router] = await guestsOf(`{ ${ROUTER} }`, { networks: NETWORKS })
    assert.deepEqual(router && addresses(router), [
      ['dhcp', undefined],
      [{ cidr: '10.0.0.1/24' }, { cidr: 'fd00:1:0:1::1/64' }],
    ])
    assert.deepEqual(router?.dns, [])
  })
  it('falls back to the node’s gateway where it lies in the network', async () => {
    const [guest] = await guestsOf('{ a: { id: 100, nics: { lan: 10.0.0.9 } } }')
    assert.deepEqual(guest?.nics[0]?.ipv4, { cidr: '10.0.0.9/24', gateway: '10.0.0.1' })
  })
  it('falls back to the node’s IPv6 gateway; to a link-local one only where the node is', async () => {
    const networks =
      'networks: { lan: { bridge: vmbr0, ipv6: fd00:1::/64 }, off: { bridge: vmbr1, ipv6: fd00:2::/64 } }'
    const gateways = async (gateway6: string) => {
      const nodes = `nodes: { n1: { address: 10.0.0.2, gateway6: "${gateway6}", addresses: { lan: "fd00:1::2" } } }`
      const guests = await guestsOf('{ a: { id: 100, nics: { lan: {} } }, b: { id: 101, nics: { off: {} } } }', {
        networks,
        nodes,
      })
      return guests.map(({ nics }) => typeof nics[0]?.ipv6 === 'object' && nics[0].ipv6.gateway)
    }
    assert.deepEqual(await gateways('fd00:1::1'), ['fd00:1::1', undefined])
    assert.deepEqual(await gateways('fe80::1'), ['fe80::1', undefined])
  })
  describe('a router with a NIC that leads out', () => {
    const NODE =
      'nodes: { n1: { address: 10.0.0.2, gateway: 10.0.0.1, gateway6: "fd00:1::1", addresses: { lan: "fd00:1::2" } } }'
    const ways = async (wan: string, { rest = MASQUERADED, gateway = '', first = 'wan' } = {}) => {
      const networks = `networks: { wan: { bridge: vmbr1, ipv4: 198.18.9.0/24${gateway} }, lan: { bridge: vmbr0, ipv4: 10.0.0.0/24, ipv6: "fd00:1::/64" }, in: { bridge: vmbr2, ipv4: 10.2.0.0/24, router: gw } }`
      const nics = { wan: `wan: ${wan}`, lan: 'lan: 10.0.0.9' }
      const order = first === 'wan' ? [nics.wan, nics.lan] : [nics.lan, nics.wan]
      const [guest] = await guestsOf(`{ gw: { id: 100, nics: { ${order.join(', ')}, in: 10.2.0.1 } } }`, {
        networks,
        nodes: NODE,
        rest,
      })
      const gatewayOf = (nic: NicAddress | 'auto' | undefined) => (typeof nic === 'object' ? nic.gateway : nic)
      return Object.fromEntries(
        (guest?.nics ?? []).map(({ network, ipv4, ipv6 }) => [network, [gatewayOf(ipv4), gatewayOf(ipv6)]]),
      )
    }
    const MASQUERADED = 'firewall: { router: gw, allow: [], masquerade: wan }'
    const PEERED = (address: string, [relation, asn, own] = ['provider', 6939, '2602:f674::/40']) =>
      `bgp: { router: gw, asn: 394955, routerId: 198.18.9.1, announce: ["${own}"], peers: { up: { asn: ${asn}, address: "${address}", relation: ${relation} } } }`
    const NONE = [undefined, undefined]

    it('has its default route there, and none by another network', async () => {
      const gateway = ', gateway: 198.18.9.254'
      assert.deepEqual(await ways('198.18.9.1', { gateway, first: 'lan' }), {
        lan: [undefined, 'fd00:1::1'],
        wan: ['198.18.9.254', undefined],
        in: NONE,
      })
      assert.deepEqual(await ways('dhcp', { first: 'lan' }), {
        lan: [undefined, 'fd00:1::1'],
        wan: ['dhcp', undefined],
        in: NONE,
      })
    })
    it('has none where BGP brings the routes', async () => {
      const wan = '{ ipv4: 198.18.9.1, ipv6: "2602:f674:ff::2/64" }'
      const nowhere = { wan: NONE, lan: NONE, in: NONE }
      assert.deepEqual(await ways(wan, { rest: PEERED('198.18.9.254') }), nowhere)
      assert.deepEqual(await ways(wan, { rest: PEERED('2602:f674:ff::1') }), nowhere)
    })
    it('has one elsewhere where nothing else leads out', async () => {
      const out = { wan: NONE, lan: ['10.0.0.1', 'fd00:1::1'], in: NONE }
      assert.deepEqual(await ways('198.18.9.1', { rest: '' }), out)
      assert.deepEqual(
        await ways('198.18.9.1', { rest: PEERED('198.18.9.254', ['internal', 394955, '198.18.9.0/24']) }),
        out,
      )
      assert.deepEqual(await ways('{ ipv4: none }'), out)
    })
  })
  it('gives each guest of a range its own address', async () => {
    const guests = await guestsOf('{ a: { id: 250-253, nics: { lan: 10.0.0.254-10.0.1.1 } } }', {
      networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/23, ipv6: fd00::/64 } }',
    })
    assert.deepEqual(
      guests.map(({ name, vmid, nics }) => [name, vmid, nics[0]?.ipv4]),
      [
        ['a-1', 250, { cidr: '10.0.0.254/23', gateway: '10.0.0.1' }],
        ['a-2', 251, { cidr: '10.0.0.255/23', gateway: '10.0.0.1' }],
        ['a-3', 252, { cidr: '10.0.1.0/23', gateway: '10.0.0.1' }],
        ['a-4', 253, { cidr: '10.0.1.1/23', gateway: '10.0.0.1' }],
      ],
    )
  })
  it('takes bridge, VLAN and MTU of the network, or its own', async () => {
    const [lan, plain] = await nicsOf('{ lan: {}, plain: { vlan: 9, mtu: 1400, model: e1000, firewall: true } }')
    assert.deepEqual(
      [lan?.index, lan?.bridge, lan?.vlan, lan?.mtu, lan?.model, lan?.firewall],
      [0, 'vmbr0', 7, 9000, 'virtio', false],
    )
    assert.deepEqual(
      [plain?.index, plain?.bridge, plain?.vlan, plain?.mtu, plain?.model, plain?.firewall],
      [1, 'vmbr2', 9, 1400, 'e1000', true],
    )
    assert.match(lan?.mac ?? '', /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/)
    assert.notEqual(lan?.mac, plain?.mac)
  })
  it('knows name servers: of the guest, the network, the router', async () => {
    const guests = await guestsOf(
      `{ ${ROUTER}, a: { id: 200, nics: { lan: 10.0.0.30 } }, b: { id: 201, nics: { plain: 10.1.0.3 } }, c: { id: 202, dns: 9.9.9.9, nics: { lan: 10.0.0.31 } }, d: { id: 203, nics: { lan: dhcp } }, e: { id: 204, nics: { lan: { ipv4: none } } } }`,
      { networks: NETWORKS },
    )
    assert.deepEqual(
      guests.map(({ dns }) => dns),
      [[], ['10.0.0.1'], ['10.1.0.53'], ['9.9.9.9'], [], ['fd00:1:0:1::1']],
    )
  })

  const wrong: [string, string, string[]][] = [
    [
      'a network that is none',
      'nics: { lam: dhcp }',
      ['guests.a.nics.lam: no network is called "lam" (did you mean "lan"?)'],
    ],
    [
      'a network without a bridge',
      'nics: { none: {} }',
      ['guests.a.nics.none: network none has no bridge, so no NIC can be in it'],
    ],
    [
      'one address for several',
      'nics: { lan: 10.0.0.5 }',
      ['guests.a.nics.lan.ipv4: one address for 3 guests (200-202): write a range, first-last'],
    ],
    [
      'a range of another length',
      'nics: { lan: 10.0.0.5-10.0.0.6 }',
      ['guests.a.nics.lan.ipv4: 2 addresses for 3 guests (200-202)'],
    ],
    [
      'an address without a prefix',
      'nics: { up: 10.0.0.5-10.0.0.7 }',
      ['guests.a.nics.up.ipv4: network up has no ipv4: write the prefix length too, such as 10.0.0.5/24'],
    ],
  ]
  for (const [title, settings, wanted] of wrong) {
    it(`reports ${title}`, async () => {
      const text = siteText({ networks: NETWORKS, guests: `guests: { ${ROUTER}, a: { id: 200-202, ${settings} } }` })
      assert.deepEqual(
        (await findingsOf(text)).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      )
    })
  }
  it('reports a router that is not in its network', async () => {
    const text = siteText({
      networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24, router: a } }',
      guests: 'guests: { a: { id: 100 } }',
    })
    assert.deepEqual(await findingsOf(text), ['3:62 networks.lan.router: guest a has no NIC in network lan'])
  })
})
