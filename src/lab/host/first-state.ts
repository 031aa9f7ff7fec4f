// A host as the installer of Proxmox VE leaves it: vmbr0 on the management port, its own files, packages and sources.
import { isIP } from 'node:net'
import type { Hardware } from '../world.ts'
import { INTERFACES } from './interfaces-file.ts'
import { macOf } from './links.ts'
import { type HostState, putText } from './state.ts'

type Node = Hardware['nodes'][number]

/** Makes the host of a node; `version` of Proxmox VE decides the Debian release. */
export function firstHost(node: Node, version: string): HostState {
  const text = firstInterfaces(node)
  const host: HostState = {
    address: node.address ?? '127.0.0.1',
    ports: portsOf(node),
    files: {},
    applied: text,
    sysctl: {},
    packages: firstPackages(version),
    swaps: {},
    units: {},
    guard: [],
    taken: [],
  }
  if (node.uplink !== undefined) host.cable = node.uplink
  putText(host, INTERFACES, text)
  putSystem(host, node, version)
  if (version.startsWith('8')) putLists(host)
  else putSources(host)
  return host
}

/** Ports of a node with their MAC addresses and systemd's path names. */
export function portsOf(node: Node): HostState['ports'] {
  const ports = (node.ports ?? []).map((name, index) => {
    const altnames = [
      `enp${Math.floor(index / 2) + 1}s0f${index % 2}`,
      `enx${macOf(name + node.name).replaceAll(':', '')}`,
    ]
    return [name, { mac: macOf(name + node.name), altnames: altnames.filter((other) => other !== name) }] as const
  })
  return Object.fromEntries(ports)
}

/** The file that the installer writes; further bridges of the hardware stand there without ports. */
export function firstInterfaces({ ports = [], uplink, address, prefix, gateway, bridges }: Node): string {
  const physical = ports.map((port) => `iface ${port} inet manual\n\n`)
  const others = bridges.filter((name) => name !== 'vmbr0').map((name) => bridge(name, 'inet manual', [], 'none'))
  const version = isIP(address ?? '')
  const family = version === 6 ? 'inet6' : 'inet'
  const lines = [
    `address ${address}/${prefix ?? (version === 6 ? 64 : 24)}`,
    ...(gateway === undefined ? [] : [`gateway ${gateway}`]),
  ]
  const first =
    version === 0
      ? bridge('vmbr0', 'inet manual', [], uplink ?? 'none')
      : bridge('vmbr0', `${family} static`, lines, uplink ?? 'none')
  const own = bridges.includes('vmbr0') ? [first] : []
  const head = 'auto lo\niface lo inet loopback\n\n'
  return `${head}${physical.join('')}${[...own, ...others].join('')}\nsource /etc/network/interfaces.d/*\n`
}

function bridge(name: string, method: string, lines: readonly string[], port: string): string {
  const all = [...lines, `bridge-ports ${port}`, 'bridge-stp off', 'bridge-fd 0']
  return `auto ${name}\niface ${name} ${method}\n${all.map((line) => `\t${line}\n`).join('')}\n`
}

function putSystem(host: HostState, { name, address, domain = 'local' }: Node, version: string): void {
  const old = version.startsWith('8')
  const [number, codename, minor] = old ? ['12', 'bookworm', '12.12'] : ['13', 'trixie', '13.2']
  const release = [
    `PRETTY_NAME="Debian GNU/Linux ${number} (${codename})"`,
    'NAME="Debian GNU/Linux"',
    `VERSION_ID="${number}"`,
    `VERSION="${number} (${codename})"`,
    `VERSION_CODENAME=${codename}`,
    'ID=debian',
  ]
  putText(host, '/usr/lib/os-release', `${release.join('\n')}\n`)
  host.files['/etc/os-release'] = { kind: 'link', text: '/usr/lib/os-release', mode: 0o777 }
  putText(host, '/etc/debian_version', `${minor}\n`)
  putText(host, '/etc/hostname', `${name}\n`)
  const own = `${isIP(address ?? '') === 0 ? '127.0.1.1' : address} ${name}.${domain} ${name}`
  putText(host, '/etc/hosts', `127.0.0.1 localhost.localdomain localhost\n${own}\n\n${IPV6_HOSTS}`)
  host.files['/etc/localtime'] = { kind: 'link', text: '/usr/share/zoneinfo/Etc/UTC', mode: 0o777 }
  putText(host, '/etc/timezone', 'Etc/UTC\n')
  putText(host, '/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n')
  putText(host, '/etc/group', 'root:x:0:\n')
  putText(
    host,
    '/etc/fstab',
    '# <file system> <mount point> <type> <options> <dump> <pass>\nproc /proc proc defaults 0 0\n',
  )
  putText(host, '/usr/share/keyrings/debian-archive-keyring.gpg', '')
  putText(host, '/usr/share/keyrings/proxmox-archive-keyring.gpg', '')
  // What the kernel answers; the same way to read it as any other file.
  putText(host, '/sys/module/zfs/parameters/zfs_arc_max', '0\n')
}

const IPV6_HOSTS = `# The following lines are desirable for IPv6 capable hosts

::1     ip6-localhost ip6-loopback
fe00::0 ip6-localnet
ff00::0 ip6-mcastprefix
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
ff02::3 ip6-allhosts
`

function deb822(uri: string, suites: string, components: string, keyring: string): string {
  return `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: ${components}\nSigned-By: /usr/share/keyrings/${keyring}\n`
}

function putSources(host: HostState): void {
  const keyring = 'proxmox-archive-keyring.gpg'
  const parts = '/etc/apt/sources.list.d'
  const enterprise = 'https://enterprise.proxmox.com/debian'
  putText(host, `${parts}/pve-enterprise.sources`, deb822(`${enterprise}/pve`, 'trixie', 'pve-enterprise', keyring))
  putText(host, `${parts}/ceph.sources`, deb822(`${enterprise}/ceph-squid`, 'trixie', 'enterprise', keyring))
  const debian = 'debian-archive-keyring.gpg'
  const components = 'main contrib non-free-firmware'
  const main = deb822('http://mirror.example/debian/', 'trixie trixie-updates', components, debian)
  const security = deb822('http://mirror.example/debian-security/', 'trixie-security', components, debian)
  putText(host, `${parts}/debian.sources`, `${main}\n${security}`)
}

function putLists(host: HostState): void {
  const enterprise = 'https://enterprise.proxmox.com/debian'
  const parts = '/etc/apt/sources.list.d'
  putText(host, `${parts}/pve-enterprise.list`, `deb ${enterprise}/pve bookworm pve-enterprise\n`)
  putText(host, `${parts}/ceph.list`, `# deb ${enterprise}/ceph-quincy bookworm enterprise\n`)
  const debian = ['bookworm', 'bookworm-updates'].map(
    (suite) => `deb http://mirror.example/debian ${suite} main contrib\n\n`,
  )
  const security = '# security updates\ndeb http://mirror.example/debian-security bookworm-security main contrib\n'
  putText(host, '/etc/apt/sources.list', `${debian.join('')}${security}`)
}

function firstPackages(version: string): Record<string, string> {
  const old = version.startsWith('8')
  return {
    'proxmox-ve': version.startsWith('8') ? '8.4.0' : '9.1.0',
    'pve-manager': version,
    ifupdown2: old ? '3.2.0-1+pmx11' : '3.3.0-1+pmx11',
    'openssh-server': old ? '1:9.2p1-2+deb12u7' : '1:10.0p1-7',
    'zfsutils-linux': old ? '2.2.8-pve1' : '2.3.4-pve1',
    ifenslave: '2.14',
    openssl: old ? '3.0.17-1~deb12u3' : '3.5.4-1~deb13u1',
  }
}
