// The user of the token.
import assert from 'node:assert/strict'
import { user } from '../../src/resources/user.ts'
import { fakeCluster } from './fake-cluster.ts'
import { testSite } from './test-site.ts'

const GET = 'GET /access/users/orion@pve'
const resource = user(testSite(), 'Lab', 'n1')

describe('resources/user', () => {
  it('is created', async () => {
    const cluster = fakeCluster({})
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), ['POST /access/users userid=orion@pve comment=orion'])
  })

  it('is enabled again', async () => {
    const cluster = fakeCluster({ [GET]: { enable: 0 } })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    assert.deepEqual(resource.diff(have), [{ field: 'enabled', have: 'no', want: 'yes' }])
    await resource.update(cluster.outside, have, cluster.note)
    assert.deepEqual(cluster.writes(), ['PUT /access/users/orion@pve enable=true'])
  })

  it('is as wanted, also where only its token asks', async () => {
    const answers = { [GET]: { enable: 1, tokens: {} } }
    for (const cluster of [fakeCluster(answers), fakeCluster({}, { who: 'orion@pve!orion' })]) {
      assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
    }
  })
})
