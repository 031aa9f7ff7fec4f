// The page of `orion bgp hygiene`.
import assert from 'node:assert/strict'
import { type RuleLine, renderHygiene } from '../../src/console/hygiene-table.ts'
import { plain } from './plain.ts'

const line = (changes: Partial<RuleLine>): RuleLine => ({
  title: 'bogons are taken of nobody',
  peer: 'upstream',
  state: 'on',
  why: '',
  standard: 'RFC 7454',
  live: true,
  ...changes,
})
const WHY =
  'both ends must have it, and the other one is asked for it first by whoever has its address, then: bgp.peers.'

describe('console/hygiene-table', () => {
  it('has a sum, then the router, then each session: what is missing first, reasons below', () => {
    const rows = [
      line({ why: '64 at most' }),
      line({ title: 'a password', state: 'off', why: 'both ends must have it', standard: 'RFC 5925' }),
      line({ title: 'BFD', state: 'not possible', why: 'GoBGP has no such thing' }),
      line({ title: 'path length', live: false }),
      { ...line({ title: 'two caches', state: 'off', why: 'there is one' }), peer: undefined },
    ].map(({ peer, ...row }) => (peer === undefined ? row : { ...row, peer }))
    const irr = [{ peer: 'upstream', asSet: 'AS-X', prefixes: 1, why: 'rr.example.net did not answer' }]
    assert.equal(
      renderHygiene({ router: 'router', rows, irr }, plain),
      `1 on, 2 off, 1 not possible, 1 not live

router
off  two caches (RFC 7454)
     there is one

session upstream
not live      path length (RFC 7454)
off           a password (RFC 5925)
              both ends must have it
not possible  BFD (RFC 7454)
              GoBGP has no such thing
on            bogons are taken of nobody: 64 at most (RFC 7454)
AS-X: 1 prefix
  rr.example.net did not answer

1 not live: the router does not keep this yet
  Try: orion bgp apply`,
    )
  })

  it('says once what is so of several sessions, and wraps what is long', () => {
    const peers = ['upstream', 'exchange', 'customer']
    const same = peers.map((peer) => line({ peer }))
    const most = peers.map((peer) =>
      line({
        peer,
        title: 'GTSM',
        standard: 'RFC 5082',
        ...(peer === 'customer' ? {} : { state: 'off', why: `${WHY}${peer}.ttlSecurity` }),
      }),
    )
    const irr = [{ peer: 'exchange', asSet: 'AS-X', prefixes: 2 }]
    assert.equal(
      renderHygiene({ router: 'router', rows: [...same, ...most], irr }, plain),
      `4 on, 2 off, 0 not possible

sessions upstream, exchange, customer
on  bogons are taken of nobody (RFC 7454)

sessions upstream, exchange
off  GTSM (RFC 5082)
     both ends must have it, and the other one is asked for it first by whoever
     has its address, then: bgp.peers.PEER.ttlSecurity

session customer
on  GTSM (RFC 5082)

session exchange
AS-X: 2 prefixes`,
    )
  })

  it('cuts nothing, however narrow it is', () => {
    const names = Array.from({ length: 12 }, (_, at) => `a-peer-with-a-name-${at}`)
    const text = renderHygiene(
      { router: 'router', rows: names.map((peer) => line({ peer })), irr: [] },
      { ...plain, width: 40 },
    )
    assert.doesNotMatch(text, /…/)
    assert.ok(text.split('\n').every((one) => one.length <= 40))
    for (const name of names) assert.ok(text.includes(name))
  })
})
