// Numbers, interfaces and links of the mesh: made of the site file alone, and a new gateway changes none of the others'.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatIp } from '../../src/site/ip.ts'
import { gatewayNumber, linkInterface, linkPairs } from '../../src/site/mesh-plan.ts'
import { gateway, mesh } from './site-builder.ts'

const name = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/)

describe('mesh-plan', () => {
  const numbers: [network: string, address: string, number: number][] = [
    ['10.99.0.0/16', '10.99.0.1', 1],
    ['10.99.0.0/16', '10.99.1.1', 2],
    ['10.99.0.0/16', '10.99.200.1', 201],
    ['10.99.0.0/16', '10.99.0.2', 257],
    ['10.99.7.0/24', '10.99.7.9', 9],
    ['10.99.7.128/25', '10.99.7.130', 2],
    ['fd99::/64', 'fd99::1', 1],
    ['fd99::/64', 'fd99::101', 2],
    ['fd99::/120', 'fd99::9', 9],
  ]
  for (const [network, address, want] of numbers)
    it(`${address} of ${network} is ${want}`, () =>
      assert.equal(gatewayNumber({ network, port: 51820 }, gateway('a', address)), want))
  it('the site file has the last word', () =>
    assert.equal(gatewayNumber(mesh([]), gateway('a', '10.99.1.1', { number: 77 })), 77))
  it('every address has a number, and with the port of the mesh it is a port', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65533 }), fc.integer({ min: 1, max: 65535 }), (place, port) => {
        const address = formatIp(4, (10n << 24n) + (99n << 16n) + BigInt(place))
        const number = gatewayNumber({ network: '10.99.0.0/16', port }, gateway('a', address))
        assert.ok(Number.isInteger(number) && number >= 1 && number <= 65535)
        if (port < 65535) assert.ok(number + port <= 65535)
      }),
    ))

  const interfaces: [peer: string, name: string][] = [
    ['fra-1', 'wg-fra-1'],
    ['abcdefghijkl', 'wg-abcdefghijkl'],
    ['abcdefghijklm', 'wg-abcdef-ff103'],
  ]
  for (const [peer, want] of interfaces)
    it(`the interface of ${peer} is ${want}`, () => assert.equal(linkInterface(peer), want))
  it('an interface has a name that Linux takes', () =>
    fc.assert(fc.property(name, (peer) => assert.match(linkInterface(peer), /^wg-[A-Za-z0-9-]{1,12}$/))))

  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((each, index) => gateway(each, `10.99.${index}.1`))
  const all = [a, b, c, d].flatMap((each) => each ?? [])
  const pairs = (...args: Parameters<typeof mesh>) =>
    linkPairs(mesh(...args)).map((pair) => `${pair.a}~${pair.b} ${[...pair.kinds].sort().join('+')}`)
  it('a hub: everybody with it, and with the bypass; straight links beside', () =>
    assert.deepEqual(
      pairs(all, {
        topology: 'hub',
        hub: 'd',
        bypass: { hub: 'a' },
        direct: [
          ['c', 'b'],
          ['b', 'c'],
          ['c', 'a'],
        ],
      }),
      ['a~b bypass', 'a~c bypass+direct', 'a~d hub', 'b~c direct', 'b~d hub', 'c~d hub'],
    ))
  it('full: everybody with everybody, and the hub stays one', () =>
    assert.deepEqual(pairs(all.slice(0, 3), { topology: 'full', hub: 'b' }), [
      'a~b direct+hub',
      'a~c direct',
      'b~c direct+hub',
    ]))
  it('one gateway has no link', () => assert.deepEqual(pairs(all.slice(0, 1), { topology: 'hub', hub: 'a' }), []))
})
