// The text of the mesh's bird.conf, from the site file alone.
import { template } from '../../render.ts'
import { formatIp, parseIp } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { nameText } from '../bgp/bird-names.ts'
import { BGP_PORT, interfaceText, protocolOf } from './bird-names.ts'
import { allOf, familiesOf, prefixesOf } from './bird-prefixes.ts'
import { DRAIN_FILE, drainOf } from './drain.ts'
import { MESH_TABLE } from './link-paths.ts'
import { type Gateway, getMesh, type LinkEnd } from './model.ts'
import { opensAt, WEIGHT_FILE } from './weight.ts'

interface View {
  readonly routerId: string
  readonly asn: number
  readonly port: number
  readonly kernelTable: number
  readonly drainFile: string
  readonly weightFile: string
  /** It passes on what it learned. */
  readonly transit: boolean
  readonly families: readonly FamilyView[]
  readonly ends: readonly EndView[]
}

interface FamilyView {
  readonly family: 4 | 6
  readonly owners: readonly Owner[]
  readonly own: readonly { readonly name: string; readonly prefixes: readonly string[] }[]
  readonly importLimit: number
  /** The address that packets of this host have in the mesh. */
  readonly source: string | undefined
}

interface Owner {
  readonly asn: number
  /** As elements of a set; never empty. */
  readonly prefixes: string
}

interface EndView {
  readonly protocol: string
  readonly interface: string
  readonly peer: string
  readonly kinds: string
  readonly local: string
  readonly remote: string
  readonly asn: number
  readonly own: number
  /** 0 = nothing of others is taken from there. */
  readonly others: number
  readonly opens: number
  readonly drain: string
}

/** What all gateways of a mesh have in common, for one family. */
interface Shared {
  readonly family: 4 | 6
  readonly owners: readonly Owner[]
  readonly importLimit: number
}

const birdText = template<View>('mesh/bird')
const known = new WeakMap<Site, readonly Shared[]>()

/** Pure. */
export function birdConf(site: Site, gateway: Gateway): string {
  const opens = opensAt(gateway)
  return birdText({
    routerId: routerIdOf(gateway),
    asn: gateway.asn,
    port: BGP_PORT,
    kernelTable: MESH_TABLE,
    drainFile: DRAIN_FILE,
    weightFile: WEIGHT_FILE,
    transit: gateway.role !== 'spoke',
    families: sharedOf(site).map((shared) => familyView(site, gateway, shared)),
    ends: gateway.links.map((end) => endView(end, opens.get(end.interface) ?? 1)),
  })
}

/** Once for all gateways: of a large mesh it is most of the text. */
function sharedOf(site: Site): readonly Shared[] {
  const before = known.get(site)
  if (before !== undefined) return before
  const shared = familiesOf(site).map((family) => sharedFamily(site, family))
  known.set(site, shared)
  return shared
}

function sharedFamily(site: Site, family: 4 | 6): Shared {
  const { gateways } = getMesh(site)
  const lists = gateways.map((one) => ({ asn: one.asn, prefixes: allOf(prefixesOf(site, one, family)) }))
  const count = lists.reduce((sum, { prefixes }) => sum + prefixes.length, 0)
  return {
    family,
    owners: lists.flatMap(({ asn, prefixes }) =>
      prefixes.length === 0 ? [] : [{ asn, prefixes: prefixes.join(', ') }],
    ),
    // More than there is can only be a mistake of ours: the filter takes nothing else.
    importLimit: Math.ceil(count * 1.1),
  }
}

function familyView(site: Site, gateway: Gateway, { family, owners, importLimit }: Shared): FamilyView {
  const { address, routes, clients } = prefixesOf(site, gateway, family)
  const own = Object.entries({ address, routes, clients }).map(([name, prefixes]) => ({ name, prefixes }))
  return {
    family,
    // Its own are no neighbour's.
    owners: owners.filter(({ asn }) => asn !== gateway.asn),
    own: own.filter(({ prefixes }) => prefixes.length > 0),
    importLimit,
    source: gateway.family === family ? addressText(gateway.address) : undefined,
  }
}

function endView(end: LinkEnd, opens: number): EndView {
  const { peer, link, preference } = end
  return {
    protocol: protocolOf(end),
    interface: interfaceText(end.interface),
    peer: nameText(peer.name),
    kinds: [...link.kinds].toSorted().join(', '),
    local: addressText(end.local),
    remote: addressText(end.remote),
    asn: peer.asn,
    own: preference.own,
    others: preference.others ?? 0,
    opens,
    drain: drainOf(end),
  }
}

/** Unique in the mesh, and never 0.0.0.0. */
function routerIdOf({ family, address, number }: Gateway): string {
  return family === 4 ? addressText(address) : formatIp(4, BigInt(number))
}

/** The same few addresses stand on every link of a mesh. */
const texts = new Map<string, string>()

// Errors: RangeError: the site file has addresses here, so another text is a mistake of ours.
function addressText(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  const ip = parseIp(text)
  if (ip === undefined) throw new RangeError('an address of the mesh is none')
  const made = formatIp(ip.family, ip.first)
  texts.set(text, made)
  return made
}
