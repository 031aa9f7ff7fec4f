// The filters of bird.conf: what is taken of each peer, and what is told to it.
import { template } from '../../render.ts'
import { formatNetwork, parseCidr } from '../../site/ip.ts'
import type { BgpPeer } from '../../site/services.ts'
import { type BirdModel, type FamilyModel, familyOf, type PeerModel } from './bird-model.ts'
import { constantOf } from './bird-names.ts'
import { givenTo, ownTest } from './bird-own.ts'
import { isPrivate, LENGTHS, MOST_HOPS } from './bogons.ts'
import type { ReasonName } from './reasons.ts'
import { symbolOf } from './symbol.ts'

interface ImportView {
  readonly symbol: string
  readonly asn: number
  /** Not of a route server: it stays out of the path, and sends each route with the next hop of its member (RFC 7947). */
  readonly firstAs: boolean
  /** On a wire of ours: the global address, which comes first, is where BIRD sends packets to; a link-local one beside it is not used. */
  readonly nextHop: boolean
  readonly family: number
  /** The path that is looked at for AS numbers that are nobody's. */
  readonly path: string
  readonly mostHops: number
  /** What a customer may give up; undefined = nothing. */
  readonly customerBlackhole: string | undefined
  readonly host: number
  readonly localPreference: number
  readonly origin: string
  readonly defaultRoute: boolean
  readonly own: string | undefined
  readonly longExempt: string
  readonly min: number
  readonly max: number
  readonly allowed: string | undefined
  readonly allowedReason: string
  readonly rpki: boolean
}
type InternalView = Pick<
  ImportView,
  'symbol' | 'family' | 'mostHops' | 'defaultRoute' | 'allowed' | 'allowedReason'
> & {
  readonly linked: boolean
}
interface ExportView {
  readonly symbol: string
  readonly family: number
  /** What we give up is told to it. */
  readonly givesUp: boolean
  readonly offersBlackhole: boolean
  readonly owns: boolean
  readonly origins: string
  readonly own: string | undefined
  readonly prepends: readonly string[]
}

const renderImport = template<ImportView>('bird/import')
const renderImportInternal = template<InternalView>('bird/import-internal')
const renderExport = template<ExportView>('bird/export')
const renderExportInternal = template<Pick<ExportView, 'symbol' | 'family' | 'owns'>>('bird/export-internal')
const renderAllowed = template<{ symbol: string; prefixes: string }>('bird/allowed')

export interface Filters {
  /** With the set of what it may announce, where the site file has one. */
  readonly import: string
  readonly export: string
}

/** What is taken of a peer, and what is told to it. */
export function getFilters(model: BirdModel, one: PeerModel): Filters {
  const { peer, family } = one
  const own = model.families.find((each) => each.family === family)
  if (own === undefined) throw new RangeError('a peer of a family that nobody speaks')
  const allowed = allowedOf(peer)
  const set = allowed === undefined ? [] : [renderAllowed({ symbol: symbolOf(peer.name), prefixes: allowed })]
  if (peer.relation !== 'internal')
    return { import: [...set, importOutside(model, one, own)].join('\n'), export: exportOutside(peer, own) }
  const owns = own.announce.length > 0
  return {
    import: [...set, importInternal(peer, own)].join('\n'),
    export: renderExportInternal({ symbol: symbolOf(peer.name), family, owns }),
  }
}

/** Prefixes of the session's own family, and what is in them. */
function allowedOf(peer: BgpPeer): string | undefined {
  if (peer.prefixes.length === 0) return undefined
  const prefixes = peer.prefixes.flatMap((text) => parseCidr(text) ?? []).filter((one) => one.family === familyOf(peer))
  return prefixes.map((prefix) => `${formatNetwork(prefix)}+`).join(', ')
}

function importOutside({ caches }: BirdModel, { peer, nextHop }: PeerModel, carried: FamilyModel): string {
  const { family, announce } = carried
  const symbol = symbolOf(peer.name)
  const isTrusted = peer.relation === 'customer' && peer.prefixes.length > 0
  const given = isTrusted ? givenTo(peer, announce) : []
  const own = ownTest(carried, given)
  return renderImport({
    symbol,
    asn: peer.asn,
    firstAs: !peer.routeServer,
    nextHop: nextHop !== undefined,
    family,
    path: isPrivate(peer.asn) ? `delete(bgp_path, ${peer.asn})` : 'bgp_path',
    mostHops: MOST_HOPS,
    customerBlackhole: isTrusted ? [`net ~ PREFIXES_${symbol}`, ...(own ? [`!(${own})`] : [])].join(' && ') : undefined,
    host: LENGTHS[family].host,
    localPreference: peer.localPreference,
    origin: `FROM_${constantOf(peer.relation)}`,
    defaultRoute: peer.defaultRoute,
    own,
    // Parts of ours that are a customer's may be longer than others take of us.
    longExempt: given.length > 0 ? ` && net !~ OWN${family}` : '',
    min: LENGTHS[family].min,
    max: LENGTHS[family].max,
    ...listed(peer),
    rpki: caches.length > 0,
  })
}

/** What is registered or listed: either is enough. */
function listed({ name, asSet, prefixes }: BgpPeer): Pick<ImportView, 'allowed' | 'allowedReason'> {
  const sets = [...(asSet === undefined ? [] : ['IRR']), ...(prefixes.length === 0 ? [] : ['PREFIXES'])]
  const reason: ReasonName = prefixes.length === 0 ? 'not-registered' : 'not-listed'
  return {
    allowed: sets.length === 0 ? undefined : sets.map((set) => `net ~ ${set}_${symbolOf(name)}`).join(' || '),
    allowedReason: constantOf(reason),
  }
}

function importInternal(peer: BgpPeer, { family, linked }: FamilyModel): string {
  return renderImportInternal({
    symbol: symbolOf(peer.name),
    family,
    mostHops: MOST_HOPS,
    defaultRoute: peer.defaultRoute,
    linked: linked.length > 0,
    ...listed(peer),
  })
}

function exportOutside(peer: BgpPeer, { family, announce, blackhole }: FamilyModel): string {
  return renderExport({
    symbol: symbolOf(peer.name),
    family,
    givesUp: peer.blackhole && blackhole.length > 0,
    offersBlackhole: peer.blackhole,
    owns: announce.length > 0,
    origins: peer.relation === 'customer' ? 'FROM_OWN..FROM_CUSTOMER' : 'FROM_CUSTOMER',
    own: announce.length > 0 ? `net ~ OWN${family}` : undefined,
    prepends: Array.from({ length: peer.prepend }, () => 'ASN'),
  })
}
