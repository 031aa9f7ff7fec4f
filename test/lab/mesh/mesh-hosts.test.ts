// The mesh of simulated hosts: keys, messages, tunnels and ways are as strict as real ones.
import assert from 'node:assert/strict'
import { setDrain } from '../../../src/parts/mesh/drain.ts'
import { weightFile } from '../../../src/parts/mesh/weight.ts'
import { exchange, gatewayNamed, type Name, openStage, publicOf, raise, type Stage, wordsFor } from './mesh-stage.ts'

const PSK = 'orion-mesh-psk'
const DIR = '/etc/orion/mesh'

describe('lab/mesh: keys and messages', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage?.close())
  const psk = (name: Name, words: readonly string[], input?: string) => stage.send(name, PSK, words, input)
  const offer = async () => (await psk('kel', ['offer', ...(await wordsFor(stage, 'kel', 'van'))])).out
  const answer = async (text: string) => psk('van', ['answer', ...(await wordsFor(stage, 'van', 'kel'))], text)
  const staged = async (name: Name, peer: Name) => / new=(\S+)/.exec((await psk(name, ['look', `wg-${peer}`])).out)?.[1]

  it('makes keys once, and tells the public halves alone', async () => {
    const before = await publicOf(stage, 'van', 'kel')
    assert.match(before.wg, /^[A-Za-z0-9+/]{43}=$/)
    assert.equal(Buffer.from(before.identity, 'base64').length, 1974)
    await stage.send('van', 'orion-mesh-keys', ['wg-kel', 'wg-rey', 'identity'])
    assert.deepEqual(await publicOf(stage, 'van', 'kel'), before)
    assert.notEqual((await publicOf(stage, 'van', 'rey')).wg, before.wg)
    await stage.send('van', 'orion-mesh-keys', ['wg-kel'])
    assert.match((await psk('van', ['public', 'wg-rey'])).out, /wg-rey has no key yet/)
    await stage.send('van', 'orion-mesh-keys', ['wg-kel', 'wg-rey'])
  })
  it('agrees on one key', async () => {
    const id = await exchange(stage, 'kel', 'van')
    assert.match(id, /^[0-9a-f]{16}$/)
    assert.deepEqual([await staged('kel', 'van'), await staged('van', 'kel')], [id, id])
  })

  const altered: [string, (offer: string) => string, RegExp][] = [
    ['another key', (text) => text.replace(/^x ...../m, 'x AAAAA'), /the signature of the offer is not the peer's/],
    ['another signature', (text) => text.replace(/^signature ..../m, 'signature AAAA'), /signature/],
    ['nothing but noise', () => 'noise', /signature/],
  ]
  for (const [title, alter, message] of altered)
    it(`refuses an offer with ${title}, and keeps nothing of it`, async () => {
      const { code, out } = await answer(alter(await offer()))
      assert.equal(code, 1)
      assert.match(out, message)
      assert.equal(await staged('van', 'kel'), '-')
    })
  it('refuses an offer for another link, and one that was used', async () => {
    const text = await offer()
    const words = await wordsFor(stage, 'van', 'kel')
    const other = await psk('van', ['answer', ...words.map((word) => (word === 'kel~van' ? 'kel~rey' : word))], text)
    assert.match(other.out, /the offer is for another link, site or key/)
    assert.equal((await answer(text)).code, 0)
    assert.match((await answer(text)).out, /used before/)
  })
  it('refuses an answer that was altered, and one to another offer', async () => {
    const first = await offer()
    const { out } = await answer(first)
    assert.match(
      (await psk('kel', ['accept', 'wg-van'], out.replace(/^tag ..../m, 'tag AAAA'))).out,
      /its tag is wrong/,
    )
    assert.match((await psk('kel', ['accept', 'wg-van'], out)).out, /no offer of wg-van is open/)
    await offer()
    assert.match((await psk('kel', ['accept', 'wg-van'], out)).out, /another offer/)
  })
  it('refuses a peer whose identity it knows to be another', async () => {
    const { identity } = await publicOf(stage, 'rey', 'van')
    await psk('van', ['identity-pin', 'kel', identity])
    assert.match((await answer(await offer())).out, /kel has another identity than this host knows/)
    await psk('van', ['identity-pin', 'kel', (await publicOf(stage, 'kel', 'van')).identity])
    assert.equal((await answer(await offer())).code, 0)
  })
  for (const words of [
    ['look', '../x'],
    ['frobnicate', 'wg-van'],
    ['apply', 'wg-van', 'x'],
    ['confirm', 'wg-rey'],
  ])
    it(`refuses ${words.join(' ')}`, async () => {
      assert.equal((await psk('kel', words)).code, 1)
    })
})

describe('lab/mesh: without OpenSSL 3.5', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage('8.4.14')
  })
  after(() => stage?.close())
  it('has no identity, and makes no offer', async () => {
    const { out } = await stage.send('kel', 'orion-mesh-public', ['wg-van'])
    assert.match(out, /^identity none$/m)
    assert.match((await stage.send('kel', PSK, ['look', 'wg-van'])).out, /^openssl=3\.0\.\d+ kem=no watch=yes$/m)
    const offer = await stage.send('kel', PSK, ['offer', 'wg-van', 'test', 'kel~van', 'kel', 'van', 'AAAA', 'AAAA'])
    assert.match(offer.out, /has no ML-KEM-768/)
  })
})

describe('lab/mesh: links and ways', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
    await raise(stage)
  })
  after(() => stage?.close())
  const REY = '10.5.0.1'
  const pings = async (name: Name, peer: Name) =>
    (await stage.look(name)).find((line) => line.startsWith(`ping wg-${peer} `))?.split(' ')[3]
  const configure = (name: Name) =>
    stage.on[name].text('birdc', '-s', '/run/orion-mesh-bird/bird.ctl', '-v', 'configure')

  it('all links are fresh, and sessions stand on both ends', async () => {
    for (const name of ['van', 'kel', 'rey'] as const) {
      const lines = await stage.look(name)
      assert.equal(lines.filter((line) => /^ping \S+ 3 3 /.test(line)).length, 2)
      assert.equal(lines.filter((line) => /^bgp .*Established$/.test(line)).length, 4)
      assert.equal(lines.at(-1), 'end')
    }
  })
  it('prefers the hub, and its own link', async () => {
    assert.deepEqual([await stage.way('van', REY), await stage.way('kel', REY)], ['wg-rey', 'wg-van'])
    assert.equal(await stage.way('van', '192.0.2.200'), 'none')
  })
  it('a drained link is the last choice', async () => {
    const own = gatewayNamed(stage.site, 'rey')
    for (const on of [true, false]) {
      await stage.write('rey', { [`${DIR}/drain.conf`]: setDrain(own, undefined, { interfaces: ['wg-van'], on }) })
      await configure('rey')
      assert.equal(await stage.way('van', REY), on ? 'wg-kel' : 'wg-rey')
    }
  })
  it('a gateway that joins is reached by degrees', async () => {
    const ways: [number, string, string][] = [
      [0, 'none', 'wg-rey'],
      [25, 'wg-kel', 'wg-rey'],
      [75, 'wg-rey', 'wg-rey'],
      [100, 'wg-rey', 'wg-rey'],
    ]
    for (const [weight, routes, address] of ways) {
      await stage.write('rey', { [`${DIR}/weight.conf`]: weightFile(weight) })
      await configure('rey')
      assert.deepEqual(
        [await stage.way('van', REY), await stage.way('van', '10.99.5.1')],
        [routes, address],
        `${weight}`,
      )
    }
  })
  it('a configuration that BIRD does not take changes nothing', async () => {
    const { stdout } = await stage.on.rey.run(['cat', `${DIR}/weight.conf`])
    await stage.write('rey', { [`${DIR}/weight.conf`]: 'define WEIGHT = ;;{\n' })
    const { code } = await stage.on.rey.run(['birdc', '-s', '/run/orion-mesh-bird/bird.ctl', '-v', 'configure'])
    assert.equal(code, 1)
    assert.equal(await stage.way('van', REY), 'wg-rey')
    await stage.write('rey', { [`${DIR}/weight.conf`]: String(stdout) })
  })
  it('a cut link is silent, and the way leads over the other hub', async () => {
    const { code } = await stage.send('van', 'orion-mesh-drill', ['cut', '10', '51826'])
    assert.equal(code, 0)
    assert.deepEqual([await pings('van', 'rey'), await pings('rey', 'van'), await pings('kel', 'rey')], ['0', '0', '3'])
    assert.equal(await stage.way('van', REY), 'wg-kel')
    await stage.send('van', 'orion-mesh-drill', ['heal'])
    assert.equal(await stage.way('van', REY), 'wg-rey')
  })
  it('a sample of a drill ends after the cut, when the old way is back, and tells of one that is not', async () => {
    const last = (out: string) => out.split('\n').findLast((line) => line.startsWith('way '))
    const drain = async (on: boolean) => {
      const own = gatewayNamed(stage.site, 'rey')
      await stage.write('rey', { [`${DIR}/drain.conf`]: setDrain(own, undefined, { interfaces: ['wg-van'], on }) })
      await configure('rey')
    }
    const drilled = async () => {
      const sample = stage.send('van', 'orion-mesh-sample', ['20', REY])
      assert.equal((await stage.send('van', 'orion-mesh-drill', ['cut', '10', '51826'])).code, 0)
      return (await sample).out
    }
    const back = await drilled()
    assert.match(last(back) ?? '', /wg-rey$/)
    assert.match(back, /^way .* wg-kel$/m)
    // The cut is over, and not only the sample.
    assert.deepEqual([await stage.way('van', REY), await pings('van', 'rey')], ['wg-rey', '3'])
    const other = drilled()
    await new Promise((done) => setTimeout(done, 500))
    await drain(true)
    assert.match(last(await other) ?? '', /wg-kel$/)
    await drain(false)
  })
  it('a host that is off is missed by the others', async () => {
    stage.lab.hostFaults.add({ match: { host: 'van', times: 0 }, action: 'unreachable' })
    assert.deepEqual([await pings('kel', 'van'), await stage.way('kel', REY)], ['0', 'wg-rey'])
    stage.lab.hostFaults.clear()
    stage.on.van.close()
    assert.equal(await stage.way('kel', REY), 'wg-van')
  })
  it('a preshared key on one end only ends the link; the old one comes back', async () => {
    const id = await exchange(stage, 'kel', 'rey')
    assert.equal((await stage.send('kel', PSK, ['apply', 'wg-rey', id])).code, 0)
    assert.equal(await pings('kel', 'rey'), '0')
    assert.match((await stage.send('kel', PSK, ['look', 'wg-rey'])).out, / old=[0-9a-f]{16} /)
    await stage.send('kel', PSK, ['back', 'wg-rey'])
    assert.equal(await pings('kel', 'rey'), '3')
    assert.equal((await stage.send('rey', PSK, ['apply', 'wg-kel', '0'.repeat(16)])).code, 1)
  })
  it('a link without its keys is not sound, and stays as it is', async () => {
    const path = `${DIR}/links/wg-kel.conf`
    const text = String((await stage.on.rey.run(['cat', path])).stdout)
    await stage.write('rey', { [path]: text.replace('wg-kel.key', 'wg-kel.lost') })
    for (const verb of ['check', 'sync'])
      assert.match((await stage.on.rey.run(['/usr/local/sbin/orion-mesh', verb])).stderr, /no key wg-kel\.lost/)
    assert.equal(await pings('rey', 'kel'), '3')
    await stage.write('rey', { [path]: text })
    assert.equal((await stage.on.rey.run(['/usr/local/sbin/orion-mesh', 'check'])).code, 0)
  })
})
