// The program orion-mesh with real wireguard-go and wg: everything is set, nothing twice, no key is lost, and whatever kills it, it ends well.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { getLive } from '../../../src/parts/mesh/links-live.ts'
import { liveDrift } from '../../../src/parts/mesh/links-proof.ts'
import { withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { type LinkHost, type LinkStage, linkStage } from './link-stage.ts'

const NO_KEY = '(none)'

/** '' where it cannot be read (any more). */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

describe('orion-mesh', function () {
  this.timeout(60_000)
  let rig: Rig
  let stage: LinkStage
  let fra: LinkHost
  let kel: LinkHost

  before(async function () {
    await withDaemons(this)
    rig = makeRig('links')
    stage = await linkStage(rig)
    fra = stage.fra
    kel = stage.kel
  })
  after(async () => {
    for (const host of [fra, kel]) await host?.mesh('down')
    await rig?.close()
  })

  const must = async (host: LinkHost, verb: string) => {
    const { code, stderr } = await host.mesh(verb)
    assert.deepEqual({ verb, code, stderr }, { verb, code: 0, stderr: '' })
  }
  /** A first packet may be lost: who starts first tries again after 5 s. */
  const works = () => within(30_000, 'the tunnel to work', async () => (await stage.answered(1)) === 1)
  const line = async (host: LinkHost) => (await host.run('ip', '-o', 'link', 'show', 'dev', host.end.interface)).stdout
  const words = async (host: LinkHost, ...argv: string[]) => (await host.run('ip', ...argv)).stdout

  it('made keys that only root reads, and made none anew', async () => {
    const mode = (path: string) => statSync(join(fra.space.folder, 'mesh', path)).mode & 0o777
    assert.equal(mode('keys'), 0o700)
    for (const file of ['keys/wg-kel-1.key', 'identity.pem']) assert.equal(mode(file), 0o600)
    const before = [fra.file('keys/wg-kel-1.key'), fra.file('identity.pem')]
    fra.put('keys/wg-gone.psk.old', 'x')
    fra.put('keys/client-ann.psk', 'x')
    // Its removal comes after the keys, and may be taken back.
    fra.put('keys/wg-going.key', 'x')
    fra.put('links/wg-going.conf', 'x')
    await fra.makeKeys()
    assert.deepEqual([fra.file('keys/wg-kel-1.key'), fra.file('identity.pem')], before)
    assert.throws(() => fra.file('keys/wg-gone.psk.old'))
    assert.equal(fra.file('keys/client-ann.psk'), 'x')
    assert.equal(fra.file('keys/wg-going.key'), 'x')
    fra.put('links/wg-going.conf', undefined)
    await fra.makeKeys()
    assert.throws(() => fra.file('keys/wg-going.key'))
  })

  it('makes no key over one that another run of orion makes in the same moment', async () => {
    const key = fra.file('keys/wg-kel-1.key')
    fra.put('other.key', key, 0o600)
    fra.put('keys/wg-kel-1.key', undefined)
    const dir = '/etc/orion/mesh'
    const slow = `: >${dir}/held; sleep 1; mv ${dir}/other.key ${dir}/keys/wg-kel-1.key`
    const other = fra.run('flock', `${dir}/keys`, 'sh', '-c', slow)
    await within(10_000, 'the other run to begin', async () => (await fra.run('test', '-e', `${dir}/held`)).code === 0)
    await fra.makeKeys()
    assert.equal(fra.file('keys/wg-kel-1.key'), key)
    assert.equal((await other).code, 0)
    fra.put('held', undefined)
  })

  it('makes a link that works, as its file says, over both ends', async () => {
    await must(fra, 'check')
    await Promise.all([must(fra, 'up'), must(kel, 'up')])
    await works()
    assert.match(await line(fra), / mtu 1420 .* group 5180 /)
    assert.equal(await fra.show('preshared-keys'), fra.file('keys/wg-kel-1.psk').trim())
    assert.equal(await fra.show('preshared-keys'), await kel.show('preshared-keys'))
    const facts = await fra.facts()
    assert.deepEqual(liveDrift(facts), [])
    const live = getLive(facts)
    assert.equal(live?.links.get('wg-kel-1')?.answers, true)
    assert.ok(live?.udpPorts.has(fra.end.listenPort))
    assert.deepEqual([...(live?.preshared ?? [])], ['wg-kel-1'])
    assert.ok(Math.abs((live?.clock ?? 0) - Date.now() / 1000) < 60)
    const addresses = (await words(fra, '-o', 'addr', 'show', 'dev', 'wg-kel-1')).match(/inet6? \S+/g)
    assert.deepEqual(addresses, ['inet 10.99.3.1/32', `inet6 ${fra.end.local}/64`])
  })

  it('changes nothing the second time', async () => {
    const look = async () => [
      await line(fra),
      await words(fra, 'addr'),
      await words(fra, 'rule'),
      await fra.show('latest-handshakes'),
      await fra.show('endpoints'),
    ]
    const before = await look()
    const monitor = fra.space.start(['ip', 'monitor', 'link', 'address', 'route', 'rule'])
    await must(fra, 'up')
    await must(fra, 'sync')
    await must(fra, 'endpoints')
    assert.deepEqual(await look(), before)
    await monitor.stop('SIGTERM')
    assert.doesNotMatch(monitor.text(), /wg-|5180/)
    assert.equal(await stage.answered(2), 2)
  })

  it('keeps the private key, and clears what is gone from the file: preshared key, keep-alive', async () => {
    const key = await fra.show('public-key')
    fra.edit((text) => text.replace('Keepalive = 0', 'Keepalive = 25'))
    await must(fra, 'sync')
    assert.equal(await fra.show('persistent-keepalive'), '25')
    fra.edit((text) => text.replace('Keepalive = 25', 'Keepalive = 0').replace('= wg-kel-1.psk', '= -wg-kel-1.psk'))
    const psk = fra.file('keys/wg-kel-1.psk')
    fra.put('keys/wg-kel-1.psk', undefined)
    await must(fra, 'sync')
    assert.equal(await fra.show('persistent-keepalive'), 'off')
    assert.equal(await fra.show('preshared-keys'), NO_KEY)
    assert.equal(await fra.show('public-key'), key)
    fra.put('keys/wg-kel-1.psk', psk, 0o600)
    fra.edit((text) => text.replace('= -wg-kel-1.psk', '= wg-kel-1.psk'))
    await must(fra, 'sync')
    assert.equal(await fra.show('preshared-keys'), psk.trim())
  })

  const BROKEN: readonly (readonly [string, string, string | undefined])[] = [
    ['a preshared key that must be there and is not', 'keys/wg-kel-1.psk', undefined],
    ['half a preshared key', 'keys/wg-kel-1.psk', 'AAAA'],
    ['no private key', 'keys/wg-kel-1.key', undefined],
    ['a private key that is none to wg', 'keys/wg-kel-1.key', 'Q'.repeat(44)],
    ['a preshared key with a bit too many', 'keys/wg-kel-1.psk', `${'Q'.repeat(42)}B=`],
    ['a private key with a line of its own', 'keys/wg-kel-1.key', `${'A'.repeat(20)}\n${'B'.repeat(23)}`],
  ]
  for (const [what, path, text] of BROKEN)
    it(`leaves the link as it is with ${what}`, async () => {
      const [sound, before] = [fra.file(path), [await fra.show('public-key'), await fra.show('preshared-keys')]]
      fra.put(path, text, 0o600)
      for (const verb of ['check', 'sync']) {
        const { code, stderr } = await fra.mesh(verb)
        assert.deepEqual([verb, code], [verb, 1])
        assert.match(stderr, /wg-kel-1 in .*keys is not there, or not sound/)
        assert.doesNotMatch(stderr, /Q{20}/)
      }
      fra.put(path, sound, 0o600)
      assert.deepEqual([await fra.show('public-key'), await fra.show('preshared-keys')], before)
    })

  it('without the firewall that shall be there no link comes up, and what is up stays', async () => {
    fra.put('firewall.nft', 'no table at all\n')
    const before = await line(fra)
    assert.equal((await fra.mesh('sync')).code, 1)
    assert.equal(await line(fra), before)
    await fra.run('ip', 'link', 'del', 'dev', 'wg-kel-1')
    const { code, stderr } = await fra.mesh('up')
    assert.equal(code, 1)
    assert.match(stderr, /nft does not take/)
    assert.equal(await line(fra), '')
    fra.put('firewall.nft', undefined)
    await must(fra, 'up')
    await works()
  })

  it('check refuses a public key that is still to be made', async () => {
    const before = fra.file('links/wg-kel-1.conf')
    fra.edit((text) => text.replace(/^PublicKey = .*/m, 'PublicKey = (kel-1 makes it)'))
    const { code, stderr } = await fra.mesh('check')
    assert.equal(code, 1)
    assert.match(stderr, /\(kel-1 makes it\)\norion-mesh: wg-kel-1: that is no public key/)
    fra.put('links/wg-kel-1.conf', before)
  })

  it('leaves a peer alone that moved, and follows a file that changed', async () => {
    await kel.run('wg', 'set', 'wg-fra-1', 'listen-port', '40000')
    const moved = '192.0.2.2:40000'
    await kel.run('ping', '-n', '-q', '-c', '2', '-i', '0.3', '-W', '2', `${kel.end.remote}%wg-fra-1`)
    assert.equal(await fra.show('endpoints'), moved)
    await must(fra, 'sync')
    await must(fra, 'endpoints')
    assert.equal(await fra.show('endpoints'), moved)
    fra.edit((text) => text.replace('Endpoint = 192.0.2.2:', 'Endpoint = 192.0.2.3:'))
    await must(fra, 'sync')
    assert.match(await fra.show('endpoints'), /^192\.0\.2\.3:/)
    fra.edit((text) => text.replace('Endpoint = 192.0.2.3:', 'Endpoint = 192.0.2.2:'))
    await Promise.all([must(fra, 'sync'), must(kel, 'sync')])
    await works()
  })

  for (const [underlay, mtu] of [
    [9000, 1420],
    [1400, 1320],
    [1300, 1280],
    [1500, 1420],
  ] as const)
    it(`takes the MTU ${mtu} over an underlay of ${underlay}, and keeps its addresses`, async () => {
      await words(fra, 'link', 'set', 'wire', 'mtu', String(underlay))
      await must(fra, 'sync')
      assert.match(await line(fra), new RegExp(` mtu ${mtu} `))
      assert.match(await words(fra, 'addr', 'show', 'dev', 'wg-kel-1'), /inet6 fe80::/)
    })

  it('sets the routes that are written down, and of clients, and takes away those that are not', async () => {
    const table = async () =>
      [await words(fra, 'route', 'show', 'table', '5180'), await words(fra, '-6', 'route', 'show', 'table', '5180')]
        .join('')
        .match(/^\S+ dev \S+/gm)
    await fra.run('sh', '-c', 'wg genkey >/etc/orion/mesh/keys/wg-clients.key')
    const keys = [(await fra.run('wg', 'genkey')).stdout.trim(), (await fra.run('wg', 'genkey')).stdout.trim()]
    const peer = (name: string, key = '', address: string) =>
      `[Peer]\nName = ${name}\nPublicKey = ${key}\nPresharedKeyFile = -client-${name}.psk\nAllowedIPs = ${address}\n`
    const head =
      '[Interface]\nAddress = 10.99.3.1/32\nPrivateKeyFile = wg-clients.key\nListenPort = 51820\nTable = 5180\n'
    fra.put('keys/client-ann.psk', fra.file('keys/wg-kel-1.psk'), 0o600)
    fra.put('links/wg-clients.conf', head + peer('ann', keys[0], '10.99.0.10/32') + peer('bob', keys[1], 'FD00::A/128'))
    fra.put('routes', '# none\n10.2.0.0/24 dev wg-kel-1\n10.99.2.1/32 dev wg-kel-1\n2001:db8::/32 dev wg-kel-1\n')
    await must(fra, 'sync')
    await must(fra, 'sync')
    const want = ['10.2.0.0/24 dev wg-kel-1', '10.99.0.10 dev wg-clients', '10.99.2.1 dev wg-kel-1']
    assert.deepEqual(await table(), [...want, '2001:db8::/32 dev wg-kel-1', 'fd00::a dev wg-clients'])
    const psks = (await fra.run('wg', 'show', 'wg-clients', 'preshared-keys')).stdout
    assert.deepEqual(psks.match(/\t\(none\)$/gm)?.length, 1)
    fra.put('routes', '10.2.0.0/24 dev wg-kel-1\n')
    fra.put('links/wg-clients.conf', head + peer('ann', keys[0], '10.99.0.10/32'))
    await must(fra, 'sync')
    assert.deepEqual(await table(), want.slice(0, 2))
    fra.put('routes', undefined)
    fra.put('links/wg-clients.conf', undefined)
    await must(fra, 'sync')
    assert.equal(await table(), null)
    assert.equal(await words(fra, '-o', 'link', 'show', 'dev', 'wg-clients'), '')
    assert.match(await words(fra, 'route', 'get', '10.99.3.1'), /local 10\.99\.3\.1/)
  })

  it('gives the port of one link to another, and back', async () => {
    const port = fra.end.listenPort
    const conf = fra.file('links/wg-kel-1.conf')
    const key = (await fra.run('wg', 'genkey')).stdout
    fra.put('keys/wg-a.key', key, 0o600)
    fra.put('keys/wg-a.psk', fra.file('keys/wg-kel-1.psk'), 0o600)
    const swap = async (other: number, own: number) => {
      fra.put('links/wg-a.conf', conf.replaceAll('wg-kel-1.', 'wg-a.').replace(String(port), String(other)))
      fra.put('links/wg-kel-1.conf', conf.replace(`ListenPort = ${port}`, `ListenPort = ${own}`))
      await must(fra, 'sync')
      const { stdout } = await fra.run('ss', '-Hlun')
      for (const one of [other, own]) assert.match(stdout, new RegExp(`0\\.0\\.0\\.0:${one} `))
      assert.equal(await fra.show('listen-port'), String(own))
    }
    await swap(50_001, port)
    await swap(port, 50_001)
    await swap(50_001, port)
    fra.put('links/wg-a.conf', undefined)
    await must(fra, 'sync')
  })

  it('leaves an interface alone that it did not make, and says so', async () => {
    await words(fra, 'link', 'add', 'wg-other', 'type', 'veth', 'peer', 'name', 'other')
    fra.put('links/wg-other.conf', fra.file('links/wg-kel-1.conf').replaceAll('wg-kel-1.', 'wg-other.'))
    const { code, stderr } = await fra.mesh('sync')
    assert.deepEqual([code, stderr], [1, "orion-mesh: wg-other is there, and is not orion's\n"])
    fra.put('links/wg-other.conf', undefined)
    await must(fra, 'sync')
    assert.match(await words(fra, '-o', 'link', 'show', 'dev', 'wg-other'), /group default/)
    await words(fra, 'link', 'del', 'wg-other')
  })

  it('asks for everything to be made again where its wireguard-go died, and lets nothing through a tunnel in itself', async () => {
    const asked = join(fra.space.folder, 'asked')
    fra.space.write('bin/systemctl', `#!/bin/sh\necho "$@" >>${asked}\n`)
    await fra.run('chmod', '755', join(fra.space.folder, 'bin/systemctl'))
    await words(fra, 'link', 'del', 'wg-kel-1')
    const { stdout } = await fra.mesh('endpoints')
    assert.match(stdout, /wg-kel-1 is gone/)
    assert.equal((await fra.run('cat', asked)).stdout, '--no-block reload-or-restart orion-mesh.service\n')
    await must(fra, 'sync')
    await works()
    fra.put('routes', '192.0.2.0/24 dev wg-kel-1\n')
    await must(fra, 'sync')
    fra.edit((text) => text.replace('Endpoint = 192.0.2.2:', 'Endpoint = 192.0.2.9:'))
    assert.match((await fra.mesh('sync')).stdout, /no way to 192\.0\.2\.9 now/)
    assert.match(await fra.show('endpoints'), /^192\.0\.2\.2:/)
    fra.edit((text) => text.replace('Endpoint = 192.0.2.9:', 'Endpoint = 192.0.2.2:'))
    fra.put('routes', undefined)
    await must(fra, 'sync')
  })

  it('shows its keys to nobody: not in an argument, nor in the environment, nor in a file', async () => {
    const keys = [fra.file('keys/wg-kel-1.key').trim(), fra.file('keys/wg-kel-1.psk').trim()]
    const leaks = new Set<string>()
    let looks = 0
    const look = () => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        for (const what of ['cmdline', 'environ'])
          if (keys.some((key) => textOf(`/proc/${pid}/${what}`).includes(key))) leaks.add(`${pid} ${what}`)
      looks += 1
    }
    const timer = setInterval(look, 20)
    for (const verb of ['up', 'sync', 'endpoints', 'check']) await must(fra, verb)
    clearInterval(timer)
    assert.ok(looks > 5)
    assert.deepEqual([...leaks], [])
    const files = readdirSync(fra.space.folder, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !path.includes('/keys/'),
    )
    for (const path of files.map((one) => join(fra.space.folder, one)))
      if (statSync(path).isFile()) assert.ok(!keys.some((key) => textOf(path).includes(key)), path)
  })

  it('ends well wherever it is killed, and one more run makes it whole', async () => {
    for (let ms = 10; ms < 130; ms += 10) {
      await fra.kill(ms % 40 === 0 ? 'sync' : 'up', ms)
      if (ms % 30 === 0) await fra.mesh('down')
    }
    await must(fra, 'up')
    assert.deepEqual(liveDrift(await fra.facts()), [])
    assert.equal(await fra.show('preshared-keys'), await kel.show('preshared-keys'))
    await works()
  })

  it('down leaves nothing of it', async () => {
    await must(fra, 'down')
    await must(fra, 'down')
    assert.equal(await words(fra, '-o', 'link', 'show', 'group', '5180'), '')
    assert.doesNotMatch((await words(fra, 'rule')) + (await words(fra, '-6', 'rule')), /5180/)
  })
})
