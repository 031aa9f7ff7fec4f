// Jobs that nobody wants any more are told, with what removes them.
import assert from 'node:assert/strict'
import { noLeftJobs } from '../../src/probes/no-left-jobs.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

describe('probes/no-left-jobs', () => {
  const run = (...jobs: { id: string; kind: string; command: string }[]) =>
    noLeftJobs('site', async () => ({ jobs })).run(fakeCluster({}).outside)

  it('none', async () => assert.equal((await run()).state, 'ok'))

  it('says what it could not look at, and expects nothing of it', async () => {
    const found = await noLeftJobs('site', async () => ({ jobs: [], unseen: true })).run(fakeCluster({}).outside)
    assert.match(found.expected, /^no replication job /)
    assert.match(found.seen, /^none; backup jobs are not looked at/)
  })

  it('one, with what removes it', async () => {
    const found = await run({ id: '100-0', kind: 'replication', command: 'pvesr delete 100-0' })
    assert.deepEqual([found.state, found.seen], ['warning', 'replication 100-0'])
    assert.match(found.hint ?? '', /pvesr delete 100-0$/)
  })
})
