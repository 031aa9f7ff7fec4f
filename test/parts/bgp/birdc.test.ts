// Replies of birdc, by their codes: recorded ones of three versions, and any text at all.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseBfd, parseCount, parseNetworks, parseReply, parseStatus } from '../../../src/parts/bgp/birdc.ts'
import { RECORDED, recorded } from './birdc-fixtures.ts'

describe('parts/bgp/birdc', () => {
  for (const version of RECORDED)
    it(`reads status, BFD, routes and counts of ${version}`, () => {
      const status = parseStatus(recorded(version, 'status'))
      assert.equal(status?.version, version)
      assert.equal(status?.routerId, '192.0.2.10')
      for (const time of [status?.time, status?.lastReboot, status?.lastReconfiguration])
        assert.match(time ?? '', /^2026-11-21 14:\d\d:\d\d\.\d{3}$/)
      assert.deepEqual(parseBfd(recorded(version, 'bfd')), [{ address: 'fd00:b9::b:1', interface: 'e0', state: 'Up' }])
      assert.deepEqual(parseNetworks(recorded(version, 'export')), ['2001:678:4955::/48'])
      assert.deepEqual(new Set(parseNetworks(recorded(version, 'filtered'))).has('2001:678:4955::/48'), true)
      assert.equal(parseCount(recorded(version, 'count')), 1)
    })

  const replies: readonly [title: string, text: string, problem: string | undefined][] = [
    ['refused at run time', '0001 BIRD 2.0.12 ready.\n8001 Network not found\n', 'Network not found'],
    ['not understood', '0001 BIRD 2.0.12 ready.\n9001 syntax error, unexpected ALL\n', 'syntax error, unexpected ALL'],
    ['in order', '0001 BIRD 2.0.12 ready.\n0003 Reconfigured\n', undefined],
  ]
  for (const [title, text, problem] of replies)
    it(`tells a reply that is ${title}`, () => assert.equal(parseReply(text).problem, problem))

  it('adds up the counts of several tables, and counts nothing where BIRD did not', () => {
    assert.equal(
      parseCount('1007-2 of 5 routes for 4 networks in table a\n     3 of 3 routes for 1 networks in table b\n'),
      5,
    )
    assert.equal(parseCount('9001 syntax error\n'), undefined)
  })

  it('reads any text without an error', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom('1000', '1002', '1006', '1007', '1011', '1020', '9001'),
          fc.constantFrom('-', ' ', ''),
          fc.string(),
        )
        .map((parts) => parts.join('')),
      fc.string().map((text) => `     ${text}`),
    )
    const text = fc.array(line).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, (one) => {
        parseStatus(one)
        parseBfd(one)
        parseNetworks(one)
        parseCount(one)
      }),
    )
  })
})
