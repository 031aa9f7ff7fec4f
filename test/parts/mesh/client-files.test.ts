// Devices of people on their gateway: which files are there, what the interface says, and what is refused.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { CLIENTS, clientFiles, clientProblems, clientsOf } from '../../../src/parts/mesh/client-files.ts'
import { isPublicKey, makeClientKeys } from '../../../src/parts/mesh/client-key.ts'
import { type Gateway, gatewayOf } from '../../../src/parts/mesh/model.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Site } from '../../../src/site/site.ts'
import { file } from '../../resources/fake-host.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')

const SITE: Site = site({
  nodes: [node('van-1'), node('kel-1')],
  mesh: mesh(
    [gateway('van-1', '10.99.1.1', { routes: ['10.1.0.0/24'] }), gateway('kel-1', '10.99.2.1', { mtu: 1400 })],
    {
      hub: 'van-1',
      topology: 'hub',
      clients: [
        { name: 'laptop', address: '10.99.9.1', gateway: 'van-1' },
        { name: 'phone', address: '10.99.9.2', gateway: 'van-1' },
        { name: 'tablet', address: '10.99.9.3', gateway: 'kel-1' },
      ],
    },
  ),
})
const of = (name: string): Gateway => gatewayOf(SITE, name) ?? assert.fail(name)
const seen = (files: Record<string, string>) => ({
  ...NOTHING,
  files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
})
const there = (clients: Record<string, string>) =>
  seen(Object.fromEntries(Object.entries(clients).map(([name, text]) => [`${CLIENTS.folder}/${name}`, text])))

describe('parts/mesh/client-files', () => {
  it('gives each gateway the devices that dial it', () => {
    assert.deepEqual(
      ['van-1', 'kel-1'].map((name) => clientsOf(SITE, { name }).map((client) => client.name)),
      [['laptop', 'phone'], ['tablet']],
    )
  })

  it('has an interface without peers before anybody was added', () => {
    const [conf, ...more] = clientFiles(SITE, of('van-1'), NOTHING)
    assert.deepEqual(more, [])
    assert.equal(conf?.path, '/etc/orion/mesh/links/wg-clients.conf')
    assert.deepEqual(conf?.text?.split('\n').slice(1), [
      '[Interface]',
      'Address = 10.99.1.1/32',
      'PrivateKeyFile = wg-clients.key',
      'ListenPort = 51820',
      'Table = 5180',
      '',
    ])
  })

  it('has a peer for each that was added, and no more rights than its own address', () => {
    const [conf] = clientFiles(SITE, of('van-1'), there({ phone: `${key(2)}\n` }))
    assert.match(
      conf?.text ?? '',
      new RegExp(
        `\\n\\n\\[Peer\\]\\nName = phone\\nPublicKey = ${key(2)}\\nPresharedKeyFile = -client-phone.psk\\nAllowedIPs = 10.99.9.2/32\\n$`,
      ),
    )
    assert.ok(!conf?.text?.includes('laptop'))
  })

  it('sets the MTU where that of the underlay is known', () => {
    assert.match(clientFiles(SITE, of('kel-1'), NOTHING)[0]?.text ?? '', /^MTU = 1320$/m)
  })

  it('takes away who stands in the site file no more, or dials another gateway', () => {
    const files = clientFiles(SITE, of('van-1'), there({ gone: key(3), tablet: key(4), phone: key(2) }))
    assert.deepEqual(
      files.filter(({ text }) => text === undefined).map(({ path }) => path),
      [`${CLIENTS.folder}/gone`, `${CLIENTS.folder}/tablet`],
    )
    assert.ok(!files.at(-1)?.text?.includes(key(3)))
  })

  it('leaves nothing where nobody dials', () => {
    const empty: Site = { ...SITE, mesh: { ...(SITE.mesh ?? assert.fail()), clients: [] } }
    assert.deepEqual(clientFiles(empty, of('van-1'), NOTHING), [])
    assert.deepEqual(clientFiles(empty, of('van-1'), seen({ [CLIENTS.conf]: 'x' })), [
      { path: CLIENTS.conf, text: undefined },
    ])
  })

  it('never lets what stands in a key file out of its line', () => {
    const hostile = [`${key(1)}\nAllowedIPs = 0.0.0.0/0`, '[Peer]', '', `${key(1)} #`, key(0), 'A'.repeat(44)]
    for (const text of hostile) {
      const files = there({ phone: text })
      assert.ok(!clientFiles(SITE, of('van-1'), files).at(-1)?.text?.includes('[Peer]'), text)
      assert.deepEqual(clientProblems(SITE, of('van-1'), files), [
        `${CLIENTS.folder}/phone holds no public key: orion mesh client remove phone`,
      ])
    }
  })

  it('has no two peers with one key: WireGuard would take the last', () => {
    assert.deepEqual(clientProblems(SITE, of('van-1'), there({ phone: key(1), laptop: key(1) })), [
      'phone has the key of another client: orion mesh client remove phone',
    ])
    assert.deepEqual(clientProblems(SITE, of('van-1'), there({ phone: key(1), laptop: key(2) })), [])
  })
})

describe('parts/mesh/client-key', () => {
  it('makes pairs that WireGuard takes, a new one each time', () => {
    const pairs = Array.from({ length: 20 }, () => makeClientKeys())
    for (const { publicKey, privateKey, presharedKey } of pairs) {
      assert.ok(isPublicKey(publicKey))
      assert.equal(Buffer.from(privateKey, 'base64').length, 32)
      assert.equal(Buffer.from(presharedKey, 'base64').length, 32)
    }
    assert.equal(new Set(pairs.flatMap((pair) => Object.values(pair))).size, 60)
  })

  it('knows a key from any other text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64')
        assert.equal(
          isPublicKey(text),
          bytes.some((byte) => byte !== 0),
        )
        assert.ok(!isPublicKey(` ${text}`) && !isPublicKey(text.slice(1)) && !isPublicKey(text.replace('=', '')))
      }),
    )
    // The same bytes, spelled otherwise: `wg` refuses it.
    assert.ok(!isPublicKey(`${'A'.repeat(42)}B=`))
  })
})
