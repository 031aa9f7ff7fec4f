// Access on every cluster, in an order in which it can be made.
import assert from 'node:assert/strict'
import { getOrder } from '../../src/engine/order.ts'
import { access } from '../../src/parts/access.ts'
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
})
