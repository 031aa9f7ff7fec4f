// Neighbours of the lab are who they are: they do not follow what the site file says of them later.
import assert from 'node:assert/strict'
import { configure } from '../../../src/lab/router/bird.ts'
import { readKept, wholeText } from '../../../src/lab/router/bird-config.ts'
import { bgpSessions } from '../../../src/lab/router/bird-sessions.ts'
import { birdc } from '../../../src/lab/router/birdc.ts'
import { firstRouter } from '../../../src/lab/router/first-router.ts'
import { getBirdConf } from '../../../src/parts/bgp/bird.ts'
import { REASONS } from '../../../src/parts/bgp/reasons.ts'
import { sessionsOf } from '../../../src/parts/bgp/sessions.ts'
import type { BgpPeer } from '../../../src/site/services.ts'
import { bgpSite, routerIn, testPeer, withBird } from '../../parts/bgp/bird-site.ts'

const VERSION = '2.17.5'
const provider = testPeer({ maxPrefixes: 250_000 })
const second = testPeer({ name: 'second', asn: 174, address: '2620:fe::3', maxPrefixes: 250_000 })
const ix = testPeer({
  name: 'ix',
  asn: 64496,
  address: '2620:fe::4',
  relation: 'peer',
  maxPrefixes: 100,
  asSet: 'AS-IX',
})
const customer = testPeer({
  name: 'cust',
  asn: 64497,
  address: '2620:fe::5',
  relation: 'customer',
  maxPrefixes: 10,
  prefixes: ['2a00:1450::/48'],
})

/** A router that speaks with these, and what it may be told next. */
function lab() {
  const host = firstRouter({ name: 'router', vmid: 200, release: 'trixie' })
  host.packages.bird2 = `${VERSION}-1`
  host.ports = { ens18: { mac: '02:00:00:00:00:01', altnames: [] } }
  host.applied = 'auto ens18\niface ens18 inet6 static\n\taddress 2620:fe::2/64\n'
  const world = { changed: () => undefined, now: () => 1_000_000 } as never
  host.bird = { config: '', startedMs: 0, configuredMs: 0, since: {} }
  const state = host.bird
  const run = (...args: string[]) =>
    String((birdc({ host, world } as never, args, {} as never) as { stdout: string }).stdout)
  return {
    state,
    tell(peers: readonly BgpPeer[], changes: Parameters<typeof bgpSite>[0] = {}) {
      const site = bgpSite({ peers, ...changes })
      const text = getBirdConf(site, routerIn(site), withBird(VERSION)) ?? ''
      const file = (content: string) => ({ kind: 'file' as const, text: content, mode: 0o644 })
      host.files['/etc/bird/bird.conf'] = file(text)
      host.files['/etc/bird/orion-drain.conf'] = file(peers.map(({ name }) => `define DRAIN_${name} = 0;\n`).join(''))
      host.files['/etc/bird/orion-irr-ix.conf'] = file('define IRR_ix = [ 2a0e::/32{32,48} ];\n')
      configure(world, host, state, wholeText(host, '/etc/bird/bird.conf'))
      const found = bgpSessions(host, readKept(state.config, VERSION))
      return (name: string) => {
        const session = found.find(({ protocol }) => protocol.name === `peer_${name}`)
        assert.ok(session)
        const { imported = 0, filtered = 0 } = session.channels[0] ?? {}
        return { session, imported, filtered, received: imported + filtered }
      }
    },
    shown: (peers: readonly BgpPeer[]) =>
      sessionsOf(
        bgpSite({ peers }).bgp as never,
        {
          files: new Map(),
          commands: new Map([
            ['bird-protocols', { code: 0, stdout: run('-v', 'show', 'protocols', 'all'), stderr: '' }],
          ]),
        } as never,
      ),
    refused(name: string) {
      const asked = (number: number, ...more: string[]) =>
        run(
          '-v',
          'show',
          'route',
          'filtered',
          'protocol',
          `peer_${name}`,
          'where',
          `(394955, 2, ${number}) ~ bgp_large_community`,
          ...more,
        )
      return REASONS.flatMap(({ number, name: reason }) => {
        const routes = Number(/(\d+) of/.exec(asked(number, 'count'))?.[1] ?? 0)
        const networks = [...asked(number).matchAll(/([0-9a-f:.]+\/\d+)/g)].map(([text]) => text)
        return routes === 0 ? [] : [{ reason, routes, networks }]
      })
    },
    run,
  }
}

describe('lab/router/neighbours', () => {
  it('has another AS number than a later site file says: the session ends, and is back with the right one', () => {
    const { tell, shown } = lab()
    assert.equal(tell([provider])('upstream').session.isUp, true)
    const wrong = { ...provider, asn: 6940 }
    assert.equal(tell([wrong])('upstream').session.error, 'BGP Error: Bad peer AS')
    const [session] = shown([wrong]) ?? []
    assert.equal(session?.error, 'BGP Error: Bad peer AS')
    assert.equal(tell([provider])('upstream').session.isUp, true)
  })
  it('knows our AS number, too', () => {
    const { tell } = lab()
    tell([provider])
    assert.equal(tell([provider], { asn: 394956 })('upstream').session.error, 'Received: Bad peer AS')
  })
  it('sends what it sends, whatever maxPrefixes says later', () => {
    const { tell } = lab()
    const first = tell([provider, second])
    const [{ received }, other] = [first('upstream'), first('second')]
    assert.ok(received > 150_000 && received < 250_000, String(received))
    assert.notEqual(received, other.received)
    assert.notEqual(received, 125_000)
    assert.equal(tell([{ ...provider, maxPrefixes: 900_000 }, second])('upstream').received, received)
    const less = tell([{ ...provider, maxPrefixes: received - 5000 }, second])('upstream')
    assert.equal(less.imported, received - 5000)
    assert.ok(less.session.channels[0]?.limits.some(({ kind, hit }) => kind === 'import' && hit))
    const ended = tell([{ ...provider, maxPrefixes: 100_000 }, second])('upstream').session
    assert.equal(ended.error, 'Automatic shutdown: Route limit exceeded')
  })
  it('sends as a customer exactly what it may, and gets everything', () => {
    const { tell, run } = lab()
    const told = tell([provider, ix, customer])
    const { received, filtered, session } = told('cust')
    assert.deepEqual([received, filtered], [1, 0])
    const out = (name: string) => Number(/(\d+) exported/.exec(run('show', 'protocols', 'all', `peer_${name}`))?.[1])
    assert.equal(out('cust'), 1 + told('upstream').imported)
    assert.equal(out('upstream'), 2)
    assert.equal(out('ix'), 2)
    assert.deepEqual(session.channels[0]?.exported, ['2602:f674::/48'])
    assert.equal(
      tell([provider, ix, { ...customer, prefixes: ['2a00:1450::/48', '2a00:1451::/48'] }])('cust').received,
      1,
    )
  })
  it('has refused routes that add up, each with examples that fit the reason', () => {
    const { tell, refused } = lab()
    const told = tell([provider, ix, customer])
    const reasons = refused('upstream')
    assert.equal(
      reasons.reduce((sum, { routes }) => sum + routes, 0),
      told('upstream').filtered,
    )
    assert.deepEqual(reasons.map(({ reason }) => reason).sort(), ['bogon-as', 'prefix-length', 'rpki-invalid'])
    const networks = reasons.flatMap((one) => one.networks)
    assert.equal(new Set(networks).size, networks.length)
    const lengths = (reason: string) =>
      reasons.find((one) => one.reason === reason)?.networks.map((one) => Number(one.split('/')[1])) ?? []
    assert.ok(lengths('prefix-length').every((length) => length > 48))
    assert.ok(lengths('rpki-invalid').every((length) => length <= 48))
    assert.ok(refused('ix').some(({ reason }) => reason === 'not-registered'))
    assert.deepEqual(refused('cust'), [])
  })
  it('contradicts no ROAs where nobody looks at them', () => {
    const { tell, refused } = lab()
    const { received } = tell([provider])('upstream')
    assert.equal(tell([provider], { rpki: undefined as never })('upstream').received, received)
    assert.deepEqual(
      refused('upstream')
        .map(({ reason }) => reason)
        .sort(),
      ['bogon-as', 'prefix-length'],
    )
  })
  it('is somebody only once its session came up', () => {
    const { tell } = lab()
    const far = { ...provider, address: '2001:db8::1', asn: 6940 }
    assert.equal(tell([far])('upstream').session.isUp, false)
    assert.equal(tell([{ ...far, asn: 6939, multihop: 2 }])('upstream').session.isUp, true)
  })
})
