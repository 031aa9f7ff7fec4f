// One look at a gateway as it is now: the program orion-mesh-look runs on it once and tells handshakes, ways, MTUs and sessions.
import { OrionError } from '../../errors.ts'
import { template } from '../../render.ts'
import type { Outside } from '../../resource.ts'
import { formatIp, parseCidr, parseIp, rangeLength } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { MESH_BIRD } from './bird-names.ts'
import { CLIENTS } from './client-files.ts'
import { DRAIN_FILE } from './drain.ts'
import { MESH_TABLE } from './link-paths.ts'
import { type GatewayLook, parseLook } from './look-text.ts'
import type { Gateway, LinkEnd } from './model.ts'
import { reachOf } from './reach.ts'

const renderLook = template<{ socket: string; drain: string; clients: { interface: string; folder: string } }>(
  'mesh/look',
)
/** A full mesh of 200 is seven turns of 32 links, and the search for an MTU takes some 10 s. */
const LIMIT_MS = 180_000

export interface LookWish {
  /** To the other end of each link, 0.2 s apart; 0 = none. */
  readonly pings: number
  /** Find the largest packet that passes, inside and outside of the tunnel: seconds where not the whole MTU does. */
  readonly probe: boolean
}

/** What runs on a gateway; it only reads, and no secret leaves it. Less than 3 s with up to 3 pings and without `probe`. Pure. */
export function lookCommand(
  ends: readonly LinkEnd[],
  addresses: readonly string[],
  { pings, probe }: LookWish,
): readonly string[] {
  const program = renderLook({ socket: MESH_BIRD.socket, drain: DRAIN_FILE, clients: CLIENTS })
  const links = ends.map((end) => `${end.interface}=${end.remote}`)
  return ['sh', '-c', program, 'orion-mesh-look', String(pings), probe ? 'yes' : 'no', ...links, ...addresses]
}

/** Where the ways to a gateway lead: its own address in the mesh, then one behind it for each of its routes, as `ip` spells them. Pure. */
export function addressesOf({ address, routes }: Pick<Gateway, 'address' | 'routes'>): readonly string[] {
  const own = parseIp(address)
  return [own === undefined ? address : formatIp(own.family, own.first), ...routes.flatMap(firstHost)]
}

/** `10.2.0.1` of `10.2.0.0/24`: the first address that can be a host's. */
function firstHost(route: string): readonly string[] {
  const cidr = parseCidr(route)
  return cidr === undefined ? [] : [formatIp(cidr.family, cidr.first + (rangeLength(cidr) > 2n ? 1n : 0n))]
}

/**
 * What a gateway sees of these links of its own, and its ways to all other gateways. Errors: those of the host, and
 * E_HOST_COMMAND where the program did not come to its end.
 */
export async function lookAt(
  { site, outside }: { readonly site: Site; readonly outside: Outside },
  gateway: Gateway,
  others: readonly Gateway[],
  wish: LookWish & { readonly ends?: readonly LinkEnd[] },
): Promise<GatewayLook> {
  const host = await reachOf(site)(gateway.name, outside)
  const addresses = others.filter(({ name }) => name !== gateway.name).flatMap(addressesOf)
  const { stdout } = await host.run(lookCommand(wish.ends ?? gateway.links, addresses, wish), { timeoutMs: LIMIT_MS })
  const look = parseLook(stdout)
  if (look !== undefined) return look
  throw new OrionError(`${gateway.name} did not tell all of its mesh`, {
    code: 'E_HOST_COMMAND',
    suggestions: [`on ${gateway.name}, as root: wg show, and ip route show table ${MESH_TABLE}`],
  })
}
