// maxPrefixes beside what a peer sends: what must be read anew, and what would end a session.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { limitChanges, limitProblems, raisedOf } from '../../../src/parts/bgp/limit-change.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { bgpSite, routerIn, testPeer } from './bird-site.ts'
import { saying } from './birdc-fixtures.ts'

interface Row {
  readonly title: string
  /** Of the site file. */
  readonly most: number
  readonly state?: string
  /** Of the peer that the session is with now. */
  readonly address?: string
  readonly limit: string
  readonly routes: readonly [imported: number, filtered: number]
  readonly raised?: true
  readonly problem?: RegExp
  /** The change of the limit, as it is told, and what is too much for it. */
  readonly told?: string
}

const ROWS: readonly Row[] = [
  { title: 'well below', most: 20, limit: '20', routes: [5, 0] },
  { title: 'raised, not reached', most: 40, limit: '20', routes: [19, 3], told: 'limit 20 → 40' },
  { title: 'reached, and the same', most: 20, limit: '20 [HIT]', routes: [20, 5] },
  {
    title: 'reached, which BIRD 2 forgot when it was configured',
    most: 40,
    limit: '20',
    routes: [20, 5],
    raised: true,
    told: 'limit 20 → 40',
  },
  { title: 'reached, and raised', most: 40, limit: '20 [HIT]', routes: [20, 5], raised: true, told: 'limit 20 → 40' },
  {
    title: 'reached once, and raised long since: BIRD 3.1 says so for ever',
    most: 60,
    limit: '40 [HIT]',
    routes: [25, 0],
    told: 'limit 40 → 60',
  },
  { title: 'raised while the session is down', most: 40, limit: '20 [HIT]', routes: [0, 0], state: 'Down' },
  {
    title: 'lowered, and the session stays',
    most: 20,
    limit: '40',
    routes: [25, 0],
    told: 'limit 40 → 20: of its 25 routes 20 are taken',
  },
  {
    title: 'at the very end',
    most: 10,
    limit: '40',
    routes: [20, 2],
    told: 'limit 40 → 10: of its 20 routes 10 are taken',
  },
  { title: 'lowered for another peer of the name', most: 10, limit: '40', routes: [20, 3], address: '2620:fe::99' },
  {
    title: 'lowered to where it ends',
    most: 10,
    limit: '40',
    routes: [20, 3],
    told: 'limit 40 → 10: of its 20 routes 10 are taken',
    problem: /^upstream sends 23 routes now, and with more than 22 its session would end: raise .*maxPrefixes \(10\)$/,
  },
]

function seenOf({
  state = 'Established',
  address = '2620:fe::1',
  limit,
  routes: [imported, filtered],
}: Row): HostFacts {
  const lines = [
    '1002-peer_upstream BGP        ---        up     2026-01-01 00:00:00  x',
    `1006-  BGP state:          ${state}`,
    `         Neighbor address: ${address}`,
    '       Channel ipv6',
    `         State:          ${state === 'Established' ? 'UP' : 'DOWN'}`,
    `         Import limit:   ${limit}`,
    '           Action:       block',
    ...(state === 'Established'
      ? [`         Routes:         ${imported} imported, ${filtered} filtered, 1 exported`]
      : []),
    '0000 ',
  ]
  return { files: new Map(), commands: new Map([['bird-protocols', saying(`${lines.join('\n')}\n`)]]) }
}

describe('parts/bgp/limit-change', () => {
  for (const row of ROWS)
    it(row.title, () => {
      const site = bgpSite({ peers: [testPeer({ maxPrefixes: row.most })] })
      const model = getBirdModel(site, routerIn(site), seenOf(row))
      assert.ok(model)
      assert.deepEqual(raisedOf(model, seenOf(row)), row.raised ? ['upstream'] : [])
      const change = limitChanges(model, seenOf(row)).get('upstream')
      assert.equal(change && [change.text, change.tooMany].filter(Boolean).join(': '), row.told)
      const [problem] = limitProblems(model, seenOf(row))
      if (row.problem) assert.match(problem ?? '', row.problem)
      else assert.equal(problem, undefined)
    })
})
