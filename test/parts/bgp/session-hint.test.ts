// What is suggested for a session that is not established: by BIRD's error, and by what Linux counted where BIRD says nothing.
import assert from 'node:assert/strict'
import { hintOf } from '../../../src/parts/bgp/session-hint.ts'
import type { Session } from '../../../src/parts/bgp/sessions.ts'
import type { BgpPeer } from '../../../src/site/services.ts'
import { testBgp, testPeer } from './bird-site.ts'

const PASSWORD = { password: { env: 'X' } } as const
const session = (error: string | undefined, peer: Partial<BgpPeer> = {}, state = 'Active'): Session => ({
  peer: testPeer(peer),
  state,
  ...(error === undefined ? {} : { error }),
  limits: [],
  capabilities: { local: [], neighbor: [] },
  fields: new Map(),
})
const hint = (one: Session, counters = {}) => hintOf(testBgp(), one, counters)

describe('parts/bgp/session-hint', () => {
  const errors: readonly [error: string, hint: RegExp][] = [
    ['BGP Error: Role mismatch', /relation is provider, so our role is customer/],
    ['Received: Role mismatch', /ask it for its role/],
    ['BGP Error: Bad peer AS', /another AS number than 6939: correct bgp\.peers\.upstream\.asn/],
    ['Received: Bad peer AS: 394955', /another AS number of us than 394955/],
    ['BGP Error: Hold timer expired', /nothing was heard/],
    ['Received: Hold timer expired', /heard nothing of us/],
    ['Received: Administrative shutdown', /took the session down/],
    ['Received: Connection rejected', /does not know us/],
    ['Received: Maximum number of prefixes reached', /more prefixes than the peer takes/],
    ['Socket: Connection refused', /nothing listens on port 179/],
    ['Socket: No route to host', /no way to 2620:fe::1/],
    ['Socket: Connection timed out', /does not answer/],
    ['Error: No listening socket', /another program/],
    [
      'Automatic shutdown: Route limit exceeded',
      /maxPrefixes allows: raise that and apply, or .*birdc enable peer_upstream/,
    ],
    ['BGP Error: Malformed AS_PATH', /do not understand each other/],
    ['Something: new', /does not answer/],
  ]
  for (const [error, wanted] of errors) it(error, () => assert.match(hint(session(error)) ?? '', wanted))

  const silent: readonly [title: string, peer: Partial<BgpPeer>, counters: Record<string, number>, hint: RegExp][] = [
    [
      'another password',
      PASSWORD,
      { TCPMD5Failure: 25 },
      /password of the peer is another one \(25 packets dropped since the router started\)/,
    ],
    [
      'one or the other',
      PASSWORD,
      { TCPMD5Failure: 2, TCPMD5NotFound: 3 },
      /another one \(2 .*upstream\.password; or: the peer uses no password \(3 /,
    ],
    ['the peer has none', PASSWORD, { TCPMD5NotFound: 3 }, /the peer uses no password/],
    ['we have none', {}, { TCPMD5Unexpected: 24, TCPMD5Failure: 9 }, /the peer uses a password \(24/],
    ['another TCP-AO key', { ...PASSWORD, authentication: 'tcp-ao' }, { TCPAOBad: 1 }, /another one/],
    ['no GTSM there', { ttlSecurity: true }, { TCPMinTTLDrop: 4 }, /TTL below 255/],
    ['nothing counted', PASSWORD, { TCPMD5Failure: 0 }, /does not answer: .* and this password\?/],
  ]
  for (const [title, peer, counters, wanted] of silent)
    it(`a peer that is silent: ${title}`, () =>
      assert.match(hint(session(undefined, peer, 'Connect'), counters) ?? '', wanted))

  it('says nothing of an established session, and what to type for one that is gone or down', () => {
    assert.equal(hint(session('BGP Error: Hold timer expired', {}, 'Established')), undefined)
    assert.match(hint(session(undefined, {}, 'absent')) ?? '', /orion bgp apply/)
    assert.match(hint(session(undefined, {}, 'Down')) ?? '', /birdc enable peer_upstream/)
  })
})
