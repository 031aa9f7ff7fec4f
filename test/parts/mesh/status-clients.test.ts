// People's devices: who is here, who is away, and who was never added.
import assert from 'node:assert/strict'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { clientRemarks, clientRows } from '../../../src/parts/mesh/status-clients.ts'
import { fourGateways, looksOf } from './seen.ts'

describe('mesh/status-clients', () => {
  const looks = new Map(looksOf(getMesh(fourGateways()).gateways))
  const hub = looks.get('hub')
  assert.ok(hub)
  const peer = { publicKey: 'KEY', hasPsk: true, received: 0, sent: 0 }
  const clients = new Map([
    ['laptop', { ...peer, handshake: hub.now - 180, endpoint: '198.51.100.7:4242' }],
    ['tablet', { ...peer, handshake: hub.now - 181 }],
    ['phone', { ...peer, handshake: 0 }],
    ['watch', undefined],
  ])
  looks.set('hub', { ...hub, clients })
  looks.set('byp', undefined)
  const client = (name: string, gateway = 'hub') => ({ name, gateway, address: '10.99.9.9' })

  it('by the gateway that each dials', () => {
    const wanted = ['laptop', 'tablet', 'phone', 'watch', 'stranger'].map((name) => client(name))
    const rows = clientRows([...wanted, client('far', 'byp'), client('lost', 'nobody')], looks)
    assert.deepEqual(
      rows.map(({ client: name, state, handshakeSeconds, endpoint }) => [name, state, handshakeSeconds, endpoint]),
      [
        ['laptop', 'here', 180, '198.51.100.7:4242'],
        ['tablet', 'away', 181, undefined],
        ['phone', 'away', undefined, undefined],
        ['watch', 'away', undefined, undefined],
        ['stranger', 'new', undefined, undefined],
        ['far', 'unknown', undefined, undefined],
      ],
    )
    assert.deepEqual(clientRemarks(rows), [
      { kind: 'warning', text: 'not added yet: stranger', hint: 'orion mesh client add stranger --new-key' },
    ])
    assert.deepEqual(clientRemarks([]), [])
  })
})
