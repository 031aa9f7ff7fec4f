// A router as its cloud image leaves it after the first start: Debian, its name, its packages; nothing of orion.
import { type HostState, putText } from '../host/state.ts'
import type { RouterHardware } from '../world.ts'
import { addPackage, FIRST_PACKAGES } from './debian-packages.ts'

/** Makes what is on the disk; what runs is made by its start. */
export function firstRouter({ name, vmid, release, domain = 'local' }: RouterHardware): HostState {
  const host: HostState = {
    address: '127.0.0.1',
    ports: {},
    files: {},
    applied: '',
    sysctl: {},
    packages: {},
    swaps: {},
    units: {},
    guard: [],
    taken: [],
    vm: { vmid, startedAt: 0 },
    tables: {},
  }
  const [number, minor] = release === 'bookworm' ? ['12', '12.12'] : ['13', '13.2']
  const lines = [
    `PRETTY_NAME="Debian GNU/Linux ${number} (${release})"`,
    'NAME="Debian GNU/Linux"',
    `VERSION_ID="${number}"`,
    `VERSION="${number} (${release})"`,
    `VERSION_CODENAME=${release}`,
    'ID=debian',
  ]
  putText(host, '/usr/lib/os-release', `${lines.join('\n')}\n`)
  host.files['/etc/os-release'] = { kind: 'link', text: '/usr/lib/os-release', mode: 0o777 }
  putText(host, '/etc/debian_version', `${minor}\n`)
  putText(host, '/etc/hostname', `${name}\n`)
  putText(
    host,
    '/etc/hosts',
    `127.0.1.1 ${name}.${domain} ${name}\n127.0.0.1 localhost\n\n::1 localhost ip6-localhost\n`,
  )
  putText(host, '/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n')
  putText(host, '/etc/group', 'root:x:0:\nadm:x:4:\nnogroup:x:65534:\n')
  putText(host, '/etc/resolv.conf', 'nameserver 192.0.2.53\n')
  putText(host, '/etc/apt/sources.list.d/debian.sources', sources(release))
  host.files['/etc/localtime'] = { kind: 'link', text: '/usr/share/zoneinfo/Etc/UTC', mode: 0o777 }
  for (const one of FIRST_PACKAGES) addPackage(host, one)
  return host
}

function sources(release: string): string {
  const part = (suites: string, path: string) =>
    `Types: deb\nURIs: http://mirror.example/${path}\nSuites: ${suites}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`
  return `${part(`${release} ${release}-updates`, 'debian')}\n${part(`${release}-security`, 'debian-security')}`
}
