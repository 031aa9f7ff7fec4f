// The token: its secret is told once, kept, and never said anywhere.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { apiToken, tokenUse } from '../../src/resources/api-token.ts'
import { type FakeCluster, fakeCluster } from './fake-cluster.ts'
import { testSite } from './test-site.ts'

const USER = 'GET /access/users/orion@pve'
const LIST = `${USER}/token`
const POST = 'POST /access/users/orion@pve/token/orion'
const resource = apiToken(testSite(), 'Lab', 'n1')

describe('resources/api-token', () => {
  it('is created with the rights of its user, and its secret is kept', async () => {
    const secret = 'c0ffee00-1111-4222-8333-444444444444'
    const cluster = fakeCluster({
      [USER]: { tokens: {} },
      [POST]: { 'full-tokenid': 'orion@pve!orion', value: secret, info: { privsep: '0' } },
    })
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), [`${POST} privsep=false comment=orion`])
    assert.deepEqual(cluster.kept, [{ cluster: 'Lab', id: 'orion@pve!orion', secret }])
    assert.ok(!JSON.stringify([cluster.news, resource.diff(undefined)]).includes(secret))
  })

  it('the same where SSH broke in the middle', async () => {
    const broken = () => {
      throw new OrionError('the connection broke', { code: 'E_HOST_LOST', recheck: true })
    }
    const cluster = fakeCluster({ [LIST]: [{ tokenid: 'orion', privsep: 0 }], [POST]: broken })
    await assert.rejects(resource.create(cluster.outside, cluster.note), { code: 'E_PVE_LOST', recheck: false })
  })

  const lost = () => {
    throw new OrionError('no answer', { code: 'E_PVE_LOST', recheck: true })
  }

  it('a lost answer to a creation that happened: says that the secret is lost, and what to do', async () => {
    const cluster = fakeCluster({ [LIST]: [{ tokenid: 'orion', privsep: 0 }], [POST]: lost })
    await assert.rejects(resource.create(cluster.outside, cluster.note), (error) => {
      assert.ok(error instanceof OrionError)
      assert.deepEqual([error.code, error.recheck], ['E_PVE_LOST', false])
      assert.match(error.message, /orion@pve!orion of Lab was made, and its secret is lost/)
      assert.match(error.suggestions.join(), /^make its secret anew: orion bootstrap access --renew$/)
      return true
    })
    assert.deepEqual(cluster.writes(), [`${POST} privsep=false comment=orion`])
  })

  it('a lost answer to a creation that did not happen: may be tried again', async () => {
    const cluster = fakeCluster({ [LIST]: [], [POST]: lost })
    await assert.rejects(resource.create(cluster.outside, cluster.note), { code: 'E_PVE_LOST', recheck: true })
  })

  it('a secret that cannot be kept: the token goes again, and the error stays', async () => {
    const cluster = fakeCluster({ [POST]: { 'full-tokenid': 'orion@pve!orion', value: 'c0ffee' } })
    const keep = () => Promise.reject(new OrionError('disk full', { code: 'E_SECRET' }))
    await assert.rejects(resource.create({ ...cluster.outside, keep }, cluster.note), { code: 'E_SECRET' })
    assert.deepEqual(cluster.writes().at(-1), 'DELETE /access/users/orion@pve/token/orion')
  })

  it('is in our hands as itself, after it was kept, and where the site file names one', async () => {
    const held = async (cluster: FakeCluster, site = testSite()) =>
      (await tokenUse(site, 'Lab', 'n1', cluster.outside)).held
    assert.equal(await held(fakeCluster({}, { who: 'orion@pve!orion' })), true)
    const made = fakeCluster({ [POST]: { 'full-tokenid': 'orion@pve!orion', value: 'c0ffee' } })
    assert.equal(await held(made), false)
    await resource.create(made.outside, made.note)
    assert.equal(await held(made), true)
    const [node] = testSite().nodes
    assert.ok(node)
    const api = { port: 8006, token: { id: 'me@pve!mine', secret: { env: 'MINE' } } }
    assert.equal(await held(fakeCluster({}), testSite({ nodes: [{ ...node, api }] })), true)
  })

  it('is absent where its user is', async () => {
    assert.equal(await resource.observe(fakeCluster({}).outside), undefined)
  })

  it('is absent where its user has none, or others', async () => {
    for (const tokens of [undefined, null, {}, { other: { privsep: 0 } }]) {
      assert.equal(await resource.observe(fakeCluster({ [USER]: { enable: 1, tokens } }).outside), undefined)
    }
  })

  it('one that is there stays, with or without its secret', async () => {
    const cluster = fakeCluster({ [USER]: { tokens: { other: { privsep: 1 }, orion: { privsep: 0 } } } })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
  })

  it('gets the rights of its user', async () => {
    for (const orion of [{ privsep: 1 }, {}]) {
      const cluster = fakeCluster({ [USER]: { tokens: { orion } } })
      const have = await resource.observe(cluster.outside)
      assert.ok(have)
      assert.deepEqual(resource.diff(have), [{ field: 'privsep', have: 'yes', want: 'no' }])
      await resource.update(cluster.outside, have, cluster.note)
      assert.deepEqual(cluster.writes(), ['PUT /access/users/orion@pve/token/orion privsep=false'])
    }
  })

  const there = { [USER]: { tokens: { orion: { privsep: 0 } } } }
  const made = { [POST]: { 'full-tokenid': 'orion@pve!orion', value: 'c0ffee' } }
  const renewing = apiToken(testSite(), 'Lab', 'n1', { renew: true })

  it('one whose secret is kept is as wanted where that is asked; one whose is not, is a problem', async () => {
    const { outside } = fakeCluster(there)
    const look = async (id: string | undefined) =>
      resource.diff(await resource.observe({ ...outside, kept: async () => id }))
    assert.deepEqual(await look('orion@pve!orion'), [])
    for (const id of [undefined, 'me@pve!mine']) {
      const [difference, ...rest] = await look(id)
      assert.deepEqual(rest, [])
      assert.ok(difference?.immutable)
      assert.match(difference.hint ?? '', /orion bootstrap access --renew/)
    }
  })

  it('names the cluster where there are others, whose secrets may be well kept', async () => {
    const clusters = ['Lab', 'Other'].map((name) => ({ name, isp: [] }))
    const { outside } = fakeCluster(there)
    const one = apiToken(testSite({ clusters }), 'Lab', 'n1')
    const [difference] = one.diff(await one.observe({ ...outside, kept: async () => undefined }))
    assert.match(difference?.hint ?? '', /orion bootstrap access --renew --node n1 \(/)
  })

  for (const id of ['orion@pve!orion', undefined]) {
    it(`is made anew on request, ${id ? 'kept or' : 'not kept'}, and only once`, async () => {
      const cluster = fakeCluster({ ...there, ...made })
      const outside = { ...cluster.outside, kept: async () => id }
      const have = await renewing.observe(outside)
      assert.ok(have)
      assert.deepEqual(
        renewing.diff(have).map(({ field, want, immutable }) => [field, want, immutable]),
        [['secret', 'a new one', undefined]],
      )
      await renewing.update(outside, have, cluster.note)
      assert.deepEqual(cluster.writes(), [
        'DELETE /access/users/orion@pve/token/orion',
        `${POST} privsep=false comment=orion`,
      ])
      assert.deepEqual(cluster.kept, [{ cluster: 'Lab', id: 'orion@pve!orion', secret: 'c0ffee' }])
      assert.deepEqual(renewing.diff(await renewing.observe(outside)), [])
    })
  }

  it('is not asked about by itself', async () => {
    const cluster = fakeCluster({}, { who: 'orion@pve!orion' })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
    assert.deepEqual(cluster.calls, [])
  })
})
