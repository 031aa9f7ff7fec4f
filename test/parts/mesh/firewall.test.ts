// The mesh's own firewall as text: golden files that nft takes, where there is none, and values that want to break out.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import {
  MESH_FIREWALL,
  meshFirewall,
  meshFirewallCheck,
  meshFirewallDrift,
  meshFirewallFacts,
} from '../../../src/parts/mesh/firewall.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { type HostFacts, NOTHING } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { missingForHosts } from '../../hosts/nspawn.ts'
import { skip } from '../../setup.ts'
import { type MeshSite, meshSite, withIpv6 } from './routing-world.ts'

const FORWARDING: HostFacts = {
  files: new Map(),
  commands: new Map([['sysctl', { code: 0, stdout: 'net.ipv4.ip_forward = 1\n', stderr: '' }]]),
}
const noLinks = (mesh: Mesh): Mesh => {
  const { hub: _, bypass: __, ...rest } = mesh
  return { ...rest, gateways: mesh.gateways.slice(0, 1), direct: [] }
}

/** Golden file, mesh, gateway, what was seen of it. */
const GOLDEN: readonly (readonly [string, (mesh: Mesh) => Mesh, string, HostFacts])[] = [
  ['firewall-hub.nft', (mesh) => mesh, 'van-1', FORWARDING],
  ['firewall-spoke-both-families.nft', withIpv6, 'fra-1', NOTHING],
  ['firewall-clients-alone.nft', noLinks, 'van-1', NOTHING],
]

/** A network of each gateway, one that lies in it, and the first once more: they lead to the same place, and a site file may say so. */
const nested = (mesh: Mesh): Mesh => ({
  ...withIpv6(mesh),
  gateways: withIpv6(mesh).gateways.map((one) => ({
    ...one,
    routes: one.routes.flatMap((route) => [route, route.replace('/24', '/25').replace('/48', '/64'), route]),
  })),
})

const textOf = (site: MeshSite, name: string, seen: HostFacts = NOTHING): string | undefined => {
  const gateway = gatewayOf(site, name)
  assert.ok(gateway)
  return meshFirewall(site, gateway, seen)
}

describe('parts/mesh/firewall', () => {
  for (const [name, change, gateway, seen] of GOLDEN)
    it(`is as the golden file ${name}`, async () => {
      const text = textOf(await meshSite(change), gateway, seen) ?? ''
      const golden = new URL(`golden/${name}`, import.meta.url)
      if (process.env.GOLDEN && !existsSync(golden)) writeFileSync(golden, text)
      assert.equal(text, readFileSync(golden, 'utf8'))
    })

  it('says a network of a gateway once where another of its routes holds it', async () => {
    const [text, plain] = [textOf(await meshSite(nested), 'van-1'), textOf(await meshSite(withIpv6), 'van-1')]
    assert.equal(text, plain)
  })

  it('is taken by nft', async function () {
    const reason = await missingForHosts()
    if (reason) skip(this, reason)
    const NESTED = ['van-1', 'fra-1'].map((name) => [`nested routes, ${name}`, nested, name, NOTHING] as const)
    for (const [name, change, gateway, seen] of [...GOLDEN, ...NESTED]) {
      const input = textOf(await meshSite(change), gateway, seen) ?? ''
      const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], {
        input,
        encoding: 'utf8',
      })
      assert.deepEqual({ name, status, said: stdout + stderr }, { name, status: 0, said: '' })
    }
  })

  it('where the gateway is the firewall of the site, there is none, and nothing is asked about it', async () => {
    const site: MeshSite = { ...(await meshSite()), firewall: { router: 'van-1', allow: [], masquerade: [] } }
    const gateway = gatewayOf(site, 'van-1')
    assert.ok(gateway)
    assert.equal(meshFirewall(site, gateway, NOTHING), undefined)
    assert.deepEqual(meshFirewallFacts(site, gateway), { files: [MESH_FIREWALL], commands: {} })
    assert.deepEqual(meshFirewallDrift(site, gateway, NOTHING), [])
    assert.ok(textOf(site, 'kel-1'))
  })

  it('is checked where it is, and only there', () => {
    const [argv = []] = meshFirewallCheck()
    assert.deepEqual(argv.slice(-1), [MESH_FIREWALL])
    const [command = '', ...args] = [...argv.slice(0, -1), '/nowhere/at/all']
    assert.equal(spawnSync(command, args).status, 0)
  })

  for (const route of ['10.5.0.0/24 }; flush ruleset #', '10.5.0.0/24\n\t}', '@mesh4', '0.0.0.0/0; accept'])
    it(`takes no route ${JSON.stringify(route)}`, async () => {
      const gateways = (mesh: Mesh) => mesh.gateways.map((one, at) => (at === 4 ? { ...one, routes: [route] } : one))
      const site = await meshSite((mesh) => ({ ...mesh, gateways: gateways(mesh) }))
      for (const name of ['van-1', 'rey-1']) assert.throws(() => textOf(site, name), RangeError)
    })

  for (const name of ['a" accept #', "b';", 'c\n}', '*', 'd e'])
    it(`takes no gateway ${JSON.stringify(name)}`, async () => {
      const gateways: Mesh['gateways'] = [{ name, address: '10.99.6.1', routes: [] }]
      const site = await meshSite((mesh) => ({ ...mesh, gateways: [...mesh.gateways, ...gateways] }))
      assert.throws(() => textOf(site, 'van-1'), RangeError)
    })
})
