// A gateway passes packets on: the kernel's settings for it, where the host does not have them already for reasons of its own.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { sysctl } from '../net/sysctl.ts'
import { routersOf } from '../router/router.ts'
import { familiesOf } from './bird-prefixes.ts'
import type { Gateway } from './model.ts'

const PATH = '/etc/sysctl.d/90-orion-mesh.conf'
const SWITCH = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const
const LOOSE = 'net.ipv4.conf.all.rp_filter'

const SYSCTL = 'sysctl'
const PATTERN =
  '^net\\.(ipv4\\.(ip_forward|conf\\.all\\.rp_filter)|ipv6\\.conf\\.(all\\.forwarding|[^.]*\\.accept_ra))$'
const ADVERTISED = 'mesh-advertised'

export function meshForwardingFacts(): Facts {
  const commands = {
    [SYSCTL]: ['sysctl', '-a', '--pattern', PATTERN],
    [ADVERTISED]: ['ip', '-j', '-6', 'route', 'show', 'default', 'proto', 'ra'],
  }
  return { files: [PATH], commands }
}

/** undefined on a router of the site file: it forwards anyway (parts/router/forwarding.ts). */
export function meshForwarding(site: Site, gateway: Gateway, wish: FileSet['wish']): FileSet | undefined {
  const { name } = gateway
  if (isRouter(site, gateway)) return undefined
  const set = sysctl({ name, path: PATH, sysctl: (seen) => settingsOf(site, seen) }, wish)
  return { ...set, name: 'mesh-forwarding', title: `forwarding for the mesh on ${name}` }
}

/**
 * Families whose forwarding orion switched on (or will), for the mesh alone: what the host did not pass on before it shall not pass
 * on now. Pure, with meshForwardingFacts.
 */
export function openedFamilies(site: Site, gateway: Gateway, seen: HostFacts): readonly (4 | 6)[] {
  return isRouter(site, gateway) ? [] : familiesOf(site).filter((family) => isOurs(SWITCH[family], seen))
}

function isRouter(site: Site, { name }: Gateway): boolean {
  return routersOf(site).some(({ guest }) => guest.name === name)
}

/** Set by our file, or set by nobody. */
function isOurs(key: string, seen: HostFacts): boolean {
  return (seen.files.get(PATH)?.text ?? '').split('\n').includes(`${key} = 1`) || live(seen).get(key) !== '1'
}

function settingsOf(site: Site, seen: HostFacts): Record<string, string> {
  const families = familiesOf(site)
  const rows = families.filter((family) => isOurs(SWITCH[family], seen))
  return {
    // First: where forwarding comes on, routes by router advertisements go unless this is 2 (Documentation/networking/ip-sysctl).
    ...(rows.includes(6) ? Object.fromEntries(listening(seen).map((key) => [key, '2'])) : {}),
    ...Object.fromEntries(rows.map((family) => [SWITCH[family], '1'])),
    // A packet may come back by another link than the one on which its answer goes.
    ...(families.includes(4) ? { [LOOSE]: '2' } : {}),
  }
}

/** Settings of interfaces by which the kernel has a default route of a router advertisement, now or when the file was made. */
function listening(seen: HostFacts): readonly string[] {
  const routes: readonly { readonly dev?: string }[] = JSON.parse(said(seen, ADVERTISED) || '[]')
  const now = routes
    .flatMap(({ dev }) => (dev === undefined ? [] : [`net.ipv6.conf.${dev.replaceAll('.', '/')}.accept_ra`]))
    // 0: systemd-networkd listens itself.
    .filter((key) => live(seen).get(key) === '1')
  const before = (seen.files.get(PATH)?.text ?? '').matchAll(/^(net\.ipv6\.conf\.\S+\.accept_ra) = 2$/gm)
  const still = [...before].map(([, key = '']) => key).filter((key) => live(seen).has(key))
  return [...new Set([...still, ...now])].sort()
}

function live(seen: HostFacts): ReadonlyMap<string, string> {
  const rows = (said(seen, SYSCTL) ?? '').matchAll(/^(\S+) = (.*)$/gm)
  return new Map([...rows].map(([, key = '', value = '']) => [key, value.trim()]))
}
