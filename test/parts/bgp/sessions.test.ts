// Sessions of the peers of a site: over recorded answers of three versions.
import assert from 'node:assert/strict'
import { sessionFacts, sessionsOf } from '../../../src/parts/bgp/sessions.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { RECORDED, recorded, sessionsSaid } from './birdc-fixtures.ts'

const peer = (name: string, asn = 64500) => testPeer({ name, asn, address: 'fd00:b9::b:1' })
const bgp = testBgp({
  announce: ['2001:678:4955:0::/48', '192.0.2.0/24'],
  peers: [peer('upstream'), peer('wrong-role'), peer('limit-disable'), peer('missing')],
})

describe('parts/bgp/sessions', () => {
  it('asks for each own prefix of the family of a peer', () => {
    const { commands = {} } = sessionFacts(bgp)
    assert.deepEqual(
      Object.keys(commands).filter((name) => name.includes('upstream')),
      ['bird-export upstream 2001:678:4955:0::/48'],
    )
    assert.deepEqual(commands['bird-export wrong-role 2001:678:4955:0::/48']?.at(-1), 'peer_wrong_role')
  })

  for (const version of RECORDED)
    describe(version, () => {
      const text = recorded(version, 'protocols')
      const before = sessionsSaid(bgp, version, text)

      it('knows the state, the last error and the routes of every peer', () => {
        const found = sessionsOf(bgp, before)?.map(({ peer: { name }, state, error, routes }) => [
          name,
          state,
          error,
          routes,
        ])
        assert.deepEqual(found?.[0], [
          'upstream',
          'Established',
          undefined,
          { received: 6, filtered: 2, accepted: 4, exported: 1 },
        ])
        assert.deepEqual(found?.[1]?.slice(2), ['BGP Error: Role mismatch', undefined])
        assert.deepEqual(found?.[2], ['limit-disable', 'Down', 'Automatic shutdown: Route limit exceeded', undefined])
        assert.deepEqual(found?.[3], ['missing', 'absent', undefined, undefined])
      })
    })

  it('knows nothing where BIRD does not answer', () => {
    assert.equal(sessionsOf(bgp, { files: new Map(), commands: new Map() }), undefined)
  })
})
