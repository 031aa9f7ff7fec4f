// Tailscale on simulated hosts: its packages only by its own source and key, its program as strict as the real one.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { trustedKey } from '../../../src/parts/apt/package-key.ts'
import { type LabHost, type Ran, type Session, startHost } from '../host/lab-host.ts'

const SOURCE = '/etc/apt/sources.list.d/tailscale.sources'
const UPDATE = ['apt-get', 'update', '-o', `Dir::Etc::sourcelist=${SOURCE}`, '-o', 'Dir::Etc::sourceparts=-']
const INSTALL = ['apt-get', 'install', '-y', '--', 'tailscale']
const STATUS = ['tailscale', 'status', '--json']
const PREFS = ['tailscale', 'debug', 'prefs']

describe('lab/tailscale', () => {
  let lab: LabHost
  let on: Session
  before(async () => {
    lab = await startHost()
    on = await lab.connect()
  })
  after(() => lab?.close())

  const send = (name: string, words: readonly string[], input = ''): Promise<Ran> =>
    on.run(['sh', '-c', ':', name, ...words], input)
  const refused = async (argv: readonly string[], message: RegExp) => {
    const { code, stderr } = await on.run(argv)
    assert.notEqual(code, 0, argv.join(' '))
    assert.match(stderr, message)
  }
  const put = async (path: string, text: string) => {
    const tar = pack()
    tar.entry({ name: path, mode: 0o644 }, text)
    tar.finalize()
    const { code, stderr } = await on.run(['sh', '-c', ':', 'orion-write', '1', path], await buffer(tar))
    assert.equal(code, 0, stderr)
  }
  const remove = (path: string) => send('orion-write', ['0', path])
  const fetched = async () =>
    Buffer.from((await send('orion-tailscale-key', [SOURCE, '/etc/key.gpg'])).stdout.toString(), 'base64')
  const source = (key: string, suite = 'trixie') =>
    `# Made here.\nTypes: deb\nURIs: https://pkgs.tailscale.com/stable/debian\nSuites: ${suite}\nComponents: main\nSigned-By:\n${key.replace(/^$/gm, '.').replace(/^/gm, ' ')}\n`
  const key = async () => trustedKey(await fetched(), '2596a99eaab33821893c0a79458ca832957f5868') ?? ''

  it('is not there before its source', async () => {
    await refused(INSTALL, /Unable to locate package tailscale/)
    await refused(STATUS, /not found/)
    await refused(['systemctl', 'restart', 'tailscaled.service'], /not found/)
  })

  it('gives the key that orion knows, and another one where somebody put it', async () => {
    assert.match(await key(), /^-----BEGIN PGP/)
    await put('/etc/key.gpg', 'another')
    assert.equal((await fetched()).toString(), 'another')
    await remove('/etc/key.gpg')
  })

  it('believes a source only with that key, of a release that is there', async () => {
    // Once the source stands, nobody is asked for the key any more.
    const good = await key()
    await put(SOURCE, source(good).replace(/URIs.*\n/, ''))
    await refused(
      ['apt-get', 'indextargets', '--format', '$(SITE)'],
      /Malformed entry 1 in .*tailscale\.sources \(URI\)/,
    )
    await put(SOURCE, source(Buffer.alloc(500, 7).toString('base64')))
    await refused(UPDATE, /is not signed/)
    await put(SOURCE, source(good, 'woody'))
    await refused(UPDATE, /does not have a Release file/)
    await refused(INSTALL, /Unable to locate/)
    await put(SOURCE, source(good))
    await refused(INSTALL, /Unable to locate/)
    assert.equal((await on.run(UPDATE)).code, 0)
    assert.equal((await on.run(INSTALL)).code, 0)
    assert.deepEqual(JSON.parse(await on.text(...STATUS)).BackendState, 'NeedsLogin')
    assert.match(await on.text('ss', '-Hlun'), /0\.0\.0\.0:41641 /)
  })

  it('logs in with a key, once', async () => {
    await refused(['tailscale', 'up', '--timeout=60s'], /login/)
    assert.equal((await send('orion-tailscale-login', ['10.1.0.0/24', 'tag:a'], 'word\n')).code, 0)
    const { AdvertiseRoutes, AdvertiseTags, CorpDNS } = JSON.parse(await on.text(...PREFS))
    assert.deepEqual([AdvertiseRoutes, AdvertiseTags, CorpDNS], [['10.1.0.0/24'], ['tag:a'], false])
    await lab.restart()
    on = await lab.connect()
    assert.equal(JSON.parse(await on.text(...STATUS)).BackendState, 'Running')
    assert.doesNotMatch(await readFile(join(lab.dir, 'world-small.json'), 'utf8'), /"word/)
  })

  const wrong: [string, readonly string[], RegExp][] = [
    ['settings left out', ['up', '--accept-dns=false'], /mentioning all\nnon-default flags: --advertise-routes, --adv/],
    ['tags beside the login', ['set', '--advertise-tags=tag:b'], /not defined: -advertise-tags/],
    ['a network with bits of a host', ['set', '--advertise-routes=10.1.0.1/24'], /invalid value "10\.1\.0\.1\/24"/],
    ['a network with bits of a host (IPv6)', ['set', '--advertise-routes=fd00::1/64'], /invalid value/],
    ['nothing to set', ['set'], /USAGE/],
    ['words', ['set', 'advertise-routes'], /non-flag arguments/],
  ]
  for (const [title, words, message] of wrong)
    it(`refuses ${title}`, async () => {
      const before = await on.text(...PREFS)
      await refused(['tailscale', ...words], message)
      assert.equal(await on.text(...PREFS), before)
    })

  it('stops, starts, and forgets its settings with the login', async () => {
    await on.text('tailscale', 'set', '--advertise-routes=fd00::/64,10.1.0.0/24')
    await on.text('tailscale', 'down')
    assert.equal(JSON.parse(await on.text(...STATUS)).BackendState, 'Stopped')
    await on.text('tailscale', 'up')
    assert.deepEqual(JSON.parse(await on.text(...PREFS)).AdvertiseRoutes, ['fd00::/64', '10.1.0.0/24'])
    await on.text('tailscale', 'logout')
    assert.equal(JSON.parse(await on.text(...PREFS)).AdvertiseRoutes, null)
  })

  it('does not start with settings that are none', async () => {
    await put('/etc/default/tailscaled', 'PORT="many"\n')
    await refused(['systemctl', 'restart', 'tailscaled.service'], /invalid value "many" for flag -port/)
    await refused(STATUS, /doesn't appear to be running/)
  })
})
