// A probe per session: of BIRD and of GoBGP, all of them in one round trip.
import assert from 'node:assert/strict'
import { sessionProbes } from '../../../src/parts/bgp/session-probes.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, routerIn, testPeer } from './bird-site.ts'

const PEERS = [testPeer(), testPeer({ name: 'other', address: '2620:fe::7' })]
const BIRD = `2002-Name       Proto      Table      State  Since         Info
1002-peer_upstream BGP        ---        up     2026-01-01 00:00:00  Established
1006-  BGP state:          Established
     Channel ipv6
       State:          UP
1002-peer_other BGP        ---        start  2026-01-01 00:00:00  Active        Socket: Connection refused
1006-  BGP state:          Active
       Last error:       Socket: Connection refused
0000 
`
const ROUTE = '1007-2602:f674::/48      unreachable [own6 2026-01-01 00:00:00] * (200)\n0000 \n'
const NEIGHBORS = JSON.stringify([
  { state: { neighbor_address: '2620:fe::1', session_state: 6 } },
  { state: { neighbor_address: '2620:fe::7', session_state: 3 } },
])

async function run(daemon: 'bird' | 'gobgp', programs: Readonly<Record<string, string>>) {
  const site = bgpSite({ daemon, peers: PEERS })
  const { outside, calls } = routerOutside({ programs })
  const results = await Promise.all(sessionProbes(site, routerIn(site)).map((probe) => probe.run(outside)))
  return { results, seen: results.map(({ seen }) => seen), calls }
}

describe('parts/bgp/session-probes', () => {
  it('tells the sessions of BIRD', async () => {
    const programs = { 'bird-protocols': BIRD, 'bird-export upstream 2602:f674::/48': ROUTE }
    const { seen, calls } = await run('bird', programs)
    assert.deepEqual(seen, ['established, with our prefixes announced', 'active, Socket: Connection refused'])
    assert.deepEqual(calls, ['read'])
    assert.equal((await run('bird', { 'bird-protocols': BIRD })).seen[0], 'without 2602:f674::/48')
  })

  it('tells the sessions of GoBGP', async () => {
    const { seen } = await run('gobgp', { 'gobgp-neighbors': NEIGHBORS })
    assert.deepEqual(seen, ['without 2602:f674::/48', 'active'])
  })

  it('says where the daemon is silent', async () => {
    for (const daemon of ['bird', 'gobgp'] as const)
      assert.deepEqual((await run(daemon, {})).seen, Array(2).fill('the daemon does not answer'))
  })

  const channel = (limit: string, imported: number) =>
    BIRD.replace(
      'State:          UP',
      `State:          UP\n         Import limit:   ${limit}\n           Action:       block\n         Routes:         ${imported} imported, 3 filtered, 1 exported`,
    )
  const limits: readonly [title: string, limit: string, imported: number, state: string][] = [
    ['left out', '20 [HIT]', 20, 'failed'],
    ['full, and BIRD 2 forgot', '20', 20, 'warning'],
    ['well below', '20', 19, 'ok'],
    ['raised since: BIRD 3.1 still says it', '40 [HIT]', 25, 'ok'],
  ]
  for (const [title, limit, imported, state] of limits)
    it(`tells a limit: ${title}`, async () => {
      const programs = { 'bird-protocols': channel(limit, imported), 'bird-export upstream 2602:f674::/48': ROUTE }
      assert.equal((await run('bird', programs)).results[0]?.state, state)
    })

  it('says what to do about a session that does not stand', async () => {
    const { results } = await run('bird', { 'bird-protocols': BIRD })
    assert.match(results[1]?.hint ?? '', /nothing listens on port 179 for us/)
  })
})
