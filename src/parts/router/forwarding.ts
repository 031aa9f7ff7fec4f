// Kernel settings of a router: it forwards both families, believes no redirects, and keeps its own address from router advertisements.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { sysctl, sysctlFacts } from '../net/sysctl.ts'
import { interfaceName, missingNics, type Router, type RouterNic } from './router.ts'

const PATH = '/etc/sysctl.d/90-orion-router.conf'

/** Of interfaces whose names are known only on the router. */
const PER_INTERFACE = '^net\\.ipv[46]\\.conf\\.[^.]*\\.(send_redirects|accept_ra)$'

/** Lines of `INDEX LINK TYPE OPERATIONAL SETUP`; its JSON would have a whole routing table in it. */
const NETWORKD = 'networkd'
const NETWORKD_LINKS = ['networkctl', '--no-legend', '--no-pager', 'list']

export function forwardingFacts(site: Site, router: Router): Facts {
  const { commands } = sysctlFacts({ name: router.guest.name, sysctl: settingsOf(site, router) })
  const [program = 'sysctl', ...words] = commands?.sysctl ?? []
  const pattern = [words.at(-1), PER_INTERFACE].join('|')
  const learning = router.nics.some(learns) ? { [NETWORKD]: NETWORKD_LINKS } : {}
  return { files: [PATH], commands: { sysctl: [program, ...words.slice(0, -1), pattern], ...learning } }
}

export function forwarding(site: Site, router: Router, wish: FileSet['wish']): FileSet {
  const { name } = router.guest
  const set = sysctl(
    { name, path: PATH, sysctl: (seen) => ({ ...settingsOf(site, router), ...interfaceSettings(router, seen) }) },
    wish,
  )
  return { ...set, name: 'forwarding', needs: [`packages:${name}/debian`] }
}

function settingsOf({ bgp }: Site, { guest }: Router): Record<string, string> {
  return {
    // First: its change sets other settings back (Documentation/networking/ip-sysctl).
    'net.ipv4.ip_forward': '1',
    'net.ipv6.conf.all.forwarding': '1',
    'net.ipv6.conf.default.forwarding': '1',
    // Loose: a router with several ways out has asymmetric paths. Spoofing from inside is the firewall's matter.
    'net.ipv4.conf.all.rp_filter': '2',
    'net.ipv4.conf.default.rp_filter': '2',
    'net.ipv4.conf.all.accept_redirects': '0',
    'net.ipv4.conf.default.accept_redirects': '0',
    'net.ipv6.conf.all.accept_redirects': '0',
    'net.ipv6.conf.default.accept_redirects': '0',
    'net.ipv4.conf.all.send_redirects': '0',
    'net.ipv4.conf.default.send_redirects': '0',
    'net.ipv4.conf.all.accept_source_route': '0',
    'net.ipv4.conf.default.accept_source_route': '0',
    'net.ipv6.conf.all.accept_source_route': '0',
    'net.ipv6.conf.default.accept_source_route': '0',
    // Linux before 6.3 (Debian 12) drops IPv6 packets where a full table is larger than this; later ones do not look at it.
    ...(bgp?.router === guest.name ? { 'net.ipv6.route.max_size': '2147483647' } : {}),
  }
}

/** Sending redirects is off only where it is off for `all` and for the interface. */
function interfaceSettings(router: Router, seen: HostFacts): Record<string, string> {
  const missing = missingNics(seen, router)
  const rows = router.nics
    .filter((nic) => !missing.includes(nic))
    .flatMap((nic) => {
      const name = interfaceName(seen, nic)
      const key = name.replaceAll('.', '/')
      return [
        [`net.ipv4.conf.${key}.send_redirects`, '0'],
        // 2: also where forwarding is on, which 1 is not enough for.
        ...(learns(nic) && !isNetworkd(seen, name) ? [[`net.ipv6.conf.${key}.accept_ra`, '2']] : []),
      ]
    })
  return Object.fromEntries(rows)
}

function learns({ side, nic }: RouterNic): boolean {
  return side === 'outside' && nic.ipv6 === 'auto'
}

/**
 * systemd-networkd (252 and 257 tried) listens to router advertisements itself, whatever the kernel forwards, and sets accept_ra
 * to 0 whenever it configures the link: with 2 both of them would add routes, until the next restart.
 */
function isNetworkd(seen: HostFacts, name: string): boolean {
  const rows = (said(seen, NETWORKD) ?? '').split('\n').map((line) => line.trim().split(/\s+/))
  return rows.some(
    ([, link, , , setup = '']) => link === name && /^(initialized|pending|configur\w+|failed)$/.test(setup),
  )
}
