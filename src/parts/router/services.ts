// Addresses (DHCP), router advertisements and names (DNS) for the networks that name the router: one dnsmasq.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { interfaceName, missingNics, type Router } from './router.ts'
import { dnsmasqText } from './services-config.ts'
import { hostsText } from './site-names.ts'
import { activateUnits, isActive, unitDrift, unitFacts } from './unit.ts'

export const SERVICES_FILE = '/etc/dnsmasq.d/orion.conf'
const HOSTS = '/etc/orion/hosts'
const RESOLV = '/etc/resolv.conf'
const UNIT = 'dnsmasq.service'

// With the folder: `--test` alone reads /etc/dnsmasq.conf, and Debian's unit names the folder (and its exceptions) as an argument.
const CHECK = ['dnsmasq', '--test', '-7', '/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new']

export function servicesFacts(_: Site, { serves }: Router): Facts {
  if (serves.length === 0) return {}
  return { ...wishOf([{ files: [SERVICES_FILE, HOSTS, RESOLV] }, unitFacts([UNIT])]) }
}

/** undefined where no network names the router. */
export function services(site: Site, router: Router, wish: FileSet['wish']): FileSet | undefined {
  const { guest, serves } = router
  if (serves.length === 0) return undefined
  return {
    host: guest.name,
    name: 'services',
    title: `DHCP, router advertisements and DNS of ${guest.name}`,
    needs: [`packages:${guest.name}/debian`],
    wish,
    owned: true,
    files: (seen) => [
      { path: SERVICES_FILE, text: dnsmasqText(site, router, seen) },
      { path: HOSTS, text: hostsText(site, router) },
    ],
    problems: (seen) => problemsOf(router, seen),
    disrupts: (seen) =>
      isActive(seen, UNIT)
        ? `DNS and DHCP of ${serves.map(({ network }) => network.name).join(', ')} for a second`
        : undefined,
    drift: (seen) => unitDrift(seen, [UNIT]),
    check: [CHECK],
    // A restart: dnsmasq reads its configuration only when it starts.
    activate: (before) => activateUnits(before, SERVICES_FILE, [UNIT]),
  }
}

function problemsOf({ guest, serves }: Router, seen: HostFacts): string[] {
  const missing = said(seen, 'links') === undefined ? [] : missingNics(seen, { nics: serves })
  const strange = serves.map((place) => interfaceName(seen, place)).filter((name) => !/^[\w.-]+$/.test(name))
  const mute = serves.filter(({ nic, network }) => network.dhcp !== undefined && typeof nic.ipv4 !== 'object')
  return [
    ...missing.map(
      ({ nic, network }) => `${guest.name} has no interface ${nic.mac} (nics.${network.name}): orion vm apply adds it`,
    ),
    ...strange.map((name) => `dnsmasq takes no interface of the name ${JSON.stringify(name)}`),
    ...mute.map(({ network }) => `network ${network.name} has a DHCP range, and ${guest.name} no IPv4 address in it`),
  ]
}
