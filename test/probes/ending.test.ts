// What ends one day: certificates of nodes, users and tokens; thirty days before it is a warning, three days before it is red.
import assert from 'node:assert/strict'
import { certificate } from '../../src/probes/certificate.ts'
import { tokenEnd } from '../../src/probes/token-end.ts'
import { tokenEnds } from '../../src/resources/token-end.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'
import { testSite } from '../resources/test-site.ts'

const DAY = 86_400
const inDays = (days: number) => Math.floor(Date.now() / 1000 + days * DAY + 60)

const DAYS: readonly [days: number, state: string, seen: RegExp][] = [
  [400, 'ok', /in 400 days/],
  [31, 'ok', /in 31 days/],
  [29, 'warning', /in 29 days/],
  [3.5, 'warning', /in 3 days/],
  [2, 'failed', /in 2 days/],
  [0.2, 'failed', /in less than a day/],
  [-1, 'failed', /ended \d{4}-/],
]

describe('probes/certificate', () => {
  const look = async (...rows: object[]) => {
    const { outside } = fakeCluster({ 'GET /nodes/n1/certificates/info': rows })
    return certificate('n1').run(outside)
  }
  for (const [days, state, seen] of DAYS) {
    it(`${days} days: ${state}`, async () => {
      const found = await look({ filename: 'pve-ssl.pem', notafter: inDays(days) })
      assert.equal(found.state, state)
      assert.match(found.seen, seen)
      assert.equal(found.hint !== undefined, state !== 'ok')
      assert.equal(found.since !== undefined, days < 0)
    })
  }

  it('the first to end speaks, with what renews it', async () => {
    const own = { filename: 'pveproxy-ssl.pem', notafter: inDays(10) }
    const found = await look({ filename: 'pve-ssl.pem', notafter: inDays(500) }, own)
    assert.match(found.seen, /^pveproxy-ssl.pem ends .* in 10 days$/)
    assert.match(found.hint ?? '', /pvenode acme cert/)
  })

  it('none is not known, and one of another name has no remedy', async () => {
    assert.equal((await look()).state, 'unknown')
    assert.equal((await look({ filename: 'odd.pem', notafter: inDays(1) })).hint, undefined)
  })
})

describe('probes/token-end', () => {
  const look = async (...rows: object[]) => {
    const { outside } = fakeCluster({ 'GET /access/users': rows })
    const { pve } = outside
    // Who we are: a token of somebody else.
    const asRoot = {
      ...outside,
      pve: { ...pve, cluster: (node: string) => ({ ...pve.cluster(node), who: async () => 'root@pam!me' }) },
    }
    const site = testSite()
    return tokenEnd('lab', 'orion@pve!orion', (ways) => tokenEnds(site, 'n1', ways)).run(asRoot)
  }
  const user = (userid: string, expire: number, ...tokens: [string, number][]) => ({
    userid,
    expire,
    tokens: tokens.map(([tokenid, end]) => ({ tokenid, expire: end })),
  })
  for (const [days, state, seen] of DAYS) {
    it(`${days} days: ${state}`, async () => {
      const found = await look(user('orion@pve', 0, ['orion', inDays(days)]))
      assert.equal(found.state, state)
      assert.match(found.seen, seen)
      assert.equal(/pveum user token modify orion@pve orion --expire 0/.test(found.hint ?? ''), state !== 'ok')
    })
  }

  it('no end is no end; of others nothing is told', async () => {
    const found = await look(user('orion@pve', 0, ['orion', 0], ['other', inDays(1)]), user('joe@pve', inDays(1)))
    assert.deepEqual([found.state, found.seen], ['ok', 'orion@pve, orion@pve!orion: no end'])
  })

  it('the user may end before its token, and so may who we work as', async () => {
    const found = await look(user('orion@pve', inDays(9), ['orion', 0]), user('root@pam', 0, ['me', inDays(5)]))
    assert.match(found.seen, /^root@pam!me ends/)
    assert.match((await look(user('orion@pve', inDays(9)))).hint ?? '', /pveum user modify orion@pve --expire 0/)
  })

  it('who may see nothing knows nothing', async () => {
    assert.equal((await look()).state, 'warning')
  })
})
