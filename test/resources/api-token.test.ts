// The token: its secret is told once, kept, and never said anywhere.
import assert from 'node:assert/strict'
import { apiToken } from '../../src/resources/api-token.ts'
import { fakeCluster } from './fake-cluster.ts'
import { testSite } from './test-site.ts'

const LIST = 'GET /access/users/orion@pve/token'
const POST = 'POST /access/users/orion@pve/token/orion'
const resource = apiToken(testSite(), 'Lab', 'n1')

describe('resources/api-token', () => {
  it('is created with the rights of its user, and its secret is kept', async () => {
    const secret = 'c0ffee00-1111-4222-8333-444444444444'
    const cluster = fakeCluster({
      [LIST]: [],
      [POST]: { 'full-tokenid': 'orion@pve!orion', value: secret, info: { privsep: '0' } },
    })
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), [`${POST} privsep=false comment=orion`])
    assert.deepEqual(cluster.kept, [{ cluster: 'Lab', id: 'orion@pve!orion', secret }])
    assert.ok(!JSON.stringify([cluster.news, resource.diff(undefined)]).includes(secret))
  })

  it('is absent where its user is', async () => {
    assert.equal(await resource.observe(fakeCluster({}).outside), undefined)
  })

  it('one that is there stays, with or without its secret', async () => {
    const cluster = fakeCluster({ [LIST]: [{ tokenid: 'other' }, { tokenid: 'orion', privsep: 0 }] })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
  })

  it('gets the rights of its user', async () => {
    for (const token of [{ tokenid: 'orion', privsep: 1 }, { tokenid: 'orion' }]) {
      const cluster = fakeCluster({ [LIST]: [token] })
      const have = await resource.observe(cluster.outside)
      assert.ok(have)
      assert.deepEqual(resource.diff(have), [{ field: 'privsep', have: 'yes', want: 'no' }])
      await resource.update(cluster.outside, have, cluster.note)
      assert.deepEqual(cluster.writes(), ['PUT /access/users/orion@pve/token/orion privsep=false'])
    }
  })

  it('is not asked about by itself', async () => {
    const cluster = fakeCluster({}, { who: 'orion@pve!orion' })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
    assert.deepEqual(cluster.calls, [])
  })
})
