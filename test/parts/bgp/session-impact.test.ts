// How a plan tells what happens to each session: rows, and what is interrupted.
import assert from 'node:assert/strict'
import { sessionDifferences, sessionDisruption } from '../../../src/parts/bgp/session-impact.ts'
import { file } from '../../resources/fake-host.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { recorded, saying } from './birdc-fixtures.ts'

const BGP = testBgp({ peers: [testPeer(), testPeer({ name: 'wrong-role' })] })
const CONF = '/etc/bird/bird.conf'
const SECRETS = '/etc/bird/orion-secrets.conf'
const protocol = (name: string, options: string) => `protocol bgp peer_${name} { ${options} ipv6 { import all; }; }\n`
const conf = (hold: number) =>
  protocol('upstream', `hold time ${hold}; password PASSWORD_upstream;`) + protocol('wrong_role', `hold time ${hold};`)
const seen = (text: string, secret = 'one') => ({
  files: new Map([
    [CONF, file(text)],
    [SECRETS, file(`define PASSWORD_upstream = "${secret}";`)],
  ]),
  commands: new Map([['bird-protocols', saying(recorded('2.0.12', 'protocols'))]]),
})
const wanted = (text: string, secret = 'one') => [
  { path: CONF, text },
  { path: SECRETS, text: `define PASSWORD_upstream = "${secret}";`, secret: true as const },
]

describe('parts/bgp/session-impact', () => {
  it('says nothing where no session notices', () => {
    assert.deepEqual(sessionDifferences(BGP, seen(conf(90)), wanted(conf(90))), [])
    assert.equal(sessionDisruption(BGP, seen(conf(90)), wanted(conf(90))), undefined)
  })

  it('tells each session, and interrupts only one that stands', () => {
    const [have, want] = [seen(conf(90)), wanted(conf(80))]
    assert.deepEqual(sessionDifferences(BGP, have, want), [
      { field: 'session upstream', have: 'established', want: 'resets' },
      { field: 'session wrong-role', have: 'idle', want: 'resets' },
    ])
    assert.equal(sessionDisruption(BGP, have, want), 'BGP session upstream')
  })

  it('tells of a session whose routes are read anew, unless more happens to it', () => {
    const row = (hold: number) =>
      sessionDifferences(BGP, seen(conf(90)), wanted(conf(hold)), { raised: ['upstream'], limits: new Map() })
    assert.deepEqual(row(90), [{ field: 'session upstream', have: 'established', want: 'reloads' }])
    assert.equal(row(80)[0]?.want, 'resets')
  })

  it('tells of one that notices nothing but another limit, and of routes that are too many for it', () => {
    const row = (text: string, tooMany?: string) => {
      const limits = new Map([['upstream', { text: 'limit 40 → 20', tooMany }]])
      return sessionDifferences(BGP, seen(conf(90)), wanted(text), { raised: [], limits })[0]?.want
    }
    const other = `# another limit\n${conf(90)}`
    assert.equal(row(other), 'stays (limit 40 → 20)')
    assert.equal(
      row(other, 'of its 25 routes 20 are taken'),
      'stays (limit 40 → 20); of its 25 routes 20 are taken when it begins anew',
    )
    assert.equal(row(conf(80), 'of its 25 routes 20 are taken'), 'resets; of its 25 routes 20 are taken')
    assert.equal(row(conf(80)), 'resets')
    assert.equal(row(conf(90), 'of its 25 routes 20 are taken'), undefined) // Nothing changes now.
  })

  it('knows a password by what it does, and never shows it', () => {
    const rows = sessionDifferences(BGP, seen(conf(90)), wanted(conf(90), 'geheim'))
    assert.deepEqual(rows, [{ field: 'session upstream', have: 'established', want: 'resets' }])
  })

  it('tells one that comes, and one that goes for good', () => {
    const old = seen(conf(90) + protocol('by_by', ''))
    assert.deepEqual(sessionDifferences(BGP, old, wanted(conf(90))), [{ field: 'session by-by', want: 'ends' }])
    assert.equal(sessionDisruption(BGP, old, wanted(conf(90))), undefined) // BIRD has it not.
    const lines = '1002-peer_by_by BGP ---  up 2026-01-01 00:00:00  x\n1006-  BGP state:          Established\n0000 \n'
    const stands = { ...old, commands: new Map([['bird-protocols', saying(lines)]]) }
    assert.deepEqual(sessionDifferences(BGP, stands, wanted(conf(90))), [
      { field: 'session by-by', have: 'established', want: 'ends' },
    ])
    assert.equal(sessionDisruption(BGP, stands, wanted(conf(90))), 'BGP session by-by for good')
    assert.equal(
      sessionDisruption(BGP, { ...old, commands: new Map() }, wanted(conf(90))),
      'BGP session by-by for good', // BIRD says nothing: better in vain than not at all.
    )
    assert.deepEqual(
      sessionDifferences(BGP, { files: new Map(), commands: new Map() }, wanted(protocol('upstream', ''))),
      [{ field: 'session upstream', want: 'new' }],
    )
  })
})
