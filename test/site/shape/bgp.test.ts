// BGP of the site file: what is not said, and what is wrong with what is.
import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const GUESTS =
  'guests: { gw: { id: 100, nics: { lan: 10.0.0.4 } }, w: { id: 101-102, nics: { lan: 10.0.0.5-10.0.0.6 } } }'
const text = (bgp: string, parts: Parameters<typeof siteText>[0] = {}) =>
  siteText({ ...parts, guests: GUESTS, rest: `bgp: { asn: 4200000001, routerId: 10.0.0.4, ${bgp} }` })
const load = async (bgp: string, parts?: Parameters<typeof siteText>[0]) =>
  (await parse(text(`router: gw, ${bgp}`, parts))).bgp
const peerOf = async (keys: string) =>
  (await load(`peers: { a: { asn: 4200000002, address: 10.0.0.9, ${keys} } }`))?.peers[0]

describe('shape/bgp', () => {
  it('fills in what is not said', async () => {
    assert.deepEqual(await load('peers: { a: { asn: 4200000002, address: 10.0.0.9, relation: peer } }'), {
      router: 'gw',
      daemon: 'bird',
      asn: 4200000001,
      routerId: '10.0.0.4',
      announce: [],
      blackhole: [],
      rpki: { local: true, caches: [] },
      irr: { server: 'rr.ntt.net', sources: ['RPKI', 'RIPE', 'ARIN', 'APNIC', 'AFRINIC', 'LACNIC', 'RADB'] },
      peers: [
        {
          name: 'a',
          asn: 4200000002,
          address: '10.0.0.9',
          relation: 'peer',
          authentication: 'md5',
          ttlSecurity: false,
          bfd: false,
          requireRole: false,
          routeServer: false,
          blackhole: false,
          defaultRoute: false,
          localPreference: 150,
          prepend: 0,
          prefixes: [],
        },
      ],
    })
  })
  it('takes every key of a peer', async () => {
    const keys =
      'relation: customer, localAddress: 10.0.0.4, multihop: 3, maxPrefixes: 9, password: { env: A }, authentication: tcp-ao, ttlSecurity: true, bfd: true, requireRole: true, routeServer: false, blackhole: true, defaultRoute: true, localPreference: 0, prepend: 10, asSet: as64500:as-foo, prefixes: 198.51.100.0/24'
    assert.deepEqual(await peerOf(keys), {
      name: 'a',
      asn: 4200000002,
      address: '10.0.0.9',
      relation: 'customer',
      localAddress: '10.0.0.4',
      multihop: 3,
      maxPrefixes: 9,
      password: { env: 'A' },
      authentication: 'tcp-ao',
      ttlSecurity: true,
      bfd: true,
      requireRole: true,
      routeServer: false,
      blackhole: true,
      defaultRoute: true,
      localPreference: 0,
      prepend: 10,
      asSet: 'AS64500:AS-FOO',
      prefixes: ['198.51.100.0/24'],
    })
  })
  for (const [relation, preference] of [
    ['customer', 200],
    ['peer', 150],
    ['provider', 100],
    ['internal', 100],
  ] as const)
    it(`prefers a ${relation} by ${preference}`, async () => {
      const asn = { customer: 3356, peer: 3356, provider: 3356, internal: 394955 }[relation]
      const bgp = await parse(
        siteText({
          guests: GUESTS,
          rest: `bgp: { router: gw, asn: 394955, routerId: 10.0.0.4, peers: { a: { asn: ${asn}, address: 10.0.0.9, relation: ${relation}, ${relation === 'customer' ? 'asSet: AS-A' : ''} } } }`,
        }),
      )
      assert.equal(bgp.bgp?.peers[0]?.localPreference, preference)
    })

  const rpki: [string, unknown][] = [
    ['false', undefined],
    ['{}', { local: true, caches: [] }],
    [
      '{ local: false, caches: [192.0.2.1:8282, { address: 2001:db8::1 }] }',
      {
        local: false,
        caches: [
          { address: '192.0.2.1', port: 8282 },
          { address: '2001:db8::1', port: 323 },
        ],
      },
    ],
    ['{ caches: "[2001:DB8::1]:3323" }', { local: true, caches: [{ address: '2001:db8::1', port: 3323 }] }],
    ['{ caches: rtr.example.net:8282 }', { local: true, caches: [{ address: 'rtr.example.net', port: 8282 }] }],
  ]
  for (const [given, want] of rpki)
    it(`rpki: ${given}`, async () => assert.deepEqual((await load(`rpki: ${given}`))?.rpki, want))

  it('gives up addresses and networks', async () => {
    const bgp = await load(
      'announce: [10.0.0.0/16, fd00::/48], blackhole: [10.0.0.1, "FD00::1", 10.0.0.128/25], peers: { a: { asn: 4200000001, address: 10.0.0.9, relation: internal, blackhole: true } }',
      { networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24, ipv6: "fd00::/64" } }' },
    )
    assert.deepEqual(bgp?.blackhole, ['10.0.0.1/32', 'fd00::1/128', '10.0.0.128/25'])
  })
  it('asks other registries', async () => {
    assert.deepEqual((await load('irr: { server: whois.radb.net, sources: ripe }'))?.irr, {
      server: 'whois.radb.net',
      sources: ['RIPE'],
    })
  })

  const wrong: [string, string, string[]][] = [
    ['a router that is several', 'router: w', ['bgp.router: "w" is 2 guests: name one of them, such as "w-1"']],
    [
      'an authentication of nothing',
      'router: gw, peers: { a: { asn: 4200000001, address: 10.0.0.9, relation: internal, authentication: md5 } }',
      ['bgp.peers.a.authentication: protects nothing without a password: add one, or leave it out'],
    ],
    [
      'a validation by nobody',
      'router: gw, rpki: { local: false }',
      ['bgp.rpki.local: leaves nothing that validates: name caches, or say rpki: false'],
    ],
  ]
  for (const [title, bgp, wanted] of wrong)
    it(`reports ${title}`, async () => {
      assert.deepEqual(
        (await findingsOf(text(bgp))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      )
    })
})
