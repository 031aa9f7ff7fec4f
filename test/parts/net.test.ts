// The host side of nodes: which resources a node has, in which order, and one round trip for all of them.
import assert from 'node:assert/strict'
import { net, netOf } from '../../src/parts/net.ts'
import { parts } from '../../src/parts/parts.ts'
import { vm } from '../../src/parts/vm.ts'
import type { Site } from '../../src/site/site.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { nic, testGuest } from '../resources/test-site.ts'
import { siteWith, testNode } from './net/test-node.ts'

const BRIDGE = { name: 'vmbr0', networks: ['lan'], port: 'eno1', vlanAware: false, addresses: [] }
const FULL = testNode({
  addresses: { lan: ['10.0.0.1'] },
  ports: { lan: 'eno1' },
  bridges: [BRIDGE],
  pinPorts: true,
  sources: 'no-subscription',
  packages: ['htop'],
  sysctl: { 'vm.swappiness': '10' },
  swap: [{ device: '/dev/pve/swap' }],
  zram: { sizePercent: 25 },
  zfs: { arcMaxMib: 8192 },
})
const BARE = testNode({ name: 'bare', address: '10.0.0.2' })
const WISHES = { restart: false }

const resourcesOf = (site: Site) => net.resources(site, WISHES)

describe('parts/net', () => {
  it('has a resource for what the site file says of a node, and none for a node that it only names', () => {
    const needs = resourcesOf(siteWith([FULL, BARE])).map(({ id, needs }) => [id, needs])
    assert.deepEqual(needs, [
      ['file-set:n1/interfaces', []],
      ['file-set:n1/pinning', ['file-set:n1/interfaces']],
      ['file-set:n1/sources', []],
      ['file-set:n1/sysctl', []],
      ['file-set:n1/zram', ['packages:n1/debian']],
      ['file-set:n1/swap', []],
      ['file-set:n1/arc', []],
      ['packages:n1/debian', ['file-set:n1/sources']],
    ])
  })

  it('gives every node the time zone of the site, and its line of hosts where there is a domain', () => {
    const ids = resourcesOf(siteWith([BARE], { timezone: 'UTC', domain: 'lan' })).map(({ id }) => id)
    assert.deepEqual(ids, ['file-set:bare/hosts', 'timezone:bare/timezone'])
  })

  it('is reachable and as wanted, or has no probe', () => {
    const ids = net.probes(siteWith([BARE, testNode({ sysctl: { 'vm.swappiness': '1' } })])).map(({ id }) => id)
    assert.deepEqual(ids, ['host-reachable:n1', 'as-wanted:file-set:n1/sysctl'])
  })

  it('reads a node in one round trip, whatever it is asked for', async () => {
    const fake = fakeHost()
    const site = siteWith([FULL], { timezone: 'UTC', domain: 'lan' })
    const looked = resourcesOf(site).map((resource) => resource.observe(fake.outside))
    await Promise.allSettled([...looked, ...net.probes(site).map((probe) => probe.run(fake.outside))])
    assert.deepEqual(fake.calls, ['read'])
  })

  it('takes single nodes by name', () => {
    const site = siteWith([FULL, { ...FULL, name: 'n2' }])
    const ids = netOf({ nodes: ['n2', 'n2'] }).resources(site, WISHES)
    assert.ok(ids.length > 0 && ids.every(({ id }) => id.includes(':n2/')))
  })

  it('waits as long as told, but for what needs longer by its nature', async () => {
    const secondsOf = async (node: typeof FULL) => {
      const fake = fakeHost({
        programs: { sysctl: 'vm.swappiness = 10\n', 'orion-sysctl': '', 'arc-max': '8589934592', 'orion-arc': '' },
      })
      const [resource] = netOf({ confirmWithinSeconds: 20 }).resources(siteWith([node]), WISHES)
      await resource?.create(fake.outside, fake.note)
      return fake.changes[0]?.confirmWithinSeconds
    }
    assert.equal(await secondsOf(testNode({ sysctl: { 'vm.swappiness': '10' } })), 20)
    assert.equal(await secondsOf(testNode({ zfs: { arcMaxMib: 8192 } })), 900)
  })

  it('comes before storage, and guests wait for the bridges of their node', () => {
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['node', 'access', 'net', 'storage', 'vm', 'gpu', 'cores', 'backup', 'keeper', 'profile', 'bgp', 'mesh'],
    )
    const guest = testGuest({ nics: [nic()] })
    const needs = (site: Site) => vm.resources(site, WISHES).find(({ id }) => id.startsWith('vm:'))?.needs ?? []
    assert.ok(needs(siteWith([FULL], { guests: [guest] })).includes('file-set:n1/interfaces'))
    assert.ok(!needs(siteWith([testNode()], { guests: [guest] })).includes('file-set:n1/interfaces'))
  })
})
