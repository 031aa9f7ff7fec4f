// What the net part declares beside the interfaces, made for real on a host with systemd, under the real guard.
import assert from 'node:assert/strict'
import { connectHost } from '../../src/host/connect.ts'
import type { Host } from '../../src/host/host.ts'
import { net } from '../../src/parts/net.ts'
import type { News, Outside, Resource } from '../../src/resource.ts'
import type { Node } from '../../src/site/site.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { siteWith, testNode } from './net/test-node.ts'

// The guard is loaded when it is first used, for mocha as a module of its own: its errors have another class.
const withCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Error && 'code' in error, String(error))
  assert.equal(error.code, code, error.message)
  return true
}
const KEEP = '# kept\n10.9.9.9 other\n'

describe('parts/net on a real host', () => {
  let machine: TestHost
  let host: Host
  let outside: Outside
  const news: News[] = []

  before(async function () {
    this.timeout(120_000)
    await withHosts(this)
    machine = await startHost({ name: 'n1' })
    const { address, proxyCommand, identityFile, knownHosts } = machine
    const signal = new AbortController().signal
    host = connectHost({
      name: 'n1',
      addresses: [address],
      proxyCommand,
      identityFile,
      knownHosts: [knownHosts],
      config: '',
      agent: '',
      signal,
    })
    outside = { ...fakeHost().outside, host: async () => host, forget: () => host.forget() }
    await machine.must(['sh', '-c', 'printf "127.0.0.1 localhost\\n127.0.1.1 n1\\n$1" > /etc/hosts', 'sh', KEEP])
  })
  after(async () => {
    await host?.close()
    machine?.stop()
  })

  const find = (changes: Partial<Node>, id: string, site = {}): Resource => {
    const node = testNode({ address: machine.address, ...changes })
    const found = net.resources(siteWith([node], site), { restart: false }).find((one) => one.id === id)
    assert.ok(found, id)
    return found
  }
  const look = async (resource: Resource) => {
    host.forget()
    return resource.diff(await resource.observe(outside))
  }
  const apply = async (resource: Resource) => {
    const have = await resource.observe(outside)
    const note = (one: News) => void news.push(one)
    await (have === undefined ? resource.create(outside, note) : resource.update(outside, have, note))
  }
  /** Made once, as wanted after, and again after a restart of nothing. */
  const settle = async (resource: Resource) => {
    assert.notDeepEqual(await look(resource), [])
    await apply(resource)
    assert.deepEqual(await look(resource), [])
  }

  it('sets kernel settings, and mends one that somebody set back', async () => {
    const resource = find({ sysctl: { 'vm.swappiness': '7', 'net.ipv4.ip_forward': '1' } }, 'file-set:n1/sysctl')
    await settle(resource)
    assert.equal((await machine.must(['sysctl', '-n', 'vm.swappiness'])).trim(), '7')
    await machine.must(['sysctl', '-q', '-w', 'vm.swappiness=50'])
    assert.deepEqual(await look(resource), [{ field: 'vm.swappiness', have: '50', want: '7' }])
    await apply(resource)
    assert.deepEqual(await look(resource), [])
  }).timeout(60_000)

  it('puts file and live values back where the kernel refuses one', async () => {
    const resource = find({ sysctl: { 'vm.swappiness': '9', 'net.ipv4.ip_forward': 'maybe' } }, 'file-set:n1/sysctl')
    const before = await machine.must(['cat', '/etc/sysctl.d/90-orion.conf'])
    await assert.rejects(apply(resource), withCode('E_ROLLED_BACK'))
    assert.equal(await machine.must(['cat', '/etc/sysctl.d/90-orion.conf']), before)
    assert.equal((await machine.must(['sysctl', '-n', 'vm.swappiness'])).trim(), '7')
  }).timeout(60_000)

  it('brings a hostile value as it is, and runs nothing of it', async () => {
    const value = `|/bin/x $(touch /pwned) \`touch /pwned\`; # "a" 'b' %p \\`
    const resource = find({ sysctl: { 'kernel.core_pattern': value } }, 'file-set:n1/sysctl')
    await settle(resource)
    assert.equal(await machine.must(['cat', '/proc/sys/kernel/core_pattern']), `${value}\n`)
    assert.equal((await machine.exec(['test', '-e', '/pwned'])).code, 1)
  }).timeout(60_000)

  it('refuses a kernel setting that does not exist, and names the nearest', async () => {
    const resource = find({ sysctl: { 'net.ipv4.ip_forwrd': '1' } }, 'file-set:n1/sysctl')
    await assert.rejects(look(resource), /no setting net\.ipv4\.ip_forwrd \(did you mean "net\.ipv4\.ip_forward"\?\)/)
  })

  it('writes its line of /etc/hosts and keeps the others', async () => {
    await settle(find({}, 'file-set:n1/hosts', { domain: 'lan' }))
    const text = await machine.must(['cat', '/etc/hosts'])
    assert.equal(text, `127.0.0.1 localhost\n${machine.address} n1.lan n1\n${KEEP}`)
  }).timeout(60_000)

  it('pins the name of a port by its MAC address', async () => {
    await settle(find({ pinPorts: true, ports: { lan: 'eno2' } }, 'file-set:n1/pinning'))
    const mac = (await machine.must(['cat', '/sys/class/net/eno2/address'])).trim()
    assert.match(
      await machine.must(['cat', '/etc/systemd/network/50-orion-eno2.link']),
      new RegExp(`MACAddress=${mac}\n`),
    )
  }).timeout(60_000)

  it('turns Proxmox’s package sources, and asks apt itself whether it can read them', async function () {
    if ((await machine.exec(['sh', '-c', 'command -v apt-get'])).code !== 0) return this.skip()
    const enterprise =
      'Types: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-enterprise\n'
    const folder = '/etc/apt/sources.list.d'
    await machine.must(['sh', '-c', `cat > ${folder}/pve-enterprise.sources`], { input: enterprise })
    await settle(find({ sources: 'no-subscription' }, 'file-set:n1/sources'))
    assert.equal(await machine.must(['cat', `${folder}/pve-enterprise.sources`]), `${enterprise}Enabled: no\n`)
    const urls = await machine.must(['apt-get', 'update', '--print-uris'])
    assert.match(urls, /^'http:\/\/download\.proxmox\.com\/debian\/pve\/dists\/trixie\/InRelease'/m)
    assert.doesNotMatch(urls, /enterprise/)
  }).timeout(200_000)

  it('touches nothing where another file of apt is broken', async function () {
    if ((await machine.exec(['sh', '-c', 'command -v apt-get'])).code !== 0) return this.skip()
    await machine.must(['sh', '-c', 'echo "deb what" > /etc/apt/sources.list.d/broken.list'])
    const before = await machine.must(['sh', '-c', 'cat /etc/apt/sources.list.d/*'])
    const wanted = find({ sources: 'test' }, 'file-set:n1/sources')
    await assert.rejects(apply(wanted), withCode('E_GUARD_REFUSED'))
    assert.equal(
      await machine.must(['sh', '-c', 'cat /etc/apt/sources.list.d/*; rm /etc/apt/sources.list.d/broken.list']),
      before,
    )
  }).timeout(60_000)

  it('finds installed packages, and says which one apt does not know', async function () {
    if ((await machine.exec(['sh', '-c', 'command -v apt-get'])).code !== 0) return this.skip()
    assert.deepEqual(await look(find({ packages: ['openssh-server'] }, 'packages:n1/debian')), [])
    const resource = find({ packages: ['openssh-server', 'no-such-package'] }, 'packages:n1/debian')
    assert.deepEqual(await look(resource), [{ field: 'no-such-package', want: 'installed' }])
    await assert.rejects(apply(resource), /apt knows no package no-such-package/)
  }).timeout(200_000)

  it('sets the time zone', async () => {
    const resource = find({}, 'timezone:n1/timezone', { timezone: 'Europe/Zurich' })
    if ((await machine.exec(['test', '-e', '/usr/share/zoneinfo/Europe/Zurich'])).code !== 0) {
      await assert.rejects(look(resource), /knows no time zone Europe\/Zurich/)
      return
    }
    await settle(resource)
    assert.match(await machine.must(['readlink', '/etc/localtime']), /zoneinfo\/Europe\/Zurich$/m)
  }).timeout(60_000)

  it('is still all as wanted after a restart', async () => {
    await machine.reboot()
    const all = [
      find({ pinPorts: true, ports: { lan: 'eno2' } }, 'file-set:n1/pinning'),
      find({}, 'file-set:n1/hosts', { domain: 'lan' }),
    ]
    for (const resource of all) assert.deepEqual(await look(resource), [])
  }).timeout(60_000)
})
