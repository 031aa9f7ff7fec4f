// A link of the mesh as both of its ends see it, row by row.
import assert from 'node:assert/strict'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { type LinkRow, linkRows } from '../../../src/parts/mesh/status.ts'
import { type Change, fourGateways, looksOf } from './seen.ts'

const QUANTUM = { postQuantum: { kem: 'ml-kem-768', required: true } } as const

describe('mesh/status', () => {
  const { gateways, links } = getMesh(fourGateways())
  const rowOf = (change: Change, silent: readonly string[] = [], mesh: object = QUANTUM): LinkRow | undefined =>
    linkRows(links, looksOf(gateways, change, silent), mesh).find(({ link }) => link === 'hub~spa')
  /** At one end of hub~spa only. */
  const at =
    (name: string, facts: ReturnType<Change>): Change =>
    ({ link, own }) =>
      link.id === 'hub~spa' && own.name === name ? facts : {}

  const rows: readonly [title: string, change: Change, wanted: Partial<LinkRow>][] = [
    ['both ends fresh', () => ({}), { state: 'fresh', handshakeSeconds: 15 }],
    ['the older of both counts', at('hub', { handshakeSeconds: 181 }), { state: 'stale', handshakeSeconds: 181 }],
    ['180 s are fresh', at('hub', { handshakeSeconds: 180 }), { state: 'fresh', handshakeSeconds: 180 }],
    ['a clock that was set back', at('hub', { handshakeSeconds: -30 }), { state: 'fresh', handshakeSeconds: 15 }],
    ['one end never had one', at('hub', { handshakeSeconds: undefined }), { state: 'never' }],
    ['fresh, and nothing comes back', at('spa', { received: 0 }), { state: 'silent' }],
    ['an interface that is down', at('spa', { state: 'down' }), { state: 'down' }],
    ['an interface that is not there', at('spa', { state: 'absent' }), { state: 'absent' }],
    ['a key that the other end does not expect', at('spa', { publicKey: 'another' }), { state: 'keys' }],
    ['a peer with a key of long ago', at('spa', { peerKey: 'another' }), { state: 'keys' }],
    ['two preshared keys', at('spa', { psk: 'ffff' }), { state: 'psk' }],
    ['a preshared key at one end', at('spa', { psk: undefined }), { state: 'psk' }],
    ['two, while they are changed', at('spa', { psk: 'ffff', isRotating: true }), { state: 'fresh', isRotating: true }],
  ]
  for (const [title, change, wanted] of rows)
    it(title, () => {
      const row = rowOf(change)
      const seen = Object.fromEntries(Object.keys(wanted).map((key) => [key, row?.[key as keyof LinkRow]]))
      assert.deepEqual(seen, wanted)
    })

  it('one end is enough, and the other one is named', () => {
    const row = rowOf(() => ({}), ['hub'])
    assert.deepEqual([row?.state, row?.silent, row?.ends.map(({ gateway }) => gateway)], ['fresh', ['hub'], ['spa']])
    assert.deepEqual(rowOf(() => ({}), ['hub', 'spa'])?.state, 'unknown')
  })

  it('is of the gateways that were asked alone', () => {
    const looks = new Map([...looksOf(gateways)].filter(([name]) => name === 'spa'))
    assert.deepEqual(
      linkRows(links, looks, QUANTUM).map(({ link, silent }) => [link, silent]),
      [
        ['byp~spa', []],
        ['hub~spa', []],
      ],
    )
  })

  it('tells keys by what is in force, and by the age of the older one', () => {
    const days = at('hub', { pskDays: 9 })
    assert.deepEqual(rowOf(days)?.psk, { kind: 'ml-kem-768', ageSeconds: 9 * 86_400, same: true })
    const none: Change = () => ({ psk: undefined })
    assert.deepEqual(rowOf(none, [], {})?.psk, { kind: 'classical', same: true })
    assert.equal(rowOf(none, [], {})?.state, 'fresh')
  })

  it('what each end measured', () => {
    const row = rowOf(at('spa', { received: 4, rttMs: 12.5, inner: 1380, bgp: 'Active' }))
    assert.deepEqual(
      row?.ends.find(({ gateway }) => gateway === 'spa'),
      {
        gateway: 'spa',
        peer: 'hub',
        interface: 'wg-hub',
        handshakeSeconds: 15,
        endpoint: '203.0.113.1:51823',
        mtu: { set: 1420, inner: 1380 },
        lossPercent: 20,
        rttMs: 12.5,
        bgp: 'Active',
        bfd: 'Up',
        error: 'Socket: Connection refused',
        listenPort: 51821,
      },
    )
  })
})
