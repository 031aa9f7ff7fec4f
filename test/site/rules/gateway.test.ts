import assert from 'node:assert/strict'
import { gateways } from '../../../src/site/rules/gateway.ts'
import { network, node, site, vm } from '../site-builder.ts'

const lan = (parts = {}) => network('lan', { bridge: 'vmbr0', ipv4: '10.0.0.0/24', ...parts })
const wanted = (what: object) => gateways(site(what)).map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('site/rules/gateway', () => {
  it('a guest takes the gateway of its network', () => {
    const guests = [vm('a', 100, { lan: '10.0.0.1/24' })]
    const says = [
      'guests.a.nics.lan: 10.0.0.1 is the gateway of network lan: if a is that router, say networks.lan.router: a',
    ]
    assert.deepEqual(wanted({ networks: [lan({ gateway: '10.0.0.1' })], guests }), says)
    assert.deepEqual(wanted({ networks: [lan()], nodes: [node('pve', { gateway: '10.0.0.1' })], guests }), says)
  })

  it('a router may, another address may, and a gateway elsewhere does not count', () => {
    const guests = [vm('a', 100, { lan: '10.0.0.1/24' })]
    assert.deepEqual(wanted({ networks: [lan({ gateway: '10.0.0.1', router: 'a' })], guests }), [])
    assert.deepEqual(wanted({ networks: [lan({ gateway: '10.0.0.254' })], guests }), [])
    assert.deepEqual(wanted({ networks: [lan()], nodes: [node('pve', { gateway: '192.168.1.1' })], guests }), [])
  })
})
