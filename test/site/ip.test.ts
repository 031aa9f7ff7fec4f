// IP arithmetic: strict parsing, and agreement with a naive model that looks at every bit.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  contains,
  type Family,
  formatIp,
  formatNetwork,
  isNetworkAddress,
  overlaps,
  parseCidr,
  parseIp,
  rangeLength,
} from '../../src/site/ip.ts'

describe('parseIp', () => {
  for (const text of [
    '10.1',
    '010.0.0.1',
    '256.0.0.1',
    ' 10.0.0.1',
    '10.0.0.1/24',
    '1::2::3',
    '[::1]',
    'fe80::1%eth0',
    '',
    'lan',
    '::g',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseIp(text), undefined))

  it('reads both families', () => {
    assert.deepEqual(parseIp('192.168.100.30'), { family: 4, first: 0xc0a8641en, last: 0xc0a8641en })
    assert.deepEqual(parseIp('2001:DB8::0:1'), {
      family: 6,
      first: (0x20010db8n << 96n) + 1n,
      last: (0x20010db8n << 96n) + 1n,
    })
  })

  it('and formatIp are inverse', () => {
    fc.assert(
      fc.property(addresses, ({ family, value }) => {
        assert.deepEqual(parseIp(formatIp(family, value)), { family, first: value, last: value })
      }),
    )
  })
})

describe('parseCidr', () => {
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/024',
    '10.0.0.0/-1',
    '::/129',
    'fe80::%1/64',
    '/24',
    '',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined))

  it('agrees with the bits', () => {
    fc.assert(
      fc.property(addresses, fc.nat(128), ({ family, value }, any) => {
        const bits = family === 4 ? 32 : 128
        const prefix = any % (bits + 1)
        const cidr = parseCidr(`${formatIp(family, value)}/${prefix}`)
        const text = value.toString(2).padStart(bits, '0').slice(0, prefix)
        assert.ok(cidr)
        assert.equal(cidr.first, BigInt(`0b0${text.padEnd(bits, '0')}`))
        assert.equal(cidr.last, BigInt(`0b0${text.padEnd(bits, '1')}`))
        assert.equal(cidr.address, value)
        assert.equal(rangeLength(cidr), 2n ** BigInt(bits - prefix))
        assert.equal(parseCidr(formatNetwork(cidr))?.first, cidr.first)
      }),
    )
  })
})

describe('contains and overlaps', () => {
  it('agree with a model that counts', () => {
    const range = fc.record({ family: fc.constantFrom<Family>(4, 6), first: fc.nat(30), length: fc.nat(8) })
    fc.assert(
      fc.property(range, range, (a, b) => {
        const [x, y] = [a, b].map(({ family, first, length }) => ({
          family,
          first: BigInt(first),
          last: BigInt(first + length),
        }))
        assert.ok(x && y)
        const members = (r: typeof a) =>
          Array.from({ length: r.length + 1 }, (_, index) => `${r.family}/${r.first + index}`)
        const [inX, inY] = [new Set(members(a)), members(b)]
        assert.equal(
          contains(x, y),
          inY.every((each) => inX.has(each)),
        )
        assert.equal(
          overlaps(x, y),
          inY.some((each) => inX.has(each)),
        )
        assert.equal(overlaps(x, y), overlaps(y, x))
      }),
    )
  })
})

describe('isNetworkAddress', () => {
  const rows: [string, string, boolean][] = [
    ['192.168.1.0/24', '192.168.1.0', true],
    ['192.168.1.0/24', '192.168.1.255', true],
    ['192.168.1.0/24', '192.168.1.1', false],
    ['192.168.1.0/31', '192.168.1.0', false],
    ['192.168.1.0/30', '192.168.1.3', true],
    ['fd00::/64', 'fd00::', true],
    ['fd00::/64', 'fd00::ffff:ffff:ffff:ffff', false],
    ['fd00::/127', 'fd00::', false],
  ]
  for (const [network, address, want] of rows)
    it(`${address} in ${network}: ${want}`, () => {
      const [cidr, ip] = [parseCidr(network), parseIp(address)]
      assert.ok(cidr && ip)
      assert.equal(isNetworkAddress(cidr, ip.first), want)
    })
})

const addresses = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ({ family: 4 as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ family: 6 as const, value })),
)
