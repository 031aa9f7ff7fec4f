// The role: read and set by an administrator; only judged by orion's own token.
import assert from 'node:assert/strict'
import { privilegesFor } from '../../src/resources/privileges.ts'
import { role } from '../../src/resources/role.ts'
import { fakeCluster } from './fake-cluster.ts'
import { testGuest, testSite } from './test-site.ts'

// A privileged container: what it needs is not the same on 8 and 9.
const SITE = testSite({ guests: [testGuest(), testGuest({ kind: 'ct', vmid: 101, unprivileged: false })] })
const WANT = privilegesFor(SITE, 9)
const OWN = { who: 'orion@pve!orion' }
const ROLES = 'GET /access/roles'
const RIGHTS = 'GET /access/permissions'

const resource = role(SITE, 'Lab', 'n1')

describe('resources/role', () => {
  it('is created with what this version knows', async () => {
    for (const [version, major] of [
      ['9.1.4', 9],
      ['8.4.1', 8],
    ] as const) {
      const cluster = fakeCluster({ [ROLES]: [] }, { version })
      assert.equal(await resource.observe(cluster.outside), undefined)
      assert.deepEqual(resource.diff(undefined), [{ field: 'privileges', want: privilegesFor(SITE, major).join(',') }])
      await resource.create(cluster.outside, cluster.note)
      assert.deepEqual(cluster.writes(), [
        `POST /access/roles roleid=Orion privs=${privilegesFor(SITE, major).join(',')}`,
      ])
    }
  })

  it('is exactly what the site needs: neither less nor more', async () => {
    for (const privs of [WANT.slice(1), [...WANT, 'Permissions.Modify'], []]) {
      const cluster = fakeCluster({ [ROLES]: [{ roleid: 'Orion', privs: privs.join(',') }] })
      const have = await resource.observe(cluster.outside)
      assert.ok(have)
      assert.deepEqual(
        resource.diff(have).map(({ field, immutable }) => [field, immutable]),
        [['privileges', undefined]],
      )
      await resource.update(cluster.outside, have, cluster.note)
      assert.deepEqual(cluster.writes(), [`PUT /access/roles/Orion privs=${WANT.join(',')}`])
    }
  })

  it('is as wanted in any order', async () => {
    const cluster = fakeCluster({ [ROLES]: [{ roleid: 'Orion', privs: [...WANT].reverse().join(',') }] })
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
  })

  it('as its own token: enough rights are enough, whatever gives them', async () => {
    const all = Object.fromEntries([...WANT, 'More.Than.That'].map((one) => [one, 1]))
    const cluster = fakeCluster({ [RIGHTS]: { '/': all, '/vms': {} } }, OWN)
    assert.deepEqual(resource.diff(await resource.observe(cluster.outside)), [])
    assert.deepEqual(cluster.calls, [RIGHTS])
  })

  it('as its own token: missing rights name what an administrator has to do', async () => {
    const some = Object.fromEntries(WANT.slice(2).map((one) => [one, 1]))
    const cluster = fakeCluster({ [RIGHTS]: { '/': some } }, OWN)
    const [difference, ...rest] = resource.diff(await resource.observe(cluster.outside))
    assert.equal(difference?.want, WANT.slice(0, 2).join(', '))
    assert.equal(difference?.immutable, true)
    assert.match(difference?.hint ?? '', /orion bootstrap access/)
    assert.deepEqual(rest, [])
  })

  it('as its own token: a right that does not reach below / is missing', async () => {
    const all = Object.fromEntries(WANT.map((one) => [one, 0]))
    const cluster = fakeCluster({ [RIGHTS]: { '/': all } }, OWN)
    assert.equal(resource.diff(await resource.observe(cluster.outside))[0]?.want, WANT.join(', '))
  })
})
