// A link's preshared key as a resource: what the plan says of it, and that it is there before the link is up.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Outside } from '../../src/resource.ts'
import { meshPsk } from '../../src/resources/mesh-psk.ts'
import { parseLook } from '../../src/resources/mesh-psk-look.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { linkOf, type PskHost, pskHost, removeHosts } from '../parts/mesh/psk-stage.ts'

const WANT = [{ field: 'preshared key', want: 'ml-kem-768' }]
const note = () => undefined

describe('resources/mesh-psk', function () {
  this.timeout(60_000)
  let hosts: PskHost[] = []
  before(async function () {
    await withDaemons(this)
  })
  afterEach(() => removeHosts(...hosts.splice(0)))

  const make = async (versions: readonly ['2.0.12' | '2.17', '2.17'], required = true) => {
    hosts = await Promise.all([pskHost('van', { version: versions[0] }), pskHost('kel', { version: versions[1] })])
    const [a, b] = hosts as [PskHost, PskHost]
    const outside = {
      host: async (name: string) => (name === 'van' ? a.host : b.host),
      signal: new AbortController().signal,
    } as unknown as Outside
    return { a, b, outside, resource: meshPsk({ link: linkOf(a, b, { required }) }) }
  }

  it('is new, is made on both ends, and then as wanted', async () => {
    const { a, b, outside, resource } = await make(['2.17', '2.17'])
    assert.deepEqual(
      [resource.id, resource.needs],
      ['mesh-psk:van~kel/psk', ['mesh-keys:van/links', 'mesh-keys:kel/links']],
    )
    assert.equal(await resource.observe(outside), undefined)
    assert.deepEqual(resource.diff(undefined), WANT)
    await resource.create(outside, note)
    const have = await resource.observe(outside)
    assert.deepEqual(have && resource.diff(have), [])
    assert.equal(a.file('keys/wg-peer.psk'), b.file('keys/wg-peer.psk'))
    // Again: nothing new is made.
    const psk = a.file('keys/wg-peer.psk')
    await resource.create(outside, note)
    assert.equal(a.file('keys/wg-peer.psk'), psk)
  })

  it('mends one that is on one end only, and one that is not the same', async () => {
    const { a, b, outside, resource } = await make(['2.17', '2.17'])
    await resource.create(outside, note)
    for (const [command, have] of [
      ['rm "$TEST_DIR"/etc/keys/wg-peer.psk', 'on one end only'],
      ['wg genpsk >"$TEST_DIR"/etc/keys/wg-peer.psk', 'not the same on both ends'],
    ] as const) {
      await b.host.run(['sh', '-c', command])
      for (const one of [a, b]) one.host.forget()
      const seen = await resource.observe(outside)
      assert.ok(seen)
      assert.deepEqual(resource.diff(seen), [{ field: 'preshared key', have, want: 'ml-kem-768' }])
      await resource.update(outside, seen, note)
      const after = await resource.observe(outside)
      assert.deepEqual(after && resource.diff(after), [])
    }
  })

  it('is an error of the plan where a host has OpenSSL 3.0, which says what it needs', async () => {
    const { outside, resource } = await make(['2.0.12', '2.17'])
    await assert.rejects(resource.observe(outside), (error: unknown) => {
      assert.ok(error instanceof OrionError && error.code === 'E_HOST_FACTS')
      assert.match(
        error.message,
        /van has OpenSSL 3\.0\.\d+, and ML-KEM-768 needs 3\.5 or newer: Debian 13 or Proxmox VE 9; .*required: false/,
      )
      return true
    })
  })

  it('is a difference of a link that is up without one, where no OpenSSL is there yet and one is required', () => {
    const { states } = parseLook('openssl=- kem=no watch=no\nwg-a interface=up old=- new=-\n')
    const state = states.get('wg-a')
    assert.ok(state)
    const have = { states: [state, state], isAble: false } as const
    const diff = (required: boolean) => {
      const end = { host: 'van', interface: 'wg-a', look: { commands: {} } }
      return meshPsk({ link: { id: 'a~b', site: 's', ends: [end, end], program: '', required } }).diff(have)
    }
    assert.deepEqual(diff(true), [{ field: 'preshared key', have: 'none', want: 'ml-kem-768' }])
    assert.deepEqual(diff(false), [])
  })

  it('leaves the link without where that is allowed', async () => {
    const { a, outside, resource } = await make(['2.0.12', '2.17'], false)
    const have = await resource.observe(outside)
    assert.deepEqual(have && resource.diff(have), [])
    assert.equal(a.file('keys/wg-peer.psk'), undefined)
  })

  it('reads what the program says, and takes nothing for more than it is', () => {
    const none = { isUp: false, isPairOpen: false, live: 'new', handshake: 0, now: 0 }
    const rows: readonly (readonly [string, object])[] = [
      ['', {}],
      ['openssl=- kem=no watch=no\n', {}],
      ['x\nwg-a\n', { 'wg-a': none }],
      [
        'openssl=3.5.7 kem=yes\nwg-a interface=up kind=ml-kem-768 at=5 id=aa old=none new=- key=k= peer=p= pair=open live=old applied=7 handshake=6 now=9\n',
        {
          'wg-a': {
            ...none,
            ...{
              isUp: true,
              kind: 'ml-kem-768',
              at: 5,
              id: 'aa',
              old: 'none',
              key: 'k=',
              peer: 'p=',
              isPairOpen: true,
            },
            ...{ live: 'old', applied: 7, handshake: 6, now: 9 },
          },
        },
      ],
    ]
    for (const [text, wanted] of rows) assert.deepEqual(Object.fromEntries(parseLook(text).states), wanted, text)
    assert.deepEqual(
      [parseLook('openssl=3.0.1 kem=no').openssl, parseLook('openssl=- kem=no').openssl],
      ['3.0.1', undefined],
    )
  })
})
