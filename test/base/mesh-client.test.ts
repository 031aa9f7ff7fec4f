// orion mesh client add and remove against a gateway: what it gets and keeps, what is printed once, and what is refused before that.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Add, addClient, removeClient } from '../../src/base/mesh-client.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'
import { clientWay } from '../../src/parts/mesh/client.ts'
import { CLIENTS } from '../../src/parts/mesh/client-files.ts'
import { makeClientKeys } from '../../src/parts/mesh/client-key.ts'
import { MESH_PROGRAM } from '../../src/parts/mesh/link-paths.ts'
import type { Site } from '../../src/site/site.ts'
import { type FakeHost, fakeHost, type HostState } from '../resources/fake-host.ts'
import { gateway, mesh, node, site } from '../site/site-builder.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const OWN = key(200)
const SITE: Site = site({
  nodes: [node('van-1'), node('kel-1')],
  mesh: mesh([gateway('van-1', '10.99.1.1', { routes: ['10.1.0.0/24'] }), gateway('kel-1', '10.99.2.1')], {
    clients: ['laptop', 'phone'].map((name, at) => ({ name, address: `10.99.9.${at + 1}`, gateway: 'van-1' })),
  }),
})
const PSK = '/etc/orion/mesh/keys/client-phone.psk'

/** A gateway on which `orion-mesh sync` puts the file in force. */
function gatewayHost(more: Parameters<typeof fakeHost>[0] = {}): FakeHost {
  let peers: (readonly [string, string])[] = []
  const sync = (_: readonly string[], { files }: HostState) => {
    const text = files.get(CLIENTS.conf)?.text ?? ''
    peers = [...text.matchAll(/PublicKey = (\S+)\n(?:.*\n)*?AllowedIPs = (\S+)/g)].map(([, a = '', b = '']) => [a, b])
    return ''
  }
  const tidy = (_: readonly string[], { files }: HostState) => {
    for (const path of [...files.keys()]) {
      const [, name] = /keys\/client-(.+)\.psk$/.exec(path) ?? []
      if (name && !files.has(`${CLIENTS.folder}/${name}`)) files.delete(path)
    }
    return ''
  }
  return fakeHost({
    name: 'van-1',
    files: { [MESH_PROGRAM]: '#!/bin/sh\n', [CLIENTS.conf]: '[Interface]\n', ...more.files },
    programs: {
      'node-name': 'van-1\n',
      'mesh-public': `wg-clients ${OWN}\n`,
      'mesh-clients-peers': () => peers.map(([public_, cidr]) => `${public_}\t${cidr}\n`).join(''),
      [MESH_PROGRAM]: sync,
      'orion-mesh-client-tidy': tidy,
      ...more.programs,
    },
    ...(more.fail ? { fail: more.fail } : {}),
  })
}

describe('base/mesh-client', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const talk = ({ outside }: FakeHost, of = SITE) => ({
    session: { site: of, outside, dir: join(dir, 'locks'), lab: false, screen: {} } as unknown as Session,
    json: true,
  })
  const wish = (more: Partial<Add>): Add => ({
    name: 'phone',
    yes: true,
    psk: false,
    way: clientWay,
    makeKeys: makeClientKeys,
    ...more,
  })
  const add = async (host: FakeHost, more: Partial<Add> = {}, of = SITE) =>
    (await addClient(talk(host, of), wish(more))).document as Record<string, string>
  const remove = (host: FakeHost, name = 'phone') => removeClient(talk(host), wish({ name }))
  const refused = async (code: string, message: RegExp, work: Promise<unknown>) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof OrionError && error.code === code, String(error))
      assert.match([error.message, ...error.suggestions].join('\n'), message)
      return true
    })

  it('lets a device in by its own key: a peer with its address and nothing else', async () => {
    const host = gatewayHost()
    const document = await add(host, { 'public-key': key(1) })
    assert.equal(host.files.get(`${CLIENTS.folder}/phone`)?.text, `${key(1)}\n`)
    assert.match(host.files.get(CLIENTS.conf)?.text ?? '', /Name = phone\n.*\n.*\nAllowedIPs = 10\.99\.9\.2\/32\n$/)
    assert.match(document.configuration ?? '', /^# PrivateKey/m)
    assert.match(document.configuration ?? '', new RegExp(`^PublicKey = ${OWN}$`, 'm'))
    assert.equal(host.files.has(PSK), false)
    assert.deepEqual(
      host.calls.filter((call) => /change|activate/.test(call)),
      ['change mesh-client-phone', `activate ${MESH_PROGRAM} sync`],
    )
  })

  it('makes a key here on request: it fits, goes out once, and the gateway has only what it needs', async () => {
    const host = gatewayHost()
    const { configuration = '', publicKey = '' } = await add(host, { 'new-key': true } as never)
    const [, privateKey = ''] = /^PrivateKey = (\S+)$/m.exec(configuration) ?? []
    const [, presharedKey = ''] = /^PresharedKey = (\S+)$/m.exec(configuration) ?? []
    assert.equal(publicOf(privateKey), publicKey)
    assert.equal(host.files.get(`${CLIENTS.folder}/phone`)?.text, `${publicKey}\n`)
    assert.equal(host.files.get(PSK)?.text, `${presharedKey}\n`)
    assert.equal(host.files.get(PSK)?.mode, 0o600)
    // Neither is in a program's arguments, in the guard's files, or anywhere else on the gateway.
    const rest = JSON.stringify([host.calls, host.changes, host.news, [...host.files].filter(([path]) => path !== PSK)])
    for (const secret of [privateKey, presharedKey]) assert.ok(secret.length === 44 && !rest.includes(secret))
  })

  it('writes a file that only its owner reads, and then says nothing of the keys', async () => {
    const out = join(dir, 'phone.conf')
    const document = await add(gatewayHost(), { out })
    assert.equal(statSync(out).mode & 0o777, 0o600)
    assert.match(readFileSync(out, 'utf8'), /^PrivateKey = \S{44}$/m)
    assert.deepEqual([document.out, document.configuration], [out, undefined])
  })

  it('puts a preshared key beside a key of the device where it is asked for', async () => {
    const host = gatewayHost()
    const { configuration = '' } = await add(host, { 'public-key': key(1), psk: true })
    assert.equal(`${/^PresharedKey = (\S+)$/m.exec(configuration)?.[1]}\n`, host.files.get(PSK)?.text)
  })

  it('takes a device out, with its preshared key', async () => {
    const host = gatewayHost()
    await add(host)
    await add(host, { name: 'laptop', 'public-key': key(7) })
    await remove(host)
    assert.equal(host.files.has(`${CLIENTS.folder}/phone`), false)
    assert.equal(host.files.has(PSK), false)
    assert.match(host.files.get(CLIENTS.conf)?.text ?? '', /Name = laptop/)
    assert.ok(!host.files.get(CLIENTS.conf)?.text.includes('phone'))
    const again = await remove(host)
    assert.equal(again.exit, 0)
  })

  it('leaves no trace of a device that the gateway could not let in', async () => {
    const host = gatewayHost({ programs: { 'mesh-clients-peers': '' } })
    const out = join(dir, 'phone.conf')
    await refused('E_ROLLED_BACK', /10\.99\.9\.2\/32 does not lead to phone/, add(host, { out }))
    assert.deepEqual(
      [existsSync(out), host.files.has(PSK), host.files.has(`${CLIENTS.folder}/phone`)],
      [false, false, false],
    )
  })

  it('clears up what a run that was killed left behind', async () => {
    const host = gatewayHost({ files: { '/etc/orion/mesh/keys/client-phone.psk': `${key(9)}\n` } })
    await add(host, { 'public-key': key(1) })
    assert.equal(host.files.has(PSK), false)
  })

  describe('before anything is changed', () => {
    const untouched = (host: FakeHost) =>
      assert.ok(
        host.calls.every((call) => !/^(change|write)/.test(call)),
        host.calls.join(),
      )

    it('wants a line in the site file, and tells it with the next free address', async () => {
      const host = gatewayHost()
      await refused('E_USAGE', /clients: watch: \{ address: 10\.99\.9\.3 \}/, add(host, { name: 'watch' }))
      await refused('E_USAGE', /next orion mesh apply/, removeClient(talk(host), wish({ name: 'watch' })))
      await refused('E_USAGE', /has no mesh/, add(host, {}, site()))
      untouched(host)
    })

    it('adds nobody twice', async () => {
      const host = gatewayHost({ files: { [`${CLIENTS.folder}/phone`]: `${key(1)}\n` } })
      await refused('E_USAGE', /phone is a client of van-1 already.*\n.*mesh client remove phone/, add(host))
      untouched(host)
    })

    for (const [what, wrong, message] of [
      ['no key', 'AAAA', /44 signs/],
      ['a key with more behind it', `${key(1)}\nAllowedIPs = 0.0.0.0/0`, /44 signs/],
      ['zero', key(0), /44 signs/],
      ['somebody else’s', key(7), /the key of laptop/],
      ['the gateway’s own', OWN, /the key of van-1 itself/],
    ] as const)
      it(`refuses a key that is ${what}`, async () => {
        const host = gatewayHost({ files: { [`${CLIENTS.folder}/laptop`]: `${key(7)}\n` } })
        await refused('E_USAGE', message, add(host, { 'public-key': wrong }))
        untouched(host)
      })

    it('wants a gateway that is ready, and a file that is not there yet', async () => {
      await refused(
        'E_HOST_FACTS',
        /van-1 has no interface for clients yet: orion mesh apply/,
        add(gatewayHost({ programs: { 'mesh-public': '' } })),
      )
      const host = gatewayHost()
      const out = join(dir, 'phone.conf')
      writeFileSync(out, 'mine')
      await refused('E_USAGE', /it is there already/, add(host, { out }))
      const nowhere = join(dir, 'nowhere', 'phone.conf')
      await refused('E_USAGE', /its folder is not there\nmake the folder first/, add(host, { out: nowhere }))
      assert.equal(readFileSync(out, 'utf8'), 'mine')
      untouched(host)
    })

    it('asks nobody with --json', async () => {
      const host = gatewayHost()
      await refused('E_CONFIRM', /--yes/, add(host, { yes: false }))
      untouched(host)
    })
  })

  it('tidies with a program of dash that takes nothing else', async () => {
    const root = join(dir, 'mesh')
    for (const folder of ['keys', 'clients']) mkdirSync(join(root, folder), { recursive: true })
    const files = [
      'keys/client-phone.psk',
      'keys/client-a.b.psk',
      'keys/client-gone.psk',
      'keys/wg-van-1.psk',
      'keys/wg-clients.key',
    ]
    for (const file of [...files, 'clients/phone', 'clients/a.b']) writeFileSync(join(root, file), '')
    const run = async (argv: readonly string[]) => {
      const [program = '', ...args] = argv.map((word) => word.replaceAll('/etc/orion/mesh', root))
      execFileSync(program, args)
      return { code: 0, stdout: '', stderr: '' }
    }
    const way = clientWay(SITE, 'phone', 'remove')
    await way.tidy({ ...gatewayHost().host, run })
    assert.deepEqual(
      readdirSync(join(root, 'keys')).sort(),
      files
        .filter((file) => !file.includes('gone'))
        .map((file) => file.slice(5))
        .sort(),
    )
    rmSync(root, { recursive: true })
    await way.tidy({ ...gatewayHost().host, run })
  })
})

function publicOf(privateKey: string): string {
  const d = Buffer.from(privateKey, 'base64').toString('base64url')
  const made = createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', d, x: '' }, format: 'jwk' })
  const { x = '' } = createPublicKey(made).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}
