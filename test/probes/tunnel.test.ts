// What a link of the mesh is judged by.
import assert from 'node:assert/strict'
import { type SeenTunnel, tunnel } from '../../src/probes/tunnel.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

const FRESH: SeenTunnel = {
  silent: [],
  state: 'fresh',
  handshakeSeconds: 42,
  psk: 'ml-kem-768',
  isRotating: false,
  sessions: [],
}

const ROWS: readonly [title: string, seen: Partial<SeenTunnel>, state: string, text: RegExp, hint?: RegExp][] = [
  ['fresh on both ends', {}, 'ok', /^fresh \(42 s\), ml-kem-768$/],
  ['classical', { psk: 'classical' }, 'warning', /42 s.*classical/, /OpenSSL 3\.5.*orion mesh rotate a~b/],
  ['a foreign key', { psk: 'unknown' }, 'warning', /not ours/, /orion mesh rotate a~b/],
  ['an open rotation', { isRotating: true }, 'warning', /rotation is open/, /orion mesh rotate a~b/],
  ['a drain that stands', { drainedBy: ['a'] }, 'warning', /drained by a, and no rotation is open/, /orion mesh apply/],
  ['two preshared keys', { state: 'psk' }, 'failed', /do not share a preshared key/, /orion mesh rotate a~b/],
  ['old', { state: 'stale', handshakeSeconds: 400 }, 'failed', /too old \(400 s\)/, /status/],
  ['never', { state: 'never' }, 'failed', /never a handshake/, /status/],
  ['nothing comes back', { state: 'silent' }, 'failed', /nothing comes back/, /status/],
  ['not there', { state: 'absent' }, 'failed', /not there/, /orion mesh plan/],
  ['down', { state: 'down' }, 'failed', /down/, /orion mesh plan/],
  ['other keys', { state: 'keys' }, 'failed', /keys of each other/, /orion mesh plan/],
  ['no session', { sessions: ['a: Active'] }, 'failed', /no routes: BGP of a: Active/, /status/],
  ['one end is silent', { silent: ['b'] }, 'unknown', /^b does not answer$/, /status/],
  ['both ends are silent', { silent: ['a', 'b'], state: 'unknown' }, 'unknown', /^neither end answers$/, /status/],
]

describe('probes/tunnel', () => {
  for (const [title, seen, state, text, hint] of ROWS)
    it(title, async () => {
      const probe = tunnel({ link: 'a~b', postQuantum: true }, async () => ({ ...FRESH, ...seen }))
      assert.equal(probe.id, 'tunnel:a~b')
      const result = await probe.run(fakeCluster({}).outside)
      assert.equal(result.state, state)
      assert.match(result.seen, text)
      assert.match(result.hint ?? '', hint ?? /^$/)
    })

  it('classical is told also where nobody asks for more', async () => {
    const seen: SeenTunnel = { ...FRESH, psk: 'classical' }
    const result = await tunnel({ link: 'a~b', postQuantum: false }, async () => seen).run(fakeCluster({}).outside)
    assert.deepEqual([result.state, result.expected], ['warning', 'a fresh handshake on both ends'])
    assert.match(result.hint ?? '', /mesh\.postQuantum/)
  })
})
