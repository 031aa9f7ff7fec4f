// Pools that guests name.
import assert from 'node:assert/strict'
import { pool } from '../../src/resources/pool.ts'
import { fakeCluster } from './fake-cluster.ts'
import { testSite } from './test-site.ts'

const resource = pool(testSite(), 'Lab', 'n1', 'prod')

describe('resources/pool', () => {
  it('is created where it is absent', async () => {
    const cluster = fakeCluster({ 'GET /pools': [{ poolid: 'other' }] })
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), ['POST /pools poolid=prod comment=orion: Lab'])
  })

  it('is as wanted, whatever its comment', async () => {
    const cluster = fakeCluster({ 'GET /pools': [{ poolid: 'prod', comment: 'by hand' }] })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
  })
})
