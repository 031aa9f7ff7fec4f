// Which sources a BGP customer may send, and which leave: by where it stands, by the longest prefix, and where nothing changes.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { firewallFile } from '../../../src/parts/router/firewall-file.ts'
import { contains, formatNetwork, parseCidr } from '../../../src/site/ip.ts'
import type { Bgp, BgpPeer } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { routerSite, seenRouter } from './router-sites.ts'

const NAMES = ['wan0', 'lan0', 'guest0', 'mgmt0']

type Peer = Partial<BgpPeer> & Pick<BgpPeer, 'relation' | 'address'>

/** The site with these peers beside its own provider (over IPv6, on wan), and this announced. */
async function textOf(
  peers: readonly Peer[],
  change: (site: Site) => Site = (site) => site,
  announce?: Bgp['announce'],
) {
  const { site, router } = await routerSite((one) => {
    assert.ok(one.bgp)
    const [provider] = one.bgp.peers
    assert.ok(provider)
    const more = peers.map((peer, at) => ({ ...provider, name: `p${at}`, asn: 65000 + at, ...peer }))
    return change({ ...one, bgp: { ...one.bgp, ...(announce && { announce }), peers: [provider, ...more] } })
  })
  return firewallFile(site, router, seenRouter(router, { names: NAMES }))
}

function linesOf(text: string, interfaceName: string): readonly string[] {
  const chain = text.slice(text.indexOf('chain sources'), text.indexOf('chain input'))
  const lines = chain.split('\n').map((line) => line.trim())
  const start = `iifname "${interfaceName}" `
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length))
}

const masquerading =
  (masquerade: readonly string[]) =>
  (site: Site): Site => ({ ...site, firewall: { router: 'router', allow: [], masquerade } })
const gateway = (site: Site): Site => ({
  ...site,
  guests: site.guests.map((guest) => ({
    ...guest,
    nics: guest.nics.map(({ ipv4, ...nic }) => ({
      ...nic,
      ...(nic.network === 'management' && typeof ipv4 === 'object'
        ? { ipv4: { ...ipv4, gateway: '192.168.1.9' } }
        : ipv4 && { ipv4 }),
    })),
  })),
})

const WIRE = ['ip saddr 192.168.1.0/24 accept', 'ip6 saddr 2602:f674:0:3000::/64 accept']
const ELSE = 'goto drop_spoofed'
const SHOP: Peer = {
  relation: 'customer',
  address: '192.168.1.66',
  prefixes: ['198.19.64.0/24', '2602:f674:0:ff00::/56'],
}
const ROUTED = [
  'fib saddr oifname "mgmt0" ip saddr 198.19.64.0/24 accept',
  'fib saddr oifname "mgmt0" ip6 saddr 2602:f674:0:ff00::/56 accept',
]
const LISTED = ['ip saddr 198.19.64.0/24 accept', 'ip6 saddr 2602:f674:0:ff00::/56 accept']

/** Who stands in the network management (mgmt0), and what may come from there. */
const ROWS: readonly (readonly [string, readonly Peer[], readonly string[], ((site: Site) => Site)?])[] = [
  ['a customer that lists its prefixes', [SHOP], [...WIRE, ...LISTED, ELSE]],
  [
    'a customer with an AS-SET',
    [{ relation: 'customer', address: '192.168.1.66', asSet: 'AS-SHOP' }],
    [...WIRE, 'fib saddr oifname "mgmt0" accept', ELSE],
  ],
  [
    'a customer with another link: each has what the other lists',
    [SHOP, { relation: 'customer', address: '192.168.200.66', asn: 65000, asSet: 'AS-SHOP' }],
    [...WIRE, ...LISTED, 'fib saddr oifname { "guest0", "mgmt0" } accept', ELSE],
  ],
  ['a customer beside a peer', [SHOP, { relation: 'peer', address: '192.168.1.67' }], [...WIRE, ...ROUTED]],
  ['a customer where we are translated', [SHOP], [...WIRE, ...ROUTED], masquerading(['wan', 'management'])],
  ['a customer where our own gateway is', [SHOP], [...WIRE, ...ROUTED], gateway],
  [
    'a customer with another link, on a wire with others: a default route may lead there',
    [
      { relation: 'customer', address: '192.168.1.66', asSet: 'AS-SHOP' },
      { relation: 'customer', address: '2001:db8:6939::66', asn: 65000, asSet: 'AS-SHOP' },
    ],
    [...WIRE, 'fib saddr oifname "mgmt0" accept', ELSE],
  ],
  ['a peer alone', [{ relation: 'peer', address: '192.168.1.67', prefixes: ['198.19.64.0/24'] }], WIRE],
  ['nobody', [], []],
  [
    'a customer of another router',
    [SHOP],
    [],
    (site) => ({ ...site, ...(site.bgp && { bgp: { ...site.bgp, router: 'proxy' } }) }),
  ],
]

/** What is announced, who stands in management, and whether IPv4 leaves from there untranslated. */
const LEAVING: readonly (readonly [string, Peer, Bgp['announce'], string])[] = [
  ['a provider over IPv4', { relation: 'provider', address: '192.168.1.66' }, ['198.19.10.0/24'], '"mgmt0"'],
  ['a peer over IPv4', { relation: 'peer', address: '192.168.1.66' }, ['198.19.10.0/24'], '"mgmt0"'],
  ['no IPv4 of ours', { relation: 'provider', address: '192.168.1.66' }, ['2602:f674::/48'], ''],
  ['BGP over IPv6 alone', { relation: 'provider', address: '2602:f674:0:3000::66' }, ['198.19.10.0/24'], ''],
  [
    'a customer',
    { relation: 'customer', address: '192.168.1.66', prefixes: ['198.19.64.0/24'] },
    ['198.19.10.0/24'],
    '',
  ],
  ['a router of our own', { relation: 'internal', address: '192.168.1.66' }, ['198.19.10.0/24'], ''],
]

/** Prefixes that often hold each other, and hold networks of the site. */
const prefix = fc
  .record({ bits: fc.nat(0xffff), length: fc.integer({ min: 8, max: 26 }), home: fc.boolean() })
  .map(({ bits, length, home }) => {
    const cidr = parseCidr(`${home ? '192.168' : '198.19'}.${bits >> 8}.${bits & 0xc0}/${length}`)
    assert.ok(cidr)
    return formatNetwork(cidr)
  })

describe('parts/router/firewall-sources', () => {
  for (const [title, peers, want, change] of ROWS)
    it(`lets in from outside: ${title}`, async () =>
      assert.deepEqual(linesOf(await textOf(peers, change), 'mgmt0'), want))

  it('looks for a customer that is far away on every way outside', async () => {
    const far: Peer = { relation: 'customer', address: '203.0.113.9', multihop: 4, prefixes: ['198.19.64.0/24'] }
    assert.deepEqual(linesOf(await textOf([far]), 'wan0').slice(1), [
      'fib saddr oifname "wan0" ip saddr 198.19.64.0/24 accept',
    ])
  })

  for (const [title, peer, announce, want] of LEAVING)
    it(`${want ? 'sees' : 'does not see'} private sources leave: ${title}`, async () => {
      const text = await textOf([peer], undefined, announce)
      const set = /set routed \{[^}]*?(?:elements = \{ (.*) \})?\n\t\}/.exec(text)
      assert.ok(set)
      assert.equal(set[1] ?? '', want)
    })

  it('decides by the longest prefix, whatever holds what', async () => {
    const home = ['192.168.100.0/24', '192.168.200.0/24', '10.99.0.0/24'].flatMap((text) => parseCidr(text) ?? [])
    const cidrs = (texts: readonly string[]) => texts.flatMap((text) => parseCidr(text) ?? [])
    const lists = fc.array(prefix, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(lists, lists, fc.nat(0xffff), async (prefixes, announce, tail) => {
        const text = await textOf([{ ...SHOP, prefixes }], undefined, announce)
        const rules = linesOf(text, 'mgmt0').slice(WIRE.length)
        const ranks = [
          ...home.map((one) => [one, ELSE, 2] as const),
          ...cidrs(prefixes).map((one) => [one, 'accept', 1] as const),
          ...cidrs(announce).map((one) => [one, ELSE, 0] as const),
        ]
        for (const cidr of [...home, ...cidrs([...prefixes, ...announce])]) {
          const first = cidr.first + (BigInt(tail) % (cidr.last - cidr.first + 1n))
          const address = { family: 4, first, last: first } as const
          const [best] = ranks
            .filter(([one]) => contains(one, address))
            .toSorted(([a, , first], [b, , second]) => b.prefix - a.prefix || second - first)
          const rule = rules.find((line) => {
            const sources = /^ip saddr (?:\{ (.*) \}|(\S+))/.exec(line)
            return (
              line === ELSE ||
              cidrs((sources?.[1] ?? sources?.[2] ?? '').split(', ')).some((one) => contains(one, address))
            )
          })
          assert.ok(rule?.endsWith(best?.[1] ?? ELSE), `${rule} is not ${best?.[1]}`)
        }
      }),
      { numRuns: 40 },
    )
  }).timeout(30_000)

  it('is taken by nft', async function () {
    if (spawnSync('unshare', ['-n', 'nft', '--version']).status !== 0) this.skip()
    for (const [, peers, , change] of ROWS) {
      const input = await textOf(peers, change)
      const { status, stderr } = spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], { input, encoding: 'utf8' })
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    }
  })
})
