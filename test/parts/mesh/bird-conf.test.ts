// The text of the mesh's bird.conf: the golden files, each read by three versions of BIRD, and values that want to break out.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { birdConf } from '../../../src/parts/mesh/bird-conf.ts'
import { drainFile } from '../../../src/parts/mesh/drain.ts'
import { gatewayOf, getMesh } from '../../../src/parts/mesh/model.ts'
import { weightFile } from '../../../src/parts/mesh/weight.ts'
import type { Mesh, MeshGateway } from '../../../src/site/services.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { type MeshSite, meshSite, withIpv6 } from './routing-world.ts'

const IPV6: Mesh['gateways'] = [
  { name: 'van-1', endpoint: '2001:db8::1', address: 'fd99::1', routes: ['fd00:10:1::/48'] },
  { name: 'kel-1', address: 'fd99::2', routes: [] },
]
const ipv6Alone = (mesh: Mesh): Mesh => {
  const { hub: _, bypass: __, ...rest } = mesh
  return { ...rest, network: 'fd99::/64', topology: 'full', direct: [], clients: [], gateways: IPV6 }
}

/** Golden file, mesh, gateway. */
const GOLDEN: readonly (readonly [string, (mesh: Mesh) => Mesh, string])[] = [
  ['bird-hub.conf', (mesh) => mesh, 'van-1'],
  ['bird-bypass-both-families.conf', withIpv6, 'kel-1'],
  ['bird-spoke.conf', (mesh) => mesh, 'fra-1'],
  ['bird-ipv6-alone.conf', ipv6Alone, 'kel-1'],
]

const confOf = (site: MeshSite, name: string): string => {
  const gateway = gatewayOf(site, name)
  assert.ok(gateway)
  return birdConf(site, gateway)
}
const withGateway = (name: string, change: Partial<MeshGateway>) => (mesh: Mesh) => ({
  ...mesh,
  gateways: mesh.gateways.map((one) => (one.name === name ? { ...one, ...change } : one)),
})

describe('parts/mesh/bird-conf', function () {
  this.timeout(30_000)

  for (const [name, change, gateway] of GOLDEN)
    it(`is as the golden file ${name}`, async () => {
      const text = confOf(await meshSite(change), gateway)
      const golden = new URL(`golden/${name}`, import.meta.url)
      if (process.env.GOLDEN && !existsSync(golden)) writeFileSync(golden, text)
      assert.equal(text, readFileSync(golden, 'utf8'))
    })

  describe('read by BIRD', () => {
    let rig: Rig
    before(async function () {
      await withDaemons(this)
    })
    beforeEach(() => {
      rig = makeRig('meshconf')
    })
    afterEach(async () => rig.close())

    for (const version of BIRD_VERSIONS)
      it(`${version} takes each golden file without a word`, async () => {
        const { bird } = await daemons(version)
        const host = rig.space('one')
        for (const [name, change, gateway] of GOLDEN) {
          const site = await meshSite(change)
          host.write('drain.conf', drainFile(gatewayOf(site, gateway) ?? { links: [] }, undefined))
          host.write('weight.conf', weightFile(100))
          const conf = host.write('bird.conf', confOf(site, gateway).replaceAll('/etc/orion/mesh', host.folder))
          const { code, stdout, stderr } = await host.run([bird, '-p', '-c', conf])
          assert.deepEqual({ name, code, said: stdout + stderr }, { name, code: 0, said: '' })
        }
      })
  })

  it('only hub and bypass pass on what they learned', async () => {
    const site = await meshSite()
    const passing = getMesh(site).gateways.filter(({ name }) =>
      confOf(site, name).includes('source != RTS_BGP || WEIGHT'),
    )
    assert.deepEqual(
      passing.map(({ name }) => name),
      ['van-1', 'kel-1'],
    )
  })

  it('a new gateway changes no session of those that have no link with it', async () => {
    const more = (mesh: Mesh): Mesh => ({
      ...mesh,
      gateways: [...mesh.gateways, { name: 'osl-1', address: '10.99.6.1', routes: ['10.6.0.0/24'] }],
    })
    const blocks = (text: string) => text.slice(text.indexOf('template bgp')).replace(/import limit \d+/, '')
    const [old, next] = [await meshSite(), await meshSite(more)]
    assert.equal(blocks(confOf(old, 'fra-1')), blocks(confOf(next, 'fra-1')))
    assert.notEqual(confOf(old, 'fra-1'), confOf(next, 'fra-1'))
    assert.ok(
      blocks(confOf(next, 'van-1')).startsWith(blocks(confOf(old, 'van-1')).split('protocol bgp wg_rey_1')[0] ?? '?'),
    )
  })

  const HOSTILE = ['0.0.0.0/0 ]; accept; #', '10.5.0.0/24\n}', '10.5.0.0/24 } else accept', '%{}']
  for (const route of HOSTILE)
    it(`takes no route ${JSON.stringify(route)}`, async () => {
      const site = await meshSite(withGateway('rey-1', { routes: [route] }))
      assert.throws(() => confOf(site, 'van-1'), RangeError)
    })
  for (const name of ['a"; include "x', "b'; }", 'c\n}', 'd{', 'e f'])
    it(`takes no gateway ${JSON.stringify(name)}`, async () => {
      const gateways: Mesh['gateways'] = [{ name, address: '10.99.6.1', routes: [] }]
      const site = await meshSite((mesh) => ({ ...mesh, gateways: [...mesh.gateways, ...gateways] }))
      assert.throws(() => confOf(site, 'van-1'), RangeError)
    })
})
