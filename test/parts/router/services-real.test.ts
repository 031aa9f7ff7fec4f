// dnsmasq of Debian 12 and 13 with the rendered files, in namespaces: what clients of each network get, and what they do not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dnsmasqText } from '../../../src/parts/router/services-config.ts'
import { hostsText } from '../../../src/parts/router/site-names.ts'
import { type Daemons, daemons, withDaemons } from '../../daemons/daemons.ts'
import { type Daemon, makeRig, type Rig, type Space } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { routerSite, seenRouter } from './router-sites.ts'

const LIMIT_MS = 20_000
const NETWORKS = ['wan', 'lan', 'guest', 'management'] as const
type Name = (typeof NETWORKS)[number]

// Node's own resolver, with the server that the client was told.
const ASK = `const [server, kind, name] = process.argv.slice(1)
const resolver = new (require('node:dns').promises.Resolver)({ timeout: 2000, tries: 1 })
resolver.setServers([server])
const asked = kind === 'PTR' ? resolver.reverse(name) : resolver.resolve(name, kind)
asked.then((found) => console.log(found.join(' ')), ({ code }) => console.log(code))`

interface Net {
  readonly clients: Readonly<Record<Name, Space>>
  readonly upstream: Daemon
}

async function makeNet(rig: Rig, { dnsmasq }: Daemons): Promise<Net> {
  const { site, router } = await routerSite((one) => ({
    ...one,
    // A guest that takes its address from the range.
    guests: one.guests.map((guest) =>
      guest.name === 'netbox'
        ? { ...guest, nics: guest.nics.map((nic) => ({ ...nic, mac: 'BE:00:00:00:00:02', ipv4: 'dhcp' as const })) }
        : guest,
    ),
  }))
  const inside = rig.space('router')
  const clients = Object.fromEntries(NETWORKS.map((name) => [name, rig.space(name)])) as Net['clients']
  for (const [at, { nic, network }] of router.nics.entries()) {
    const own = [nic.ipv4, nic.ipv6].flatMap((address) => (typeof address === 'object' ? [address.cidr] : []))
    const name = network.name as Name
    // The upstream stands outside; the others have no address until they get one.
    const theirs = name === 'wan' ? ['198.18.0.2/24'] : []
    rig.cable(
      { space: inside, name: `eth${at}`, mac: nic.mac, addresses: name === 'wan' ? ['198.18.0.1/24'] : own },
      { space: clients[name], name: 'eth0', mac: `BE:00:00:00:00:0${at + 1}`, addresses: theirs },
    )
  }
  await inside.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
  const foreground = ['--keep-in-foreground', '--user=root', '--pid-file=', '--log-facility=-', '--log-queries']
  const upstream = clients.wan.start([
    ...[dnsmasq, ...foreground, '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--listen-address=198.18.0.2'],
    ...['--address=/example.net/11.0.0.9', '--address=/rebound.net/192.168.100.30'],
  ])
  const hosts = inside.write('hosts', hostsText(site, router))
  const resolv = inside.write('resolv.conf', 'nameserver 198.18.0.2\n')
  const text = dnsmasqText(site, router, seenRouter(router)).replace('/etc/orion/hosts', hosts)
  const config = inside.write('dnsmasq.conf', text)
  await inside.must([dnsmasq, '--test', '-C', config])
  inside.start([
    ...[dnsmasq, ...foreground, '-C', config, '-r', resolv],
    `--dhcp-leasefile=${join(inside.folder, 'leases')}`,
  ])
  return { clients, upstream }
}

/** What a DHCP client is told, as udhcpc hands it to its script; undefined where nobody answers. */
async function lease({ udhcpc }: Daemons, client: Space): Promise<Readonly<Record<string, string>> | undefined> {
  const file = join(client.folder, 'lease')
  // The interface gets the address, as a client's script does it.
  const script = client.write(
    'script',
    `#!/bin/sh\n[ "$1" = bound ] || exit 0\nip addr add "$ip/$mask" dev "$interface"\nenv > ${file}\n`,
  )
  await client.must(['chmod', '755', script])
  const { code } = await client.run([
    ...[udhcpc, '-i', 'eth0', '-f', '-n', '-q', '-t', '4', '-T', '1', '-O', 'search', '-x', 'hostname:intruder'],
    ...['-s', script],
  ])
  if (code !== 0) return undefined
  const rows = readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gm)
  return Object.fromEntries([...rows].map(([, key = '', value = '']) => [key, value]))
}

async function ask(client: Space, server: string, kind: 'A' | 'AAAA' | 'PTR', name: string): Promise<string> {
  return (await client.must([process.execPath, '-e', ASK, server, kind, name])).trim()
}

for (const [release, version] of [
  ['Debian 12', '2.0.12'],
  ['Debian 13', '2.17'],
] as const)
  describe(`parts/router: dnsmasq of ${release}`, function () {
    this.timeout(60_000)
    let programs: Daemons
    let rig: Rig | undefined
    let net: Net
    before(async function () {
      await withDaemons(this)
      programs = await daemons(version)
      rig = makeRig('dnsmasq')
      net = await makeNet(rig, programs)
    })
    after(() => rig?.close())

    it('leases an address of the range, with the router, its DNS and the domain', async () => {
      const told = await lease(programs, net.clients.lan)
      const [, last = ''] = /^192\.168\.100\.(\d+)$/.exec(told?.ip ?? '') ?? []
      assert.ok(Number(last) >= 100 && Number(last) <= 199, told?.ip)
      const { mask, router, dns, domain, search, serverid } = told ?? {}
      assert.deepEqual(
        { mask, router, dns, domain, search, serverid },
        {
          mask: '24',
          router: '192.168.100.1',
          dns: '192.168.100.1',
          domain: 'orion.lan',
          search: 'orion.lan',
          serverid: '192.168.100.1',
        },
      )
    })

    it('gives an IPv6 address and a way out by router advertisement', async () => {
      await within(LIMIT_MS, 'an address of lan', async () =>
        /inet6 2602:f674:0:1000:[0-9a-f:]+\/64 .*dynamic/.test(await net.clients.lan.must(['ip', '-6', 'addr'])),
      )
      const routes = await net.clients.lan.must(['ip', '-6', 'route'])
      assert.match(routes, /^default via fe80::\S+ dev eth0 proto ra .*expires 1[78]\d\dsec/m)
    })

    const rows = [
      { kind: 'A', name: 'ai-coordinator.orion.lan', found: '192.168.100.30' },
      { kind: 'A', name: 'ai-coordinator', found: '192.168.100.30' },
      { kind: 'AAAA', name: 'ai-coordinator.orion.lan', found: '2602:f674:0:1000::30' },
      // The nearer one of two first: see localise-queries.
      { kind: 'A', name: 'r730.orion.lan', found: '192.168.100.2' },
      { kind: 'A', name: 'router.orion.lan', found: '192.168.100.1' },
      { kind: 'PTR', name: '192.168.100.30', found: 'ai-coordinator.orion.lan' },
      { kind: 'PTR', name: '2602:f674:0:1000::30', found: 'ai-coordinator.orion.lan' },
      { kind: 'A', name: 'example.net', found: '11.0.0.9' },
    ] as const
    for (const { kind, name, found } of rows)
      it(`answers ${kind} of ${name} with ${found}`, async () =>
        assert.equal(await ask(net.clients.lan, '192.168.100.1', kind, name), found))

    it('knows a guest that takes its address by its name in the site file', async () => {
      const address = await ask(net.clients.lan, '192.168.100.1', 'A', 'netbox.orion.lan')
      assert.match(address, /^192\.168\.100\.1\d\d$/)
      assert.equal(await ask(net.clients.lan, '192.168.100.1', 'PTR', address), 'netbox.orion.lan')
    })

    const unknown = [
      { kind: 'A', name: 'nobody.orion.lan' },
      { kind: 'A', name: 'nobody' },
      { kind: 'PTR', name: '192.168.100.77' },
      { kind: 'PTR', name: '2602:f674:0:1000::77' },
    ] as const
    for (const { kind, name } of unknown)
      it(`says that there is no ${kind} of ${name}, and asks nobody`, async () => {
        assert.equal(await ask(net.clients.lan, '192.168.100.1', kind, name), 'ENOTFOUND')
        assert.doesNotMatch(net.upstream.text(), /nobody|77\.100\.168|7\.7\.0\.0/)
      })

    it('lets no name of the internet lead inside', async () => {
      assert.match(await ask(net.clients.lan, '192.168.100.1', 'A', 'rebound.net'), /^E(NODATA|REFUSED|NOTFOUND)$/)
      assert.match(net.upstream.text(), /rebound\.net/)
    })

    it('serves an isolated network with addresses of its own, and takes no names from it', async () => {
      const told = await lease(programs, net.clients.guest)
      assert.match(told?.ip ?? '', /^192\.168\.200\.1\d\d$/)
      assert.equal(told?.dns, '192.168.200.1')
      assert.equal(await ask(net.clients.guest, '192.168.200.1', 'A', 'intruder.orion.lan'), 'ENOTFOUND')
      await within(LIMIT_MS, 'an address of guest', async () =>
        /inet6 2602:f674:0:2000:/.test(await net.clients.guest.must(['ip', '-6', 'addr'])),
      )
    })

    it('gives nothing to a network that it does not serve', async () => {
      assert.equal(await lease(programs, net.clients.management), undefined)
      assert.doesNotMatch(await net.clients.management.must(['ip', '-6', 'addr']), /2602:/)
      await net.clients.management.must(['ip', 'addr', 'add', '192.168.1.77/24', 'dev', 'eth0'])
      assert.equal(await ask(net.clients.management, '192.168.1.2', 'A', 'example.net'), 'ECONNREFUSED')
    })
  })
