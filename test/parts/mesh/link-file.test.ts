// links/IF.conf: golden texts, and what no value of the site file can do to it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { keyIn, keyToCome, linkFile, portIn, withLength } from '../../../src/parts/mesh/link-file.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import type { Mesh, MeshGateway } from '../../../src/site/services.ts'
import { type MeshSite, meshSite } from './routing-world.ts'

const KEY = 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='
const withGateway = (name: string, change: Partial<MeshGateway>) => (mesh: Mesh) => ({
  ...mesh,
  gateways: mesh.gateways.map((one) => (one.name === name ? { ...one, ...change } : one)),
})
const same = (mesh: Mesh): Mesh => mesh
const classical = ({ postQuantum: _, ...mesh }: Mesh): Mesh => mesh

function endOf(site: MeshSite, own: string, peer: string) {
  const end = getMesh(site)
    .gateways.find(({ name }) => name === own)
    ?.links.find((one) => one.peer.name === peer)
  assert.ok(end)
  return end
}
const fileOf = (site: MeshSite, own: string, peer: string, key = KEY) =>
  linkFile(site.mesh, endOf(site, own, peer), key)

const GOLDEN: readonly (readonly [string, (mesh: Mesh) => Mesh, string, string])[] = [
  ['link-dialled.conf', same, 'fra-1', 'kel-1'],
  ['link-behind-nat.conf', same, 'rey-1', 'van-1'],
  ['link-to-nat.conf', same, 'van-1', 'rey-1'],
  ['link-classical-mtu.conf', (mesh) => classical(withGateway('kel-1', { mtu: 1460 })(mesh)), 'fra-1', 'kel-1'],
  ['link-ipv6-endpoint.conf', withGateway('kel-1', { endpoint: '2001:db8::1', port: 443 }), 'fra-1', 'kel-1'],
]

describe('parts/mesh/link-file', () => {
  for (const [name, change, own, peer] of GOLDEN)
    it(`is as the golden file ${name}`, async () => {
      const text = fileOf(await meshSite(change), own, peer)
      const golden = new URL(`golden/${name}`, import.meta.url)
      if (process.env.GOLDEN && !existsSync(golden)) writeFileSync(golden, text)
      assert.equal(text, readFileSync(golden, 'utf8'))
    })

  const MTUS = [
    [1500, undefined, '1420'],
    [1500, 1400, '1320'],
    [undefined, 1300, '1280'],
    [9000, 9000, '8920'],
    [undefined, undefined, undefined],
  ] as const
  for (const [own, peer, want] of MTUS)
    it(`with an underlay of ${own} here and ${peer} there has the MTU ${want}`, async () => {
      const mtu = (value: number | undefined) => (value === undefined ? {} : { mtu: value })
      const site = await meshSite((mesh) => withGateway('fra-1', mtu(own))(withGateway('kel-1', mtu(peer))(mesh)))
      assert.equal(/^MTU = (\d+)$/m.exec(fileOf(site, 'fra-1', 'kel-1'))?.[1], want)
    })

  it('a link may be classical only where the site file says so', async () => {
    const pskOf = (site: MeshSite) => /^PresharedKeyFile = (.*)$/m.exec(fileOf(site, 'fra-1', 'kel-1'))?.[1]
    const wanted =
      (required: boolean) =>
      (mesh: Mesh): Mesh => ({ ...mesh, postQuantum: { kem: 'ml-kem-768', required } })
    assert.equal(pskOf(await meshSite(wanted(true))), 'wg-kel-1.psk')
    assert.equal(pskOf(await meshSite(wanted(false))), '-wg-kel-1.psk')
    assert.equal(pskOf(await meshSite(classical)), '-wg-kel-1.psk')
  })

  it('tells its key and its port, and a key that is still to be made is none', async () => {
    const site = await meshSite()
    const text = fileOf(site, 'fra-1', 'kel-1')
    assert.equal(keyIn(text), KEY)
    assert.equal(portIn(text), String(endOf(site, 'fra-1', 'kel-1').listenPort))
    assert.equal(keyIn(undefined), undefined)
    assert.doesNotMatch(keyToCome(endOf(site, 'fra-1', 'kel-1')), /^[A-Za-z0-9+/]{43}=$/)
  })

  it('spells addresses as ip does', () => {
    assert.equal(withLength('10.99.1.1'), '10.99.1.1/32')
    assert.equal(withLength('FD00:0::0A'), 'fd00::a/128')
  })

  it('a new gateway changes the file of no other link', () => {
    const gateway = fc.record({ third: fc.integer({ min: 6, max: 250 }), dialled: fc.boolean(), mtu: fc.boolean() })
    return fc.assert(
      fc.asyncProperty(gateway, async ({ third, dialled, mtu }) => {
        const one: MeshGateway = {
          name: 'new-1',
          address: `10.99.${third}.1`,
          routes: [],
          ...(dialled && { endpoint: 'new.example.net' }),
          ...(mtu && { mtu: 1400 }),
        }
        const [before, after] = [
          await meshSite(),
          await meshSite((mesh) => ({ ...mesh, gateways: [...mesh.gateways, one] })),
        ]
        for (const { own, peer } of getMesh(before).gateways.flatMap(({ links }) => links))
          assert.equal(fileOf(before, own.name, peer.name), fileOf(after, own.name, peer.name))
      }),
      { numRuns: 10 },
    )
  })

  const HOSTILE = ['a\nPostUp = reboot', 'a b', '$(reboot)', '`reboot`', '../../etc/passwd', 'a;b', '']
  for (const text of HOSTILE)
    it(`takes no endpoint and no name ${JSON.stringify(text)}`, async () => {
      const site = await meshSite()
      const end = endOf(site, 'fra-1', 'kel-1')
      assert.throws(() => linkFile(site.mesh, { ...end, dial: { host: text, port: 1 } }, KEY), RangeError)
      assert.throws(() => linkFile(site.mesh, { ...end, interface: text }, KEY), RangeError)
      assert.throws(() => linkFile(site.mesh, { ...end, peer: { ...end.peer, name: text } }, KEY), RangeError)
    })

  it('takes no key with a line of its own', async () => {
    const site = await meshSite()
    assert.throws(() => fileOf(site, 'fra-1', 'kel-1', `${KEY}\nAllowedIPs = ::/0`), TypeError)
  })
})
