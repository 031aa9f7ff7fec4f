// What Linux counted of dropped segments, at one time and between two.
import assert from 'node:assert/strict'
import { countersOf, grownBetween, parseCounters } from '../../../src/parts/bgp/tcp-counters.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import { saying } from './birdc-fixtures.ts'

const seen = (numbers: string) => ({
  ...NOTHING,
  commands: new Map([['tcp-counters', saying(`TcpExt: SyncookiesSent TCPMD5Failure\nTcpExt: ${numbers}\n`)]]),
})

describe('parts/bgp/tcp-counters', () => {
  it('reads the counters of Linux', () => {
    const text = 'TcpExt: SyncookiesSent TCPMD5Failure\nTcpExt: 0 25\nIpExt: InNoRoutes\nIpExt: 3\n'
    assert.deepEqual(parseCounters(text), { SyncookiesSent: 0, TCPMD5Failure: 25 })
    assert.deepEqual(parseCounters(''), {})
    assert.deepEqual(countersOf(NOTHING), {})
  })

  it('tells what came between, also over a restart and where nothing was read before', () => {
    assert.deepEqual(grownBetween(seen('1 25'), seen('1 30')), { SyncookiesSent: 0, TCPMD5Failure: 5 })
    assert.deepEqual(grownBetween(seen('1 25'), seen('0 3')), { SyncookiesSent: 0, TCPMD5Failure: 3 })
    assert.deepEqual(grownBetween(NOTHING, seen('1 2')), { SyncookiesSent: 1, TCPMD5Failure: 2 })
    assert.deepEqual(grownBetween(seen('1 2'), NOTHING), {})
  })
})
