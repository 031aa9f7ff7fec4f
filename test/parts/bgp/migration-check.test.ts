// What stands against a move of the edge, and what is worse after it: over recorded answers of BIRD and GoBGP.
import assert from 'node:assert/strict'
import { standing, whyNot, worse } from '../../../src/parts/bgp/migration-check.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { BgpPeer } from '../../../src/site/services.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { RECORDED, recorded, saying, sessionsSaid } from './birdc-fixtures.ts'

const OWN = '2001:678:4955:0::/48'
const UPSTREAM = testPeer({ name: 'upstream', asn: 64500, address: 'fd00:b9::b:1' })
const bgpOf = (changes: Partial<BgpPeer> = {}) => testBgp({ announce: [OWN], peers: [{ ...UPSTREAM, ...changes }] })

/** A router with GoBGP at the edge, and BIRD behind it. */
function withGobgp(
  changes: Readonly<Record<string, unknown>> = {},
  says: Readonly<Record<string, string>> = {},
): HostFacts {
  const restart = { received: true, advertised: true }
  const neighbor = {
    state: { neighbor_address: UPSTREAM.address, session_state: 6 },
    afi_safis: [{ mp_graceful_restart: { state: restart } }],
    ...changes,
  }
  const commands = {
    'gobgp-neighbors': JSON.stringify([neighbor]),
    [`gobgp-out upstream ${OWN}`]: JSON.stringify({ '2001:678:4955::/48': [{}] }),
    'bird-protocols': '1002-gobgp      BGP        ---        up     2026-11-21 14:37:21  Established   \n',
    ...says,
  }
  const edge = { kind: 'file', text: 'gobgp\n', mode: 0o644, owner: 'root', group: 'root' } as const
  return {
    files: new Map([['/etc/orion/edge', edge]]),
    commands: new Map(Object.entries(commands).map(([name, text]) => [name, saying(text)])),
  }
}

describe('parts/bgp/migration-check', () => {
  for (const version of RECORDED) {
    const text = recorded(version, 'protocols')
    const seen = sessionsSaid(bgpOf(), version, text)
    it(`nothing stands against it: BIRD ${version}, both ends restart gracefully`, () => {
      assert.deepEqual(standing(bgpOf(), seen), ['upstream'])
      assert.deepEqual(whyNot(bgpOf(), 'gobgp', seen), [])
      assert.deepEqual(worse(bgpOf(), 'bird', ['upstream'], seen), [])
    })
    it(`a peer that does not: BIRD ${version}`, () => {
      const without = sessionsSaid(bgpOf(), version, text.replaceAll('Graceful restart', 'Something else'))
      assert.match(whyNot(bgpOf(), 'gobgp', without).join(), /session upstream: .*graceful restart/)
    })
  }

  const up = sessionsSaid(bgpOf(), '2.17.5', recorded('2.17.5', 'protocols'))
  for (const [title, changes, says] of [
    ['BFD', { bfd: true }, /no BFD/],
    ['a strict role', { requireRole: true }, /no roles/],
    ['TCP-AO', { password: { env: 'P' }, authentication: 'tcp-ao' }, /no TCP-AO/],
  ] as const)
    it(`GoBGP has not what the site file asks for: ${title}; back to BIRD it is no matter`, () => {
      assert.match(whyNot(bgpOf(changes), 'gobgp', up).join(), says)
      assert.deepEqual(whyNot(bgpOf(changes), 'bird', up), [])
    })

  it('a daemon that does not answer, and one without a session', () => {
    assert.match(whyNot(bgpOf(), 'gobgp', { files: new Map(), commands: new Map() }).join(), /bird does not answer/)
    const down = sessionsSaid(bgpOf({ name: 'nobody' }), '2.17.5', recorded('2.17.5', 'protocols'))
    assert.match(whyNot(bgpOf({ name: 'nobody' }), 'gobgp', down).join(), /no session is established/)
  })

  it('GoBGP at the edge: all stands', () => {
    assert.deepEqual(whyNot(bgpOf(), 'bird', withGobgp()), [])
    assert.deepEqual(worse(bgpOf(), 'gobgp', ['upstream'], withGobgp()), [])
  })

  for (const [title, seen, says] of [
    [
      'the session is not back',
      withGobgp({ state: { neighbor_address: UPSTREAM.address, session_state: 3 } }),
      /upstream is not established again/,
    ],
    [
      'our prefix is not told',
      withGobgp({}, { [`gobgp-out upstream ${OWN}`]: '{}' }),
      /2001:678:4955:0::\/48 is not announced to upstream/,
    ],
    [
      'BIRD has no session with it',
      withGobgp({}, { 'bird-protocols': '1002-gobgp BGP --- start 2026 Active\n' }),
      /BIRD does not have the routes of GoBGP/,
    ],
    ['it says nothing', withGobgp({}, { 'gobgp-neighbors': 'no' }), /gobgp does not answer/],
    ['it is not at the edge', up, /bird is at the edge, not gobgp/],
  ] as const)
    it(`worse: ${title}`, () => assert.match(worse(bgpOf(), 'gobgp', ['upstream'], seen).join('\n'), says))
})
