// A probe for each link of the mesh, and one for the second ways; every gateway is asked once for all of its links.
import { OrionError } from '../../errors.ts'
import { meshWays } from '../../probes/mesh-ways.ts'
import { type SeenTunnel, tunnel } from '../../probes/tunnel.ts'
import type { Outside, Probe } from '../../resource.ts'
import type { Mesh } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { lookAt } from './look.ts'
import type { GatewayLook } from './look-text.ts'
import { type Gateway, getMesh, type Link } from './model.ts'
import { reachOf } from './reach.ts'
import { linkRows } from './status.ts'

/** Of links that are idle, which then have a handshake, too. */
const PINGS = 2

/** `gateways`: only links with one of these. */
export function tunnelProbes(site: Site, gateways?: readonly string[]): readonly Probe[] {
  const { mesh } = site
  if (mesh === undefined) return []
  const isOn = ({ a, b }: Link) => gateways === undefined || gateways.includes(a.name) || gateways.includes(b.name)
  const wish = { postQuantum: mesh.postQuantum !== undefined }
  return getMesh(site)
    .links.filter(isOn)
    .map((link) => tunnel({ link: link.id, ...wish }, (outside) => look({ site, mesh, outside }, link)))
}

/** One for all gateways that have more than one link. */
export function wayProbes(site: Site): readonly Probe[] {
  const { mesh } = site
  if (mesh === undefined) return []
  const { gateways, links } = getMesh(site)
  const redundant = gateways.filter((gateway) => gateway.links.length > 1)
  if (redundant.length === 0) return []
  const wanted = redundant.map(({ name, links: own }) => ({ name, links: own.map(({ link }) => link.id) }))
  return [meshWays(wanted, (outside) => linksUp({ site, mesh, outside }, links))]
}

async function linksUp(place: Place, links: readonly Link[]): Promise<ReadonlySet<string>> {
  const seen = await Promise.all(links.map(async (link) => ({ link, ...(await look(place, link)) })))
  return new Set(
    seen.filter(({ state, sessions }) => state === 'fresh' && sessions.length === 0).map(({ link }) => link.id),
  )
}

interface Place {
  readonly site: Site
  readonly mesh: Mesh
  readonly outside: Outside
}

async function look(place: Place, link: Link): Promise<SeenTunnel> {
  const asked = [link.a, link.b].map(async (gateway) => [gateway.name, await lookOnce(place, gateway)] as const)
  const looks = new Map(await Promise.all(asked))
  const [row] = linkRows([link], looks, place.mesh)
  if (row === undefined) throw new Error(`${link.id} was not looked at`)
  const isBgp = place.mesh.routing === 'bgp'
  const down = row.ends.filter(({ bgp }) => isBgp && bgp !== 'Established')
  return {
    silent: row.silent,
    state: row.state,
    ...(row.handshakeSeconds === undefined ? {} : { handshakeSeconds: row.handshakeSeconds }),
    psk: row.psk.kind,
    isRotating: row.isRotating,
    ...(row.drainedBy ? { drainedBy: row.drainedBy } : {}),
    sessions: down.map(({ gateway, bgp = 'not there' }) => `${gateway}: ${bgp}`),
  }
}

/** undefined = it does not answer, which is not asked again for each of its links. */
async function lookOnce({ site, outside }: Place, gateway: Gateway): Promise<GatewayLook | undefined> {
  const host = await orSilent(reachOf(site)(gateway.name, outside))
  return await host?.once('mesh-look', () =>
    orSilent(lookAt({ site, outside }, gateway, [], { pings: PINGS, probe: false })),
  )
}

async function orSilent<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof OrionError && error.code !== 'E_INTERRUPTED') return undefined
    throw error
  }
}
