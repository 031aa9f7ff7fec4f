// The addresses of a lab's host.
import assert from 'node:assert/strict'
import { isInside, networkAddress } from '../../../src/lab/host/addresses.ts'

describe('lab/host/addresses', () => {
  for (const [cidr, network] of [
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.77/26', '192.0.2.64/26'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['2001:db8:1:2::9/64', '2001:db8:1:2::/64'],
    ['fd00::1/128', 'fd00::1/128'],
  ] as const) {
    it(`finds the network of ${cidr}`, () => assert.equal(networkAddress(cidr), network))
  }
  for (const [ip, cidr, inside] of [
    ['192.0.2.1', '192.0.2.0/24', true],
    ['192.0.3.1', '192.0.2.0/24', false],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['192.0.2.1', '::/0', false],
  ] as const) {
    it(`${ip} is ${inside ? '' : 'not '}in ${cidr}`, () => assert.equal(isInside(ip, cidr), inside))
  }
})
