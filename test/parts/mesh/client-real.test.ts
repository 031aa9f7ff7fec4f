// A person's device with real wireguard-go: it comes in with what was printed, is nobody but itself, and is out after a removal.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Add, addClient, removeClient } from '../../../src/base/mesh-client.ts'
import type { Session } from '../../../src/base/session.ts'
import { clientWay } from '../../../src/parts/mesh/client.ts'
import { CLIENTS, interfaceFile } from '../../../src/parts/mesh/client-files.ts'
import { makeClientKeys } from '../../../src/parts/mesh/client-key.ts'
import type { Site } from '../../../src/site/site.ts'
import { withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { type Device, device, gatewayHost } from './client-stage.ts'
import { type LinkHost, linkStage } from './link-stage.ts'

const [PHONE, LAPTOP, GATEWAY] = ['10.99.9.1', '10.99.9.2', '10.99.3.1']

describe('a person’s device', function () {
  this.timeout(60_000)
  let [rig, fra, phone, site, dir]: [Rig, LinkHost, Device, Site, string] = [] as never

  before(async function () {
    await withDaemons(this)
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    rig = makeRig('clients')
    const stage = await linkStage(rig)
    fra = stage.fra
    const clients = [
      { name: 'phone', address: PHONE, gateway: 'fra-1' },
      { name: 'laptop', address: LAPTOP, gateway: 'fra-1' },
    ]
    site = { ...stage.site, mesh: { ...stage.site.mesh, clients } }
    await fra.run('sh', '-c', `umask 077; wg genkey >/etc/orion/mesh/keys/${CLIENTS.interface}.key`)
    fra.put('links/wg-clients.conf', interfaceFile(fra.end.own, clients, new Map()).text)
    assert.equal((await fra.mesh('up')).code, 0)
    phone = await device(rig, fra, '192.0.2.1')
  })
  after(async () => {
    await phone?.leave()
    await fra?.mesh('down')
    await rig?.close()
    if (dir) rmSync(dir, { recursive: true, force: true })
  })

  const talk = () => {
    const host = gatewayHost(fra)
    const outside = { ...fakeHost({ name: host.name }).outside, host: async () => host }
    return { session: { site, outside, dir, lab: false, screen: {} } as unknown as Session, json: true }
  }
  const add = async (name: string, more: Partial<Add> = {}) => {
    const wish = { name, yes: true, psk: false, way: clientWay, makeKeys: makeClientKeys, ...more }
    return (await addClient(talk(), wish)).document as { readonly configuration: string }
  }
  const remove = (name: string) => removeClient(talk(), { name, yes: true, way: clientWay })
  const show = async (what: string) => (await fra.run('wg', 'show', CLIENTS.interface, what)).stdout.trim()
  /** A first packet may be lost: who starts first tries again after 5 s. */
  const reaches = () => within(20_000, 'the device to reach its gateway', () => phone.ping(GATEWAY))

  it('comes in with the configuration as it was printed', async () => {
    const { configuration } = await add('phone')
    await phone.take(configuration)
    await reaches()
    assert.match(await show('allowed-ips'), new RegExp(`^\\S{44}\\t${PHONE}/32$`))
    // The preshared key is in force at both ends, or there were no answer; and only root reads it.
    assert.ok(!(await show('preshared-keys')).endsWith('(none)'))
    assert.equal(statSync(join(fra.space.folder, 'mesh/keys/client-phone.psk')).mode & 0o777, 0o600)
  })

  it('is nobody but itself', async () => {
    await phone.space.must(['ip', 'address', 'add', `${LAPTOP}/32`, 'dev', 'radio'])
    assert.equal(await phone.ping(GATEWAY, LAPTOP), false)
    assert.equal(await phone.ping(GATEWAY, PHONE), true)
  })

  it('goes on while another one comes and goes', async () => {
    const { configuration } = await add('laptop', { 'public-key': makeClientKeys().publicKey })
    assert.ok(!/^PrivateKey/m.test(configuration))
    assert.equal((await show('allowed-ips')).split('\n').length, 2)
    assert.equal(await phone.ping(GATEWAY), true)
    await remove('laptop')
    assert.equal(await phone.ping(GATEWAY), true)
  })

  it('is out after its removal, and its preshared key with it; and in again with another', async () => {
    await remove('phone')
    assert.deepEqual([await show('peers'), await phone.ping(GATEWAY)], ['', false])
    assert.ok(!existsSync(join(fra.space.folder, 'mesh/keys/client-phone.psk')))
    assert.equal((await fra.run('ip', 'route', 'show', 'table', '5180', PHONE)).stdout, '')
    await phone.take((await add('phone')).configuration)
    await reaches()
  })

  it('does not come in where its preshared key is not the gateway’s', async () => {
    await remove('phone')
    const { configuration } = await add('phone')
    await phone.take(configuration.replace(/^PresharedKey = .*\n/m, ''))
    assert.deepEqual([await phone.ping(GATEWAY), await phone.ping(GATEWAY)], [false, false])
    await phone.take(configuration)
    await reaches()
  })
})
