// The router's firewall: one table of nftables from the site file, loaded in one transaction and before any interface is up.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { closedFile } from './firewall-closed.ts'
import { guestsWithoutAddress } from './firewall-ends.ts'
import { firewallFile } from './firewall-file.ts'
import { interfacesOf } from './firewall-interfaces.ts'
import { liveDrift, liveFacts } from './firewall-live.ts'
import { lockout } from './firewall-way.ts'
import { missingNics, type Router } from './router.ts'

export const FIREWALL_FILE = '/etc/orion/firewall.nft'
const TABLE = { table: 'orion', path: FIREWALL_FILE, name: 'firewall' }
const CLOSED = '/etc/orion/firewall-closed.nft'
const UNIT = 'orion-firewall.service'
const UNIT_PATH = `/etc/systemd/system/${UNIT}`

const CHECK = '[ ! -e "$1" ] || nft -c -f "$1"'

/**
 * The unit's own start loads the file, so that what happens at the next boot is what was seen to work. Where there was no
 * file before, putting back takes the table away, and nothing else of the host's rules.
 */
const ACTIVATE = `f=$1 u=$2
systemctl daemon-reload || exit
if [ -e "$f" ]; then systemctl enable --quiet "$u" && exec systemctl restart "$u"; fi
rm -f "/etc/systemd/system/sysinit.target.wants/$u"
! nft list table inet orion >/dev/null 2>&1 || nft delete table inet orion`

const unit = template<{ readonly path: string; readonly closed: string }>('router/firewall-service')

/** Nothing for a router that the site file does not make the filter. */
export function firewallFacts(site: Site, { guest }: Router): Facts {
  if (site.firewall?.router !== guest.name) return {}
  const enabled = ['systemctl', 'is-enabled', UNIT]
  return { files: [FIREWALL_FILE, UNIT_PATH, CLOSED], commands: { ...liveFacts(TABLE), 'firewall-unit': enabled } }
}

/**
 * `firewall` of the site file on its router. A rule that is gone does not end connections that it let in before: they end by
 * themselves. Undefined where the site file has none for this router: then nothing is touched.
 */
export function firewall(site: Site, router: Router, wish: FileSet['wish']): FileSet | undefined {
  const host = router.guest.name
  if (site.firewall?.router !== host) return undefined
  return {
    host,
    name: 'firewall',
    needs: [`packages:${host}/debian`],
    wish,
    owned: true,
    files: (seen) => [
      { path: FIREWALL_FILE, text: firewallFile(site, router, seen) },
      { path: UNIT_PATH, text: unit({ path: FIREWALL_FILE, closed: CLOSED }) },
      { path: CLOSED, text: closedFile(site, router, seen) },
    ],
    problems: (seen) => problems(site, router, seen),
    disrupts: (seen) => (said(seen, 'firewall-live') === undefined ? `what no rule allows through ${host}` : undefined),
    drift: (seen) => [...liveDrift(seen, TABLE), ...unitDrift(seen)],
    check: [FIREWALL_FILE, CLOSED].map((path) => ['sh', '-c', CHECK, 'orion-firewall-check', path]),
    activate: [['sh', '-c', ACTIVATE, 'orion-firewall', FIREWALL_FILE, UNIT]],
  }
}

function unitDrift(seen: HostFacts): readonly Difference[] {
  const state = seen.commands.get('firewall-unit')?.stdout.trim()
  if (!state || state === 'enabled' || !seen.files.has(UNIT_PATH)) return []
  return [{ field: UNIT, have: state, want: 'enabled' }]
}

function problems(site: Site, router: Router, seen: HostFacts): readonly string[] {
  const interfaces = interfacesOf(site, router, seen)
  const name = router.guest.name
  return [
    ...(said(seen, 'links') === undefined ? [] : missingNics(seen, router)).map(
      ({ nic, network }) => `${name} has no interface ${nic.mac} (nics.${network.name}): orion vm apply adds it`,
    ),
    ...interfaces
      .filter((one) => !/^[\w.-]{1,15}$/.test(one.name))
      .map((one) => `the interface ${JSON.stringify(one.name)} (nics.${one.network}) has a name that no rule can hold`),
    ...guestsWithoutAddress(site, interfaces).map(
      (guest) => `firewall.allow names ${guest}, which has no fixed address in a network of ${name}`,
    ),
    ...lockout(site, router, seen, interfaces),
  ]
}
