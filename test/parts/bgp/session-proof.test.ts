// The proof that a change left the sessions as they were, with the cause where it did not: over recorded answers of three versions.
import assert from 'node:assert/strict'
import { proveSessions, proveWriter } from '../../../src/parts/bgp/session-proof.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { RECORDED, recorded, saying, sessionsSaid } from './birdc-fixtures.ts'

const peer = (name: string) =>
  testPeer({ name, asn: 64500, address: 'fd00:b9::b:1', password: { env: 'P' }, maxPrefixes: 9 })
const bgp = testBgp({
  announce: ['2001:678:4955:0::/48', '192.0.2.0/24'],
  peers: [peer('upstream'), peer('wrong-role')],
})

/** Linux has dropped so many segments since the router started. */
const counting = (seen: HostFacts, failures: number): HostFacts => ({
  ...seen,
  commands: new Map([...seen.commands, ['tcp-counters', saying(`TcpExt: TCPMD5Failure\nTcpExt: ${failures}\n`)]]),
})

for (const version of RECORDED)
  describe(`parts/bgp/session-proof: BIRD ${version}`, () => {
    const text = recorded(version, 'protocols')
    const before = sessionsSaid(bgp, version, text)
    const active = text.replaceAll(/BGP state:( +)Established/g, 'BGP state:$1Active')
    const later = (protocols: string) => sessionsSaid(bgp, version, protocols)

    it('is content where all is as before', () => assert.deepEqual(proveSessions(bgp, before, before), []))

    it('is not content where a session that stood does not', () => {
      const [said, ...more] = proveSessions(bgp, before, later(active))
      assert.match(said ?? '', /^session upstream is Active, not Established as before: fd00:b9::b:1 does not answer/)
      assert.deepEqual(more, [])
    })

    it('names the cause by the last error of BIRD', () => {
      const bad = active.replaceAll(
        /^(\s+Neighbor address:.*)$/gm,
        '$1\n         Last error:       BGP Error: Bad peer AS',
      )
      const [said] = proveSessions(bgp, before, later(bad))
      assert.match(
        said ?? '',
        /is Active \(BGP Error: Bad peer AS\), not .*: the peer has another AS number than 64500/,
      )
    })

    it('names another password only where Linux dropped segments since the change', () => {
      const prove = (was: number, is: number) =>
        proveSessions(bgp, counting(before, was), counting(later(active), is))[0] ?? ''
      assert.match(prove(70, 73), /password of the peer is another one \(3 packets dropped since the change\)/)
      assert.match(prove(70, 2), /another one \(2 packets/)
      assert.match(prove(70, 70), /does not answer/)
    })

    it('asks nothing of a session that did not stand, or is with somebody else now', () => {
      assert.deepEqual(proveSessions(bgp, later(active), later(active)), [])
      const moved = active.replaceAll(/(Neighbor address:) \S+/g, '$1 fd00:b9::99')
      assert.deepEqual(proveSessions(bgp, before, later(moved)), [])
    })

    it('asks it where only the AS number is another one: that may be the mistake', () => {
      const renumbered = active.replaceAll(/(Neighbor AS:) +\d+/g, '$1 64501')
      assert.equal(proveSessions(bgp, before, later(renumbered)).length, 1)
    })

    it('is not content where an own prefix goes out no more', () => {
      const gone = sessionsSaid(bgp, version, text, saying('0001 BIRD ready.\n8001 Network not found\n', 1))
      assert.deepEqual(proveSessions(bgp, before, gone), ['2001:678:4955:0::/48 is not announced to upstream'])
    })
  })

describe('parts/bgp/session-proof', () => {
  const writer = (state: string): HostFacts => ({
    files: new Map(),
    commands: new Map([
      ['bird-protocols', saying(`1002-gobgp      BGP        ---        up     2026-11-21  ${state}   \n`)],
    ]),
  })
  const silent = { files: new Map(), commands: new Map() }

  it('is not content with a BIRD behind GoBGP that lost its routes: the kernel would forget them', () => {
    assert.deepEqual(proveWriter(writer('Established'), writer('Established')), [])
    for (const after of [writer('Active'), silent])
      assert.deepEqual(proveWriter(writer('Established'), after), ['BIRD does not have the routes of GoBGP'])
    assert.deepEqual(proveWriter(silent, writer('Active')), [], 'it never had them')
  })

  it('is not content with a BIRD that does not answer', () => {
    assert.deepEqual(proveSessions(bgp, silent, silent), ['BIRD does not answer'])
  })
})
