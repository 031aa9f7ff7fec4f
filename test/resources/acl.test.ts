// The entry that gives the user its role.
import assert from 'node:assert/strict'
import { acl } from '../../src/resources/acl.ts'
import { fakeCluster } from './fake-cluster.ts'
import { testSite } from './test-site.ts'

const LIST = 'GET /access/acl'
const PUT = 'PUT /access/acl path=/ roles=Orion users=orion@pve propagate=true'
const ENTRY = { path: '/', type: 'user', ugid: 'orion@pve', roleid: 'Orion', propagate: 1 }
const resource = acl(testSite(), 'Lab', 'n1')

const ROWS: readonly { title: string; entries: readonly object[]; differences: readonly string[]; absent?: true }[] = [
  { title: 'as wanted', entries: [ENTRY], differences: [] },
  { title: 'none', entries: [], differences: ['on /'], absent: true },
  { title: 'on another path', entries: [{ ...ENTRY, path: '/vms' }], differences: ['on /'], absent: true },
  { title: 'another role', entries: [{ ...ENTRY, roleid: 'PVEAuditor' }], differences: ['on /'], absent: true },
  {
    title: 'of the token',
    entries: [{ ...ENTRY, type: 'token', ugid: 'orion@pve!orion' }],
    differences: ['on /'],
    absent: true,
  },
  { title: 'not propagated', entries: [{ ...ENTRY, propagate: 0 }], differences: ['propagate'] },
]

describe('resources/acl', () => {
  for (const { title, entries, differences, absent } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster({ [LIST]: entries })
      const have = await resource.observe(cluster.outside)
      assert.equal(have === undefined, absent === true)
      assert.deepEqual(
        resource.diff(have).map(({ field }) => field),
        differences,
      )
      if (differences.length === 0) return
      await (have === undefined
        ? resource.create(cluster.outside, cluster.note)
        : resource.update(cluster.outside, have, cluster.note))
      assert.deepEqual(cluster.writes(), [PUT])
    })
  }

  it("needs its role and its user, and is not asked about by orion's own token", async () => {
    assert.deepEqual(resource.needs, ['role:Lab/Orion', 'user:Lab/orion@pve'])
    const cluster = fakeCluster({}, { who: 'orion@pve!orion' })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
    assert.deepEqual(cluster.calls, [])
  })
})
