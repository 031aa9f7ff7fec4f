// Packages of Debian on a router: what the cloud image brings, and what the others bring along: units, groups, files.
import { type HostState, putText, textAt } from '../host/state.ts'
import { isListed } from '../tailscale/archive.ts'
import { DEFAULTS } from '../tailscale/daemon.ts'
import { DAEMON } from '../tailscale/tailscale-state.ts'

interface Package {
  /** In Debian 12 and 13; undefined = not in that release. */
  readonly versions: readonly [bookworm: string | undefined, trixie: string | undefined]
  /** Units that its installation enables and starts. */
  readonly units?: readonly string[]
  /** Units that it only brings. */
  readonly others?: readonly string[]
  readonly group?: string
  readonly files?: Readonly<Record<string, string>>
  readonly conflicts?: string
}

const BIRD_CONF = `# This is a basic configuration file of the package.
log syslog all;
protocol device {
}
protocol direct {
	disabled;
	ipv4;
	ipv6;
}
protocol kernel {
	ipv4 {
		export all;
	};
}
protocol kernel {
	ipv6 { export all; };
}
protocol static {
	ipv4;
}
`
const BIRD = { units: ['bird.service'], group: 'bird', files: { '/etc/bird/bird.conf': BIRD_CONF } } as const

const PACKAGES: Readonly<Record<string, Package>> = {
  'cloud-init': { versions: ['22.4.2-1+deb12u3', '25.1.4-1'], units: ['cloud-final.service'] },
  'openssh-server': { versions: ['1:9.2p1-2+deb12u7', '1:10.0p1-7'], units: ['ssh.service'] },
  sudo: { versions: ['1.9.13p3-1+deb12u2', '1.9.16p2-3'] },
  'unattended-upgrades': { versions: ['2.9.1+nmu3', '2.12'], units: ['unattended-upgrades.service'] },
  nftables: { versions: ['1.0.6-2+deb12u2', '1.1.3-1'], others: ['nftables.service'] },
  auditd: { versions: ['1:3.0.9-1', '1:4.0.2-2'], units: ['auditd.service'] },
  suricata: { versions: ['1:6.0.10-1', '1:7.0.10-1'], units: ['suricata.service'] },
  'iputils-ping': { versions: ['3:20221126-1+deb12u1', '3:20240905-3'] },
  'wireguard-tools': { versions: ['1.0.20210914-1+b1', '1.0.20210914-3'] },
  openssl: { versions: ['3.0.17-1~deb12u3', '3.5.4-1~deb13u1'] },
  bird2: { versions: ['2.0.12-7', '2.17.5-1'], ...BIRD, conflicts: 'bird3' },
  bird3: { versions: [undefined, '3.1.7-1'], ...BIRD, conflicts: 'bird2' },
  gobgpd: { versions: ['3.10.0-1', '3.36.0-2'], units: ['gobgpd.service'], group: 'gobgpd' },
  dnsmasq: { versions: ['2.90-4~deb12u1', '2.91-1'], units: ['dnsmasq.service'] },
  bgpq4: { versions: ['1.9-1', '1.12-1'] },
  // Of its own server, for both.
  tailscale: {
    versions: ['1.90.9', '1.90.9'],
    units: [DAEMON],
    files: { [DEFAULTS]: '# As the package brings it.\nPORT="41641"\nFLAGS=""\n' },
  },
  stayrtr: { versions: ['0.5.1-1', '0.6.2-1'], units: ['stayrtr.service'] },
  'rpki-client': {
    versions: ['8.2-2', '9.5-1'],
    units: ['rpki-client.timer'],
    others: ['rpki-client.service'],
    group: '_rpki-client',
  },
}

/** Of a generic cloud image. */
export const FIRST_PACKAGES = ['cloud-init', 'openssh-server', 'openssl', 'sudo', 'unattended-upgrades'] as const

function releaseIndex(host: HostState): 0 | 1 {
  return /^VERSION_CODENAME=bookworm$/m.test(textAt(host, '/usr/lib/os-release') ?? '') ? 0 : 1
}

/** The version that this release has; undefined where the lab knows no such package, or the release has none. */
export function candidate(host: HostState, name: string): string | undefined {
  const known = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined
  if (name === 'tailscale' && !isListed(host)) return undefined
  return known?.versions[releaseIndex(host)]
}

/** Unpacks a package: its files where none are yet, its group, its units. Gives the units to start. */
export function addPackage(host: HostState, name: string): readonly string[] {
  const {
    units = [],
    others = [],
    group,
    files = {},
    conflicts,
  } = PACKAGES[name] ?? { versions: [undefined, undefined] }
  if (conflicts !== undefined) delete host.packages[conflicts]
  host.packages[name] = candidate(host, name) ?? '1.0-1'
  if (group !== undefined && !textAt(host, '/etc/group')?.includes(`\n${group}:`))
    putText(host, '/etc/group', `${textAt(host, '/etc/group')}${group}:x:${100 + group.length}:\n`)
  for (const [path, text] of Object.entries(files)) if (textAt(host, path) === undefined) putText(host, path, text)
  for (const unit of [...units, ...others])
    putText(host, `/usr/lib/systemd/system/${unit}`, `[Unit]\nDescription=${name} of Debian\n`)
  for (const unit of units) host.units[unit] = { active: host.units[unit]?.active ?? false, enabled: true }
  return units
}
