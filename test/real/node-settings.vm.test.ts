// Proof on a real host that every setting of a node in the site file comes true, stays, is mended where somebody undid it, and
// takes exactly one round trip to look at; and that a hostile value arrives as it is, or not at all.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator, type Ran } from '../commands/orion.ts'
import { OPERATOR } from '../hosts/network.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'

const HOSTILE = `|/bin/x $(touch /pwned) \`touch /pwned\`; "a" 'b' %p #c`

/** As Proxmox's installer leaves a host, with IPv6 beside it, and a bridge of somebody else's. */
const interfaces = (address: string): string => `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress ${address}/16
\tgateway ${OPERATOR}
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0

iface eno2 inet manual

iface eno3 inet manual

auto vmbr9
iface vmbr9 inet manual
\tbridge-ports none
\tbridge-stp off
\tbridge-fd 0
#somebody's own

source /etc/network/interfaces.d/*
`

const siteText = ({ name, address }: TestHost) => `
site: proof
domain: lan.example
timezone: Europe/Zurich
nodes:
  ${name}:
    address: ${address}
    gateway: ${OPERATOR}
    gateway6: "fd77::1"
    ports: { mgmt: eno1, lan: eno2 }
    addresses: { mgmt: [${address}, "fd77::aa"], lan: ["10.78.0.2", "10.78.0.3", "fd78::2"] }
    pinPorts: true
    sources: no-subscription
    packages: [orion-test-package]
    sysctl:
      vm.swappiness: 7
      net.ipv4.ip_forward: 1
      net.ipv4.tcp_rmem: 4096 131072 6291456
      net/ipv4/conf/eno1/rp_filter: 2
      kernel.core_pattern: ${JSON.stringify(HOSTILE)}
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.77.0.0/16, ipv6: "fd77::/64" }
  lan: { bridge: vmbr1, ipv4: 10.78.0.0/24, ipv6: "fd78::/64", mtu: 1400 }
`

/** A package source on the host itself, with one package that this makes, in Debian's place: no mirror can be reached from there. */
const REPOSITORY = `set -e
mkdir -p /srv/repo /tmp/p/DEBIAN; cd /srv/repo
printf 'Package: orion-test-package\\nVersion: 1\\nArchitecture: all\\nMaintainer: none <none@example.org>\\nDescription: for a test\\n' > /tmp/p/DEBIAN/control
dpkg-deb --build /tmp/p . > /dev/null
{ cat /tmp/p/DEBIAN/control; printf 'Filename: ./orion-test-package_1_all.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s *.deb)" "$(sha256sum *.deb | cut -d' ' -f1)"; } > Packages
echo 'deb [trusted=yes] file:/srv/repo ./' > /etc/apt/sources.list.d/test.list
: > /etc/apt/sources.list; echo 'Acquire::Retries "0";' > /etc/apt/apt.conf.d/99test
printf 'Types: deb\\nURIs: https://enterprise.proxmox.com/debian/pve\\nSuites: trixie\\nComponents: pve-enterprise\\n' > /etc/apt/sources.list.d/pve-enterprise.sources`

/** What somebody undoes, and what the plan says of it. */
const DRIFTS: readonly (readonly [string, string, RegExp])[] = [
  ['a kernel setting set back', 'sysctl -q -w vm.swappiness=60', /vm\.swappiness +60 → 7/],
  ['a port pulled out of its bridge', 'ip link set eno2 nomaster', /port eno2 +nowhere → vmbr1/],
  ['a port of nobody put into a bridge', 'ip link set eno3 master vmbr1', /port eno3 +vmbr1 → nowhere/],
  ['an address taken away', 'ip addr del 10.78.0.3/24 dev vmbr1', /vmbr1 address +missing → 10\.78\.0\.3\/24/],
  ['an IPv6 address taken away', 'ip addr del fd78::2/64 dev vmbr1', /vmbr1 address +missing → fd78::2\/64/],
  [
    'an address moved to another bridge',
    'ip addr add 10.78.0.2/24 dev vmbr0',
    /vmbr0 address +10\.78\.0\.2\/24 → none/,
  ],
  ['the default route of IPv6 gone', 'ip -6 route del default', /default route \(IPv6\) +none → fd77::1 on vmbr0/],
  ['an MTU set back', 'ip link set vmbr1 mtu 1300', /vmbr1 mtu +1300 → 1400/],
  // After the addresses: the kernel takes those of IPv6 away itself.
  ['a bridge taken down', 'ip link set vmbr1 down', /vmbr1 +down → up/],
  ['a package removed', 'dpkg --purge orion-test-package > /dev/null', /orion-test-package/],
  ['the time zone set back', 'timedatectl set-timezone UTC', /UTC → Europe\/Zurich/],
  ['the name taken out of /etc/hosts', "sed -i '/lan.example/d' /etc/hosts", /\/etc\/hosts/],
  ['a pinned name taken away', 'rm /etc/systemd/network/50-orion-eno2.link', /50-orion-eno2\.link +absent/],
  [
    'the enterprise source switched on again',
    'sed -i /Enabled/d /etc/apt/sources.list.d/pve-enterprise.sources',
    /pve-enterprise\.sources/,
  ],
]

describe('the settings of a node on a real host', function () {
  // Some 25 s; every change waits for the host's own answer.
  this.timeout(300_000)
  let host: TestHost
  let operator: Operator
  let file: string

  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'settings', interfaces })
    operator = newOperator()
    file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText(host))
    mkdirSync(join(operator.home, '.ssh'), { mode: 0o700 })
    const { address, identityFile, knownHosts, proxyCommand } = host
    const config = `Host ${address}\n User root\n IdentityFile ${identityFile}\n IdentitiesOnly yes\n UserKnownHostsFile ${knownHosts}\n ProxyCommand ${proxyCommand}\n`
    writeFileSync(join(operator.home, '.ssh', 'config'), config, { mode: 0o600 })
    await host.must(['sh', '-c', REPOSITORY])
  })
  after(() => {
    operator?.leave()
    host?.stop()
  })

  const plan = (...more: string[]): Promise<Ran> => operator.run(['net', 'plan', '--site', file, ...more])
  const apply = (): Promise<Ran> => operator.run(['net', 'apply', '--yes', '--site', file], { timeout: 280_000 })
  const asserted = (ran: Ran, exit: number) => assert.equal(ran.exit, exit, `${ran.out}\n${ran.err}`)

  it('builds all of them, and a second run has nothing to do', async () => {
    asserted(await plan(), 3)
    asserted(await apply(), 0)
    const again = await plan()
    asserted(again, 0)
    assert.match(again.out, /0 to create, 0 to change/)
  })

  it('is as the site file says, seen from inside', async () => {
    const is = async (argv: readonly string[], want: RegExp) => assert.match(await host.must(argv), want)
    await is(['ip', '-br', 'addr', 'show', 'vmbr1'], /10\.78\.0\.2\/24.*10\.78\.0\.3\/24.*fd78::2\/64/)
    await is(['ip', '-6', 'route'], /^default via fd77::1 dev vmbr0/m)
    await is(['cat', '/sys/class/net/eno2/mtu'], /^1400$/m)
    await is(['cat', '/etc/network/interfaces'], /\n#somebody's own\n\nsource \/etc\/network\/interfaces\.d\/\*\n$/)
    await is(['cat', '/etc/hosts'], new RegExp(`^${host.address} settings\\.lan\\.example settings$`, 'm'))
    await is(['dpkg', '--status', 'orion-test-package'], /^Status: install ok installed$/m)
    await is(['readlink', '/etc/localtime'], /Europe\/Zurich/)
    await is(['cat', '/etc/apt/sources.list.d/test.list'], /^deb \[trusted=yes\] file:\/srv\/repo \.\/\n$/)
    assert.equal(await host.must(['cat', '/proc/sys/kernel/core_pattern']), `${HOSTILE}\n`)
    assert.equal((await host.exec(['test', '-e', '/pwned'])).code, 1)
  })

  it('sees what somebody undid, all of it, and mends it', async () => {
    for (const [, command] of DRIFTS) await host.must(['sh', '-c', command])
    const seen = await plan()
    asserted(seen, 3)
    for (const [what, , said] of DRIFTS) assert.match(seen.out, said, what)
    asserted(await apply(), 0)
    asserted(await plan(), 0)
  })

  it('is still as wanted after a restart', async () => {
    await host.reboot()
    const ran = await plan()
    const kernel = /vm\.swappiness/.test(ran.out) // a private copy of /proc/sys here: see test/hosts/rootfs.sh
    asserted(ran, kernel ? 3 : 0)
  })
})
