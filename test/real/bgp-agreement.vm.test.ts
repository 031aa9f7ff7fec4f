// The two ends of a session do not agree, whichever end is wrong: what stood is put back, and both apply and show name the cause.
import assert from 'node:assert/strict'
import type { OrionError } from '../../src/errors.ts'
import { readBgp } from '../../src/parts/bgp/show.ts'
import type { Bgp, BgpPeer } from '../../src/site/services.ts'
import { BIRD_VERSIONS, withDaemons } from '../daemons/daemons.ts'
import { bgpSite, testPeer } from '../parts/bgp/bird-site.ts'
import { type Live, liveRouter } from './bgp-live.ts'
import type { Party } from './bgp-world.ts'

const UP = testPeer({ password: { env: 'UPSTREAM' } })
const OPEN = testPeer()
const withPeer = (peer: BgpPeer, bgp: Partial<Bgp> = {}): Partial<Bgp> => ({ peers: [peer], ...bgp })

/** The session stood with `from`, and the operator writes `to`. */
const OURS: readonly [title: string, from: BgpPeer, to: Partial<Bgp>, cause: RegExp][] = [
  [
    'another password',
    UP,
    withPeer({ ...UP, password: { env: 'WRONG' } }),
    /the password of the peer is another one \(\d+ packets dropped since the change\): compare bgp\.peers\.upstream\.password/,
  ],
  [
    'another AS number of the peer',
    OPEN,
    withPeer({ ...OPEN, asn: 6940 }),
    /the peer has another AS number than 6940: correct bgp\.peers\.upstream\.asn/,
  ],
  [
    'another AS number of our own',
    OPEN,
    withPeer(OPEN, { asn: 394956 }),
    /the peer expects another AS number of us than 394956: correct bgp\.asn/,
  ],
  [
    'another relation',
    OPEN,
    withPeer({ ...OPEN, relation: 'peer' }),
    /upstream\.relation is peer, so our role is peer; the peer has none that fits/,
  ],
]

/** The other end is the wrong one, from the first moment. */
const THEIRS: readonly [title: string, peer: BgpPeer, says: Partial<Party>, cause: RegExp][] = [
  ['expects another AS number of us', OPEN, { ours: 394956 }, /expects another AS number of us than 394955/],
  ['has another AS number', OPEN, { asn: 6940 }, /has another AS number than 6939/],
  ['has another role', OPEN, { role: 'peer' }, /our role is customer; the peer has none that fits/],
  ['has another password', UP, { password: 'another' }, /password of the peer is another one \(\d+ packets dropped/],
  ['has no password', UP, { password: '' }, /the peer uses no password/],
  ['has a password, and we have none', OPEN, { password: 'one' }, /the peer uses a password/],
]

const reject = (live: Live, to: Partial<Bgp>, until: RegExp): Promise<OrionError> =>
  live.apply(to, { acceptIrr: false, until }).then(
    () => assert.fail('it was not put back'),
    (error: OrionError) => error,
  )

for (const version of BIRD_VERSIONS)
  describe(`two ends that do not agree, on BIRD ${version}`, function () {
    this.timeout(120_000)
    let live: Live
    before(async function () {
      await withDaemons(this)
      live = await liveRouter('agree', version)
    })
    after(() => live?.close())
    const row = async (bgp: Partial<Bgp>) => (await readBgp(bgpSite(bgp), live.outside)).peers[0]

    for (const [title, from, to, cause] of OURS)
      it(`we have ${title}: put back, with the cause`, async () => {
        await live.play([{ peer: from, routes: [] }])
        await live.apply(withPeer(from))
        await live.until('the session', async () => (await row(withPeer(from)))?.state === 'Established')
        const text = live.router.get('/etc/bird/bird.conf')
        const error = await reject(live, to, cause)
        assert.equal(error.code, 'E_ROLLED_BACK', error.message)
        assert.match(error.message, cause)
        assert.doesNotMatch(error.message, /none that anybody else has/)
        assert.equal(live.router.get('/etc/bird/bird.conf'), text)
        await live.until('the session is back', async () => (await row(withPeer(from)))?.state === 'Established')
      })

    THEIRS.forEach(([title, wish, says, cause], at) => {
      it(`the peer ${title}: show says so`, async () => {
        // A peer of its own: BIRD is in no hurry to try again where something went wrong before.
        const peer = { ...wish, name: `other-${at}` }
        await live.play([{ peer, routes: [], ...says }])
        await live.apply(withPeer(peer))
        let hint = ''
        await live
          .until(String(cause), async () => {
            hint = (await row(withPeer(peer)))?.hint ?? ''
            return cause.test(hint)
          })
          .catch((error: unknown) => assert.fail(`${String(error)}: ${hint}`))
      })
    })
  })
