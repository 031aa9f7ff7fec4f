// Tailscale on hosts of the site: another way in for administrators, for the day when the mesh is what must be mended.

import { template } from '../../render.ts'
import type { Resource, ResourceId } from '../../resource.ts'
import { type FileSet, fileSet } from '../../resources/file-set.ts'
import { onGuest } from '../../resources/guest-host.ts'
import { type Facts, type HostFacts, NODE_NAME, said, wishOf } from '../../resources/host-facts.ts'
import { packages, packagesFacts } from '../../resources/packages.ts'
import { tailscaleLogin } from '../../resources/tailscale-login.ts'
import type { MeshTailscale } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { routersOf } from '../router/router.ts'
import { gatewayOf } from './model.ts'
import { SOURCE_FACTS, tailscaleSource } from './tailscale-source.ts'

/** What its unit reads (EnvironmentFile); a setting of the package that others may write in, too. */
const DEFAULTS = '/etc/default/tailscaled'
const PACKAGES = ['tailscale']
const PORTS = 'udp-ports'
const FACTS: Facts = { files: [DEFAULTS], commands: { [PORTS]: ['ss', '-Hlun'] } }
const renderLogin = template<object>('tailscale/login')

/** Source, package, port and login of each host; [] where the site file does not want it. */
export function tailscaleResources(site: Site, { alone = false } = {}): readonly Resource[] {
  const tailscale = site.mesh?.tailscale
  return tailscale?.hosts.flatMap((host) => hostResources(site, host, tailscale, alone)) ?? []
}

function hostResources(site: Site, host: string, wanted: MeshTailscale, alone: boolean): readonly Resource[] {
  const wish = wishOf([NODE_NAME, SOURCE_FACTS, FACTS, packagesFacts(PACKAGES, 'tailscale')])
  const source = fileSet(tailscaleSource(host, wish))
  const installed = packages({ host, name: 'tailscale', packages: PACKAGES, needs: [source.id], wish })
  const port = fileSet(daemon(host, wanted, { wish, needs: [installed.id], problems: unforwarded(site, host, wanted) }))
  const { authKey, routes, tags } = wanted
  const login = tailscaleLogin({ host, authKey, routes, tags, program: renderLogin({}), needs: [port.id] })
  const guest = site.guests.find(({ name }) => name === host)
  const on = <Have>(one: Resource<Have>): Resource<Have> =>
    guest === undefined ? one : onGuest(site, guest, one, { alone })
  return [on(source), on(installed), on(port), on(login)] as readonly Resource[]
}

interface Daemon {
  readonly wish: FileSet['wish']
  readonly needs: readonly ResourceId[]
  readonly problems: readonly string[]
}

/** The port of its tunnels: WireGuard of its own, which must not be that of the mesh. */
function daemon(host: string, { port }: MeshTailscale, { wish, needs, problems }: Daemon): FileSet {
  return {
    host,
    name: 'tailscale',
    title: `tailscaled on ${host}`,
    wish,
    needs,
    files: (seen) => [{ path: DEFAULTS, text: withPort(seen.files.get(DEFAULTS)?.text, port) }],
    problems: (seen) => [...problems, ...taken(seen, port)],
    disrupts: (seen) =>
      seen.files.has(DEFAULTS) ? `tailscaled on ${host} is restarted: its sessions pause for some seconds` : undefined,
    activate: [['systemctl', 'restart', 'tailscaled.service']],
  }
}

const EMPTY = '# Made by orion.\nFLAGS=""\n'

/** The other settings stay as they are. Pure. */
function withPort(text: string | undefined, port: number): string {
  const line = `PORT="${port}"`
  const own = text ?? EMPTY
  if (/^PORT=.*$/m.test(own)) return own.replace(/^PORT=.*$/m, line)
  return `${own.replace(/\n*$/, '\n')}${line}\n`
}

/** By somebody else, as the file does not name it yet. */
function taken(seen: HostFacts, port: number): readonly string[] {
  if (new RegExp(`^PORT="?${port}"?$`, 'm').test(seen.files.get(DEFAULTS)?.text ?? '')) return []
  const isInUse = (said(seen, PORTS) ?? '').split('\n').some((row) => row.trim().split(/\s+/)[3]?.endsWith(`:${port}`))
  return isInUse ? [`UDP port ${port} is taken: give mesh.tailscale.port another one`] : []
}

/** Who offers networks to the tailnet must forward; orion opens that on gateways and routers alone. */
function unforwarded(site: Site, host: string, { routes }: MeshTailscale): readonly string[] {
  const forwards = gatewayOf(site, host) !== undefined || routersOf(site).some(({ guest }) => guest.name === host)
  if (routes.length === 0 || forwards) return []
  return [
    `${host} is neither a gateway of the mesh nor the router, so it forwards nothing: leave out mesh.tailscale.routes, or name another host`,
  ]
}
