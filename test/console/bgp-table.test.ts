// The tables of `orion bgp show`: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type PeerLine, renderBgp } from '../../src/console/bgp-table.ts'
import { page, plain } from './plain.ts'

const peerLine = (name: string, more: Partial<PeerLine> = {}): PeerLine => ({
  name,
  asn: 64500,
  address: 'fd00:b9::b:1',
  relation: 'provider',
  state: 'Established',
  since: '2026-01-31 14:03:21',
  sinceSeconds: 260_000,
  routes: { received: 200_406, filtered: 402, accepted: 200_004, exported: 1 },
  rpkiInvalid: 0,
  draining: false,
  limits: [],
  notAnnounced: [],
  ...more,
})

function down(name: string, more: Partial<PeerLine>): PeerLine {
  const { routes: _, rpkiInvalid: __, ...rest } = peerLine(name, { state: 'Active', sinceSeconds: 42 })
  return { ...rest, ...more }
}

describe('console/bgp-table', () => {
  it('a line per session, what is wrong below, and the caches', () => {
    const peers = [
      peerLine('upstream'),
      peerLine('second', { draining: true, rpkiInvalid: 12, sinceSeconds: 300 }),
      peerLine('stub', {
        notAnnounced: ['2001:678::/48'],
        limits: [{ kind: 'import', limit: 10, hit: true, action: 'block' }],
      }),
      down('customer', {
        error: 'BGP Error: Bad peer AS',
        hint: 'the peer has another AS number than 64500: correct bgp.peers.customer.asn',
      }),
      down('new', { state: 'absent', hint: 'BIRD does not have this peer yet: orion bgp apply' }),
    ]
    const caches = [
      { name: 'rpki_local', address: '::1', port: '8282', state: 'Established', roas: 812_345 },
      { name: 'rpki_cache1', address: '192.0.2.1', port: '323', state: 'Transport-Error', roas: 0 },
    ]
    const golden = page(`
      router  BIRD 2.17.5
      PEER      STATE        SINCE  RECEIVED  FILTERED  ACCEPTED  EXPORTED    RPKI
      upstream  Established    3 d    200406       402    200004         1      ok
      second    draining     5 min    200406       402    200004         1  12 bad
      stub      Established    3 d    200406       402    200004         1      ok
      customer  Active        42 s         -         -         -         -       -
      new       absent        42 s         -         -         -         -       -

      ! stub: the import limit of 10 routes is reached, and no more is taken
      ! stub: not announced: 2001:678::/48
      ✖ customer: BGP Error: Bad peer AS
        Try: the peer has another AS number than 64500: correct bgp.peers.customer.asn
      ✖ new: not in BIRD
        Try: BIRD does not have this peer yet: orion bgp apply

      RPKI CACHE     STATE              ROAS
      [::1]:8282     Established      812345
      192.0.2.1:323  Transport-Error       0
    `)
    const text = renderBgp({ router: 'router', version: '2.17.5', peers, caches }, plain)
    assert.equal(text, golden)
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
  })

  it('says once what is so of several', () => {
    const absent = { state: 'absent', hint: 'BIRD does not have this peer yet: orion bgp apply' }
    const peers = [down('a', absent), down('b', { error: 'x' }), down('c', absent), peerLine('d')]
    const text = renderBgp({ router: 'router', peers, caches: [] }, plain)
    assert.equal(
      text.split('\n\n')[1],
      '✖ a, c: not in BIRD\n  Try: BIRD does not have this peer yet: orion bgp apply\n✖ b: x',
    )
  })

  it('obeys nothing that a peer says', () => {
    const text = renderBgp(
      { router: 'r', peers: [down('x', { error: 'Received: \u001b[31mdown\nhere' })], caches: [] },
      plain,
    )
    assert.equal(text.includes('\u001b'), false)
  })

  it('names the daemon that speaks', () => {
    const page = { router: 'r', version: '3.36.0', daemon: 'gobgp', peers: [], caches: [] } as const
    assert.equal(renderBgp(page, plain), 'r  GoBGP 3.36.0\nNo peers.')
  })

  it('says that there is none', () =>
    assert.equal(renderBgp({ router: 'r', peers: [], caches: [] }, plain), 'r\nNo peers.'))
})
