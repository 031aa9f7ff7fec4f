// The firewall on a real host with systemd and Debian 13's nft: checked, loaded, there again after a restart, and after Debian's own
// rules flushed everything; put back to nothing where there was nothing.
import assert from 'node:assert/strict'
import type { HostFile } from '../../src/host/host.ts'
import { firewall } from '../../src/parts/router/firewall.ts'
import { routersOf } from '../../src/parts/router/router.ts'
import type { FileSet } from '../../src/resources/file-set.ts'
import type { HostFacts } from '../../src/resources/host-facts.ts'
import { parseSite } from '../../src/site/load.ts'
import { within } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { KEY } from '../site/site-text.ts'

/** The operator of the test hosts is in lan. */
const SITE = `
site: probe
nodes: { pve: { address: 10.77.0.2, ports: { wan: eno1, lan: eno2 } } }
networks: { wan: { bridge: vmbr0 }, lan: { bridge: vmbr1, ipv4: 10.77.0.0/16, router: router } }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, import] } }
images: { debian: { url: https://images.example.net/debian.qcow2, checksum: "sha512:${'0'.repeat(128)}" } }
guests:
  router: { id: 200, node: pve, storage: local, image: debian, memory: 1G, disk: 8G, nics: { wan: dhcp, lan: 10.77.0.9 } }
firewall: { router: router, allow: [{ from: lan, to: wan }], masquerade: wan }
`

describe('the firewall of a router, on a real host', () => {
  let host: TestHost
  let set: FileSet
  let files: readonly HostFile[]

  before(async function () {
    await withHosts(this)
    const site = await parseSite(SITE, '/site.yaml', { home: '/nowhere', standInKey: KEY })
    const [router] = routersOf(site)
    const wanted = router && firewall(site, router, {})
    assert.ok(router && wanted)
    const links = router.nics.map(({ nic }, at) => ({ ifname: ['eno2', 'vmbr0'][at], address: nic.mac.toLowerCase() }))
    const seen: HostFacts = {
      files: new Map(),
      commands: new Map([['links', { code: 0, stdout: JSON.stringify(links), stderr: '' }]]),
    }
    set = wanted
    files = set.files(seen)
    host = await startHost({ name: 'firewall' })
  })

  after(() => host?.stop())

  const each = async (list: FileSet['check'] | FileSet['activate']) => {
    assert.ok(Array.isArray(list))
    for (const argv of list) await host.must(argv)
  }
  const put = async ({ path, text }: HostFile) => {
    if (text === undefined) await host.must(['rm', '-f', path])
    else await host.must(['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path], { input: text })
  }
  const tables = () => host.must(['nft', 'list', 'tables'])
  const isWhole = async () => (await tables()) === 'table inet filter\ntable inet orion\n'
  const unit = async (verb: string) => (await host.exec(['systemctl', verb, 'orion-firewall'])).stdout.trim()

  it('is checked and loaded, and lets the operator in', async () => {
    await Promise.all(files.map(put))
    await each(set.check)
    assert.equal(await tables(), '')
    await each(set.activate)
    assert.equal(await tables(), 'table inet orion\n')
    assert.deepEqual([await unit('is-active'), await unit('is-enabled')], ['active', 'enabled'])
    await host.reachable()
  })

  it('is refused where nft does not take it, and the rules stay', async () => {
    const [file] = files
    assert.ok(file?.text)
    await put({ path: file.path, text: file.text.replace('policy drop', 'policy drpo') })
    await assert.rejects(each(set.check), /drpo/)
    assert.equal(await tables(), 'table inet orion\n')
    await put(file)
  })

  it('stays when its unit is stopped', async () => {
    await host.must(['systemctl', 'stop', 'orion-firewall'])
    assert.equal(await tables(), 'table inet orion\n')
    await host.must(['systemctl', 'start', 'orion-firewall'])
  })

  it('comes back after Debian’s own rules flushed everything, and after a restart', async () => {
    await host.must(['systemctl', 'enable', '--now', 'nftables'])
    for (const verb of ['reload', 'restart']) {
      await host.must(['systemctl', verb, 'nftables'])
      // systemctl waits for the unit that it names, and not for what follows it.
      await within(10_000, `both tables after ${verb}`, isWhole)
    }
    await host.reboot()
    assert.equal(await isWhole(), true)
    assert.equal(await unit('is-active'), 'active')
  }).timeout(60_000)

  const rules = () => host.must(['nft', 'list', 'table', 'inet', 'orion'])

  for (const [title, spoil] of [
    ['as it is broken', 'echo "no rules" > /etc/orion/firewall.nft'],
    ['as it is not there', 'rm /etc/orion/firewall.nft'],
  ] as const)
    it(`lets nothing pass but the operator where it cannot be loaded at the start of the machine, ${title}`, async () => {
      await host.must(['sh', '-c', spoil])
      await host.reboot()
      assert.equal(await unit('is-active'), 'failed')
      const closed = await rules()
      assert.match(closed, /hook forward priority filter; policy drop;\n\t\}/)
      assert.match(closed, /hook input priority filter; policy drop;/)
      assert.doesNotMatch(closed, /admit|drop_forward/)
      await host.reachable()
    }).timeout(60_000)

  it('stands again once it can be loaded', async () => {
    await Promise.all(files.map(put))
    await each(set.activate)
    assert.match(await rules(), /drop_forward/)
    assert.equal(await unit('is-active'), 'active')
  })

  it('keeps the rules that were there where a restart fails', async () => {
    const before = await rules()
    await host.must(['sh', '-c', 'echo "no rules" > /etc/orion/firewall.nft'])
    await assert.rejects(each(set.activate))
    assert.equal(await rules(), before)
    await Promise.all(files.map(put))
    await each(set.activate)
  })

  it('is gone where there was none before, and nothing else is', async () => {
    await Promise.all(files.map(({ path }) => put({ path, text: undefined })))
    await each(set.check)
    await each(set.activate)
    assert.equal(await tables(), 'table inet filter\n')
    assert.equal(
      (await host.exec(['ls', '/etc/systemd/system/sysinit.target.wants'])).stdout.includes('orion-firewall'),
      false,
    )
    // Again, where there is nothing left to take away.
    await each(set.activate)
  })
})
