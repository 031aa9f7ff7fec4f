// Reasons of refused routes, and what is nobody's.
import assert from 'node:assert/strict'
import { BOGON_ASNS, BOGON_PREFIXES, PRIVATE_ASNS } from '../../../src/parts/bgp/bogons.ts'
import { REASONS } from '../../../src/parts/bgp/reasons.ts'
import { contains, overlaps, parseCidr } from '../../../src/site/ip.ts'

const cidr = (text: string) => {
  const found = parseCidr(text)
  assert.ok(found, text)
  return found
}

describe('parts/bgp: reasons and bogons', () => {
  it('each reason has a number and a name of its own', () => {
    assert.equal(new Set(REASONS.map(({ number }) => number)).size, REASONS.length)
    assert.equal(new Set(REASONS.map(({ name }) => name)).size, REASONS.length)
  })

  it('of IPv6 everything but global unicast is a bogon, once', () => {
    const all = BOGON_PREFIXES[6].map(({ prefix }) => cidr(prefix)).sort((a, b) => (a.first < b.first ? -1 : 1))
    const outside = all.filter((one) => !contains(cidr('2000::/3'), one))
    let next = 0n
    for (const one of outside) {
      if (one.first === cidr('4000::/2').first) next = one.first
      assert.equal(one.first, next)
      next = one.last + 1n
    }
    assert.equal(next, 1n << 128n)
    assert.equal(cidr('1000::/4').last + 1n, cidr('2000::/3').first)
  })
  it('no bogon lies in another', () => {
    for (const family of [4, 6] as const)
      for (const [at, { prefix }] of BOGON_PREFIXES[family].entries())
        for (const other of BOGON_PREFIXES[family].slice(at + 1)) assert.ok(!overlaps(cidr(prefix), cidr(other.prefix)))
  })
  // RFC 6890 and its successors, as IANA's registries have them.
  for (const address of [
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.1.1',
    '172.31.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.19.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::ffff:1.2.3.4',
    '64:ff9b:1::1',
    '100::1',
    '100:0:0:1::1',
    '2001:2::1',
    '2001:db8::1',
    '2002::1',
    '3fff::1',
    '5f00::1',
    'fd00::1',
    'fe80::1',
    'ff02::1',
  ])
    it(`${address} is nobody's`, () => {
      const one = cidr(`${address}/${address.includes(':') ? 128 : 32}`)
      assert.ok(BOGON_PREFIXES[one.family].some(({ prefix }) => contains(cidr(prefix), one)))
    })
  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '223.255.255.255',
    '2606:4700::1',
    '2001:4860::1',
    '2a00::1',
    '3fff:1000::1',
    '2620:fe::9',
  ])
    it(`${address} is somebody's`, () => {
      const one = cidr(`${address}/${address.includes(':') ? 128 : 32}`)
      assert.ok(!BOGON_PREFIXES[one.family].some(({ prefix }) => overlaps(cidr(prefix), one)))
    })
  it('private AS numbers are in no honest path', () => {
    for (const [first, last] of PRIVATE_ASNS) assert.ok(BOGON_ASNS.some(([from, to]) => from <= first && last <= to))
    for (const asn of [0, 23456, 64496, 65535, 131071, 4294967295])
      assert.ok(
        BOGON_ASNS.some(([from, to]) => from <= asn && asn <= to),
        String(asn),
      )
    for (const asn of [1, 23455, 23457, 64495, 131072, 394955, 4199999999])
      assert.ok(!BOGON_ASNS.some(([from, to]) => from <= asn && asn <= to), String(asn))
  })
})
