// A router that takes its address outside by router advertisement while it forwards, on a real host: under systemd-networkd, as
// Debian's cloud images have it, and by the kernel itself.
import assert from 'node:assert/strict'
import type { Output } from '../../src/host/host.ts'
import { forwarding, forwardingFacts } from '../../src/parts/router/forwarding.ts'
import { ROUTER_FACTS, type Router, routersOf } from '../../src/parts/router/router.ts'
import type { FileSet } from '../../src/resources/file-set.ts'
import type { HostFacts } from '../../src/resources/host-facts.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { within } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { KEY } from '../site/site-text.ts'

const SITE = `
site: learns
nodes: { pve: { address: 10.77.0.2, ports: { wan: eno1, lan: eno2 } } }
networks: { wan: { bridge: vmbr0 }, lan: { bridge: vmbr1, ipv4: 10.9.0.0/24, router: router } }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, import] } }
images: { debian: { url: https://images.example.net/debian.qcow2, checksum: "sha512:${'0'.repeat(128)}" } }
guests:
  router: { id: 200, node: pve, storage: local, image: debian, memory: 1G, disk: 8G, nics: { wan: { ipv4: dhcp, ipv6: auto }, lan: 10.9.0.1 } }
firewall: { router: router, allow: [], masquerade: wan }
`

/** As netplan writes it for \`ip6=auto\` of Proxmox VE. */
const NETWORK = '[Match]\nName=wan0\n\n[Network]\nDHCP=ipv6\nLinkLocalAddressing=ipv6\n'

/** A network of its own inside of the host (there once `sleep` runs: Type=exec), with a router that advertises a prefix to wan0. */
const PROVIDER = `systemd-run -q --unit=provider -p Type=exec -p PrivateNetwork=yes sleep infinity
pid=$(systemctl show -P MainPID provider)
ip link add wan0 address "$1" type veth peer name up0 netns "$pid"
nsenter -t "$pid" -n sh -c 'ip link set up0 up && ip addr add 2602:f674:ff::1/64 dev up0 nodad'
systemd-run -q --unit=advertiser nsenter -t "$pid" -n dnsmasq -k -p 0 -C /dev/null --interface=up0 --bind-dynamic \\
  --enable-ra --ra-param=up0,4,1800 --dhcp-range=::,constructor:up0,ra-only,64,1h
ip link set wan0 up`

describe('forwarding and an address by router advertisement, on a real host', function () {
  this.timeout(60_000)
  let host: TestHost
  let site: Site
  let router: Router
  let set: FileSet

  before(async function () {
    await withHosts(this)
    site = await parseSite(SITE, '/site.yaml', { home: '/nowhere', standInKey: KEY })
    const [found] = routersOf(site)
    assert.ok(found)
    router = found
    set = forwarding(site, router, {})
    host = await startHost({ name: 'learns' })
    await host.must(['sh', '-c', PROVIDER, 'provider', router.nics[0]?.nic.mac ?? ''])
  })

  after(() => host?.stop())

  const look = async (): Promise<HostFacts> => {
    const { commands = {} } = forwardingFacts(site, router)
    const outputs = new Map<string, Output>()
    for (const [name, argv] of Object.entries({ ...ROUTER_FACTS.commands, ...commands }))
      outputs.set(name, await host.exec(argv))
    return { files: new Map(), commands: outputs }
  }
  const apply = async () => {
    const seen = await look()
    for (const { path, text = '' } of set.files(seen))
      await host.must(['sh', '-c', 'cat > "$1"', 'sh', path], { input: text })
    assert.ok(typeof set.activate === 'function')
    for (const argv of set.activate(seen)) await host.must(argv)
  }
  const routes = async () => (await host.must(['ip', '-6', 'route', 'show', 'default'])).trim().split('\n')
  const hasAddress = async () =>
    (await host.must(['ip', '-6', 'addr', 'show', 'dev', 'wan0'])).includes('2602:f674:ff:')
  const wayOut = () =>
    within(20_000, 'an address and one way out', async () => {
      const [way = '', ...more] = await routes()
      return (await hasAddress()) && /^default .*dev wan0 /.test(way) && more.length === 0
    })

  it('the kernel learns where nobody else does', async () => {
    await apply()
    await wayOut()
    assert.deepEqual(set.drift?.(await look()), [])
  })

  it('systemd-networkd learns by itself, and nothing fights with it', async () => {
    await host.must(['sh', '-c', 'cat > /etc/systemd/network/10-netplan-wan0.network'], { input: NETWORK })
    await host.must(['systemctl', 'start', 'systemd-networkd'])
    await host.must(['networkctl', 'reconfigure', 'wan0'])
    await apply()
    // What the kernel learnt before goes with the link.
    await host.must(['sh', '-c', 'ip link set wan0 down && ip link set wan0 up'])
    await wayOut()
    assert.deepEqual(set.drift?.(await look()), [])
    assert.equal((await host.must(['sysctl', '-n', 'net.ipv6.conf.wan0.accept_ra'])).trim(), '0')
  })

  it('… nor after it was started again, as after a restart of the machine', async () => {
    await host.must(['sysctl', '--system'])
    await host.must(['systemctl', 'restart', 'systemd-networkd'])
    await wayOut()
    assert.equal((await host.must(['sysctl', '-n', 'net.ipv6.conf.all.forwarding'])).trim(), '1')
    assert.deepEqual(set.drift?.(await look()), [])
  })
})
