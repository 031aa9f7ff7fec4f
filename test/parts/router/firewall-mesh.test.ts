// The mesh in the firewall of a router: who may speak through which link, which ports are open outside, and what never leaves.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { firewallFile } from '../../../src/parts/router/firewall-file.ts'
import { meshRules } from '../../../src/parts/router/firewall-mesh.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { routerSite } from './router-sites.ts'

const MESH: Mesh = {
  network: '10.99.0.0/24',
  port: 51820,
  topology: 'hub',
  hub: 'far-hub',
  direct: [['router', 'far-spoke']],
  routing: 'bgp',
  gateways: [
    { name: 'far-hub', endpoint: 'hub.example.net', address: '10.99.0.9', routes: ['10.9.0.0/24', 'fd00:9::/48'] },
    { name: 'router', endpoint: 'orion.example.net', address: '10.99.0.1', routes: ['192.168.100.0/24'] },
    { name: 'far-spoke', address: '10.99.0.5', routes: ['10.5.0.0/24'] },
  ],
  clients: [{ name: 'laptop', address: '10.99.0.10', gateway: 'router' }],
}

const rulesOf = async (mesh: Partial<Mesh> = {}) => {
  const change = (site: Site): Site => ({ ...site, mesh: { ...MESH, ...mesh } })
  const { site, router } = await routerSite(change)
  return { site, router, rules: meshRules(site, router) }
}

describe('parts/router/firewall-mesh', () => {
  it('hears on the ports of its links and of its clients, from outside, and routes only between link-local addresses', async () => {
    assert.deepEqual((await rulesOf()).rules.input, [
      '# mesh: WireGuard answers nobody without a key.',
      'iifname @outside udp dport { 51820, 51825, 51829 } accept',
      'iifname { "wg-far-hub", "wg-far-spoke" } ip6 saddr fe80::/10 tcp dport 1790 accept',
      'iifname { "wg-far-hub", "wg-far-spoke" } ip6 saddr fe80::/10 udp dport 3784 accept',
    ])
  })

  it('knows whose addresses are whose', async () => {
    const { sources } = (await rulesOf()).rules
    const has = (line: string) => assert.ok(sources.includes(line), `${line}\n\n${sources.join('\n')}`)
    has(
      'iifname { "wg-far-hub", "wg-far-spoke" } ip saddr { 10.99.0.1/32, 192.168.100.0/24, 10.99.0.10/32 } goto drop_spoofed',
    )
    has('iifname . ip saddr { "wg-far-spoke" . 10.99.0.5/32, "wg-far-spoke" . 10.5.0.0/24 } accept')
    has('iifname "wg-far-hub" ip saddr { 10.99.0.0/24, 10.9.0.0/24, 10.5.0.0/24 } accept')
    has('iifname "wg-far-hub" ip6 saddr fd00:9::/48 accept')
    has('iifname { "wg-far-hub", "wg-far-spoke" } goto drop_spoofed')
    has('iifname "wg-clients" ip saddr 10.99.0.10/32 accept')
    has('iifname "wg-clients" goto drop_spoofed')
    has('iifname @outside ip saddr { 10.99.0.0/24, 10.9.0.0/24, 10.5.0.0/24 } goto drop_spoofed')
  })

  it('lets nothing for the mesh out by another way, also of what is established', async () => {
    const { site, router, rules } = await rulesOf()
    const tunnels = '{ "wg-far-hub", "wg-far-spoke", "wg-clients" }'
    assert.deepEqual(rules.guarded, [
      `oifname != ${tunnels} ip daddr { 10.99.0.0/24, 10.9.0.0/24, 10.5.0.0/24 } goto drop_leaving`,
      `oifname != ${tunnels} ip6 daddr fd00:9::/48 goto drop_leaving`,
    ])
    const text = firewallFile(site, router, NOTHING)
    const forward = text.slice(text.indexOf('chain forward {'))
    assert.ok(forward.indexOf(rules.guarded[0] ?? '?') < forward.indexOf('ct state vmap'))
  })

  it('passes on from link to link only where it is hub or bypass', async () => {
    const passes = (lines: readonly string[]) =>
      lines.filter((line) => /^iifname \S*.*wg-far.* oifname .*wg-far.* daddr/.test(line))
    assert.deepEqual(passes((await rulesOf()).rules.forward), [])
    const links = '{ "wg-far-hub", "wg-far-spoke" }'
    assert.deepEqual(passes((await rulesOf({ hub: 'router' })).rules.forward), [
      `iifname ${links} oifname ${links} ip daddr { 10.99.0.0/24, 10.9.0.0/24, 10.5.0.0/24 } accept`,
      `iifname ${links} oifname ${links} ip6 daddr fd00:9::/48 accept`,
    ])
  })

  it('is nothing where the router is no gateway, or nobody has a tunnel with it', async () => {
    for (const mesh of [
      { gateways: MESH.gateways.filter(({ name }) => name !== 'router'), direct: [], clients: [] },
      { gateways: MESH.gateways.filter(({ name }) => name === 'router'), direct: [], clients: [] },
    ]) {
      const { sources, input, guarded, forward } = (await rulesOf(mesh)).rules
      assert.deepEqual([sources, input, guarded, forward], [[], [], [], []])
    }
  })

  it('is taken by nft', async function () {
    if (spawnSync('unshare', ['-n', 'nft', '--version']).status !== 0) this.skip()
    for (const mesh of [{}, { hub: 'router' }, { clients: [] }]) {
      const { site, router } = await rulesOf(mesh)
      const input = firewallFile(site, router, NOTHING)
      const { status, stderr } = spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], { input, encoding: 'utf8' })
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    }
  })

  it('takes no name that breaks out of its place', async () => {
    const bad = { name: 'x" accept #', address: '10.99.0.7', routes: [] }
    await assert.rejects(rulesOf({ gateways: [...MESH.gateways, bad], hub: 'router' }), RangeError)
  })
})
