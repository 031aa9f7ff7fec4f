// Access on every cluster, in an order in which it can be made.
import assert from 'node:assert/strict'
import { getOrder } from '../../src/engine/order.ts'
import { access } from '../../src/parts/access.ts'
import { privilegesFor } from '../../src/resources/privileges.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'
import { testSite } from '../resources/test-site.ts'

describe('parts/access', () => {
  it('makes role, user, rights, token', () => {
    const resources = access.resources(testSite(), { restart: false })
    const ids = ['role:Lab/Orion', 'user:Lab/orion@pve', 'acl:Lab/orion@pve', 'token:Lab/orion@pve!orion']
    assert.deepEqual(
      getOrder(resources).map(({ id }) => id),
      ids,
    )
  })

  it('makes nothing on a cluster without nodes', () => {
    assert.deepEqual(access.resources(testSite({ nodes: [] }), { restart: false }), [])
  })

  it('proves role, user, rights, token, that its secret is held, and that it does not end', () => {
    assert.deepEqual(
      access.probes(testSite()).map(({ id }) => id),
      [
        'as-wanted:role:Lab/Orion',
        'as-wanted:user:Lab/orion@pve',
        'as-wanted:acl:Lab/orion@pve',
        'as-wanted:token:Lab/orion@pve!orion',
        'token-held:Lab/orion@pve!orion',
        'token-end:Lab/orion@pve!orion',
      ],
    )
  })

  it('is not green for an administrator where the rights were taken away', async () => {
    const cluster = fakeCluster({
      'GET /access/roles': [{ roleid: 'Orion', privs: privilegesFor(testSite(), 9).join(',') }],
      'GET /access/users/orion@pve': { enable: 1, tokens: { orion: { privsep: 0 } } },
      'GET /access/users': [{ userid: 'orion@pve', expire: 0, tokens: [{ tokenid: 'orion', expire: 0 }] }],
      'GET /access/acl': [],
    })
    const results = await Promise.all(access.probes(testSite()).map((probe) => probe.run(cluster.outside)))
    assert.deepEqual(
      results.map(({ state }) => state),
      ['ok', 'ok', 'failed', 'ok', 'warning', 'ok'],
    )
  })
})
