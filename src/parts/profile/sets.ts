// The hardened profile of a Debian guest, file by file: SSH by keys alone, a firewall that lets nobody else in, its own
// security updates, a record of who changed what, and Suricata where it is asked for.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, NODE_NAME, said, wishOf } from '../../resources/host-facts.ts'
import { packagesFacts } from '../../resources/packages.ts'
import type { Guest, Site } from '../../site/site.ts'
import { liveDrift, liveFacts } from '../router/firewall-live.ts'
import { activateUnits, unitDrift, unitFacts } from '../router/unit.ts'
import { interfacesOf, LINK_FACTS } from './interfaces.ts'

const SSHD = '/etc/ssh/sshd_config.d/10-orion.conf'
const UPDATES = '/etc/apt/apt.conf.d/52orion'
const RULES = '/etc/audit/rules.d/90-orion.rules'
const AUDIT_UNIT = 'auditd.service'
const WALL = '/etc/orion/guest-firewall.nft'
const WALL_UNIT = 'orion-guest-firewall.service'
const WALL_FILE = `/etc/systemd/system/${WALL_UNIT}`
const TABLE = { table: 'orion_guest', path: WALL, name: 'guest-firewall' }
const SENSOR = '/etc/suricata/orion.yaml'
const SENSOR_UNIT = 'suricata.service'
const SENSOR_FILE = `/etc/systemd/system/${SENSOR_UNIT}.d/90-orion.conf`

/** Of packages, as of the resource. */
export const TOPIC = 'profile'

const sshd = template<object>('profile/sshd')
const firewall = template<{ readonly closed: readonly string[] }>('profile/firewall')
const firewallUnit = template<{ readonly path: string }>('profile/firewall-service')
const updates = template<{ readonly packages: readonly string[] }>('router/apt')
const rules = template<object>('profile/audit')
const sensor = template<{ readonly interfaces: readonly string[] }>('profile/suricata')
const sensorUnit = template<{ readonly path: string }>('profile/suricata-unit')

// Debian's own rules file begins with `flush ruleset`: the unit loads ours after it. Without the file our table goes, and no other.
const LOAD = `f=$1 u=$2
systemctl daemon-reload || exit
if [ -e "$f" ]; then systemctl enable --quiet "$u" && exec systemctl restart "$u"; fi
rm -f "/etc/systemd/system/sysinit.target.wants/$u"
! nft list table inet orion_guest >/dev/null 2>&1 || nft delete table inet orion_guest`

// The kernel takes the rules in; where they are frozen (-e 2) only a restart does.
const AUDIT = `systemctl enable --quiet auditd.service; systemctl start auditd.service || exit
exec augenrules --load`

export interface ProfileSets {
  readonly wish: FileSet['wish']
  readonly packages: readonly string[]
  /** What the packages shall find when they are installed. */
  readonly before: readonly FileSet[]
  readonly after: readonly FileSet[]
}

/** A guest that is a router has its own firewall and updates already (parts/bgp.ts). */
export function profileSets(site: Site, guest: Guest, isRouter: boolean): ProfileSets {
  const packages = [
    'unattended-upgrades',
    'auditd',
    ...(isRouter ? [] : ['nftables']),
    ...(guest.intrusionDetection ? ['suricata'] : []),
  ]
  const wish = wishOf([NODE_NAME, FACTS, packagesFacts(packages, TOPIC)])
  const base = { host: guest.name, wish, owned: true as const }
  const make = (set: Omit<FileSet, keyof typeof base>): FileSet => ({
    ...base,
    needs: [`packages:${guest.name}/${TOPIC}`],
    ...set,
  })
  return {
    wish,
    packages,
    before: isRouter ? [] : [{ ...make(updatesSet), needs: [] }],
    after: [
      make(sshSet),
      ...(isRouter ? [] : [make(firewallSet(site, guest))]),
      make(auditSet),
      ...(guest.intrusionDetection ? [make(sensorSet(guest))] : []),
    ],
  }
}

const FACTS: Facts = {
  files: [SSHD, UPDATES, RULES, WALL, WALL_FILE, SENSOR, SENSOR_FILE],
  commands: {
    ...LINK_FACTS.commands,
    ...liveFacts(TABLE),
    ...unitFacts([AUDIT_UNIT, WALL_UNIT, SENSOR_UNIT]).commands,
    'sshd-live': ['sshd', '-T'],
  },
}

type Set = Omit<FileSet, 'host' | 'wish' | 'owned'>

const updatesSet: Set = {
  name: 'profile-updates',
  files: () => [{ path: UPDATES, text: updates({ packages: [] }) }],
  check: [['apt-config', 'dump', 'Unattended-Upgrade']],
  activate: [],
}

const sshSet: Set = {
  name: 'profile-ssh',
  files: () => [{ path: SSHD, text: sshd({}) }],
  drift: sshDrift,
  check: [['sshd', '-t']],
  // Where its socket starts it, it may not run just now.
  activate: [['systemctl', 'try-reload-or-restart', 'ssh.service']],
}

/** A line before ours, in the main file, would win: what sshd makes of all its files counts. */
function sshDrift(seen: HostFacts): readonly Difference[] {
  const live = said(seen, 'sshd-live')
  if (live === undefined || !seen.files.has(SSHD)) return []
  const have = /^passwordauthentication (\w+)$/m.exec(live)?.[1] ?? 'unknown'
  const hint = `sshd reads another PasswordAuthentication before ${SSHD}: look into /etc/ssh/sshd_config`
  return have === 'no' ? [] : [{ field: 'PasswordAuthentication', have, want: 'no', waits: 'operator', hint }]
}

/** Isolated networks are those that an attack comes from: nobody logs in from there. */
function firewallSet(site: Site, guest: Guest): Set {
  const isolated = new Set(site.networks.filter((network) => network.isolated).map(({ name }) => name))
  const closed = (seen: HostFacts) =>
    interfacesOf(guest, seen).flatMap(({ network, name }) => (isolated.has(network) ? [name] : []))
  return {
    name: 'profile-firewall',
    files: (seen) => [
      { path: WALL, text: firewall({ closed: closed(seen) }) },
      { path: WALL_FILE, text: firewallUnit({ path: WALL }) },
    ],
    disrupts: (seen) =>
      said(seen, 'guest-firewall-live') === undefined ? `what comes into ${guest.name} but SSH and ping` : undefined,
    drift: (seen) => [...liveDrift(seen, TABLE), ...unitDrift(seen, [WALL_UNIT])],
    check: [['nft', '-c', '-f', WALL]],
    activate: [['sh', '-c', LOAD, 'orion-guest-firewall', WALL, WALL_UNIT]],
  }
}

const auditSet: Set = {
  name: 'profile-audit',
  files: () => [{ path: RULES, text: rules({}), mode: 0o640 }],
  drift: (seen) => unitDrift(seen, [AUDIT_UNIT]),
  activate: [['sh', '-c', AUDIT, 'orion-audit']],
}

function sensorSet(guest: Guest): Set {
  return {
    name: 'profile-suricata',
    files: (seen) => [
      { path: SENSOR, text: sensor({ interfaces: interfacesOf(guest, seen).map(({ name }) => name) }) },
      { path: SENSOR_FILE, text: sensorUnit({ path: SENSOR }) },
    ],
    drift: (seen) => unitDrift(seen, [SENSOR_UNIT]),
    check: [['suricata', '-T', '-c', '/etc/suricata/suricata.yaml', '--include', SENSOR]],
    activate: (before) => activateUnits(before, SENSOR_FILE, [SENSOR_UNIT]),
    confirmWithinSeconds: 180,
  }
}
