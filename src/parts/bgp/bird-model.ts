// What bird.conf says, as values: computed once from the site, for the text and for the hygiene report alike.
import type { HostFacts } from '../../resources/host-facts.ts'
import { type Cidr, contains, type Family, formatIp, formatNetwork, parseCidr, parseIp } from '../../site/ip.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { networksOf, type Router } from '../router/router.ts'
import { type Cache, getCaches } from '../router/rpki.ts'
import { type BirdVersion, birdVersion } from './bird-version.ts'

export interface BirdOptions {
  /** Who speaks to the world: BIRD, or GoBGP with BIRD as the writer of the kernel's routes. Default: the site file's daemon. */
  readonly edge: 'bird' | 'gobgp'
}

export interface BirdModel {
  readonly bgp: Bgp
  readonly edge: BirdOptions['edge']
  readonly version: BirdVersion | undefined
  /** Those that something is announced in or that a peer speaks, IPv4 first. */
  readonly families: readonly FamilyModel[]
  readonly peers: readonly PeerModel[]
  readonly caches: readonly Cache[]
}

export interface FamilyModel {
  readonly family: Family
  /** Prefixes that we announce, and that with what is in them nobody else may. */
  readonly announce: readonly string[]
  readonly blackhole: readonly string[]
  /** Networks that the router stands in and that lie in none of `announce`. */
  readonly linked: readonly string[]
  /** The router's own address in `announce`: what it sends itself comes from there. */
  readonly source: string | undefined
}

export interface PeerModel {
  readonly peer: BgpPeer
  readonly family: Family
  /** undefined = internal: no role. */
  readonly role: 'customer' | 'provider' | 'peer' | 'rs_client' | undefined
  /** The only next hop that is taken of it (RFC 7454, section 10); undefined = any: it is not beside us, or passes on those of others. */
  readonly nextHop: string | undefined
  readonly limits: Limits
}

interface Limits {
  /** Routes that are taken; the surplus is not. */
  readonly import: number
  /** Routes that are received, refused ones included; with more the session ends. */
  readonly receive: number
  /**
   * Routes that we send; the surplus is not sent. undefined = no bound is known. No end of the session: while BIRD is reconfigured
   * an old limit may meet new routes (2.0.12) or a new one old routes (3.1), and it would end by an ordinary change.
   */
  readonly export: number | undefined
}

/** `site.bgp` of this router; undefined = it speaks no BGP. */
export function getBirdModel(
  site: Site,
  router: Router,
  seen: HostFacts,
  options?: BirdOptions,
): BirdModel | undefined {
  const { bgp } = site
  if (bgp === undefined || bgp.router !== router.guest.name) return undefined
  const spoken = [...bgp.peers.map(familyOf), ...bgp.announce.flatMap((text) => parseCidr(text)?.family ?? [])]
  return {
    bgp,
    edge: options?.edge ?? bgp.daemon,
    version: birdVersion(seen),
    families: ([4, 6] as const)
      .filter((family) => spoken.includes(family))
      .map((family) => inFamily(bgp, router, family)),
    peers: bgp.peers.map((peer) => toPeer(bgp, peer)),
    caches: getCaches(site),
  }
}

/** What a session carries: the family of its addresses. */
export function familyOf({ address }: Pick<BgpPeer, 'address'>): Family {
  return parseIp(address)?.family ?? 6
}

function inFamily(bgp: Bgp, router: Router, family: Family): FamilyModel {
  const of = (texts: readonly string[]) =>
    texts.flatMap((text) => parseCidr(text) ?? []).filter((one) => one.family === family)
  const announce = of(bgp.announce)
  const networks = router.nics.flatMap(networksOf).filter((one) => one.family === family)
  const linked = networks.filter((network) => !announce.some((own) => contains(own, network)))
  return {
    family,
    announce: announce.map(formatNetwork),
    blackhole: of(bgp.blackhole).map(formatNetwork),
    linked: [...new Set(linked.map(formatNetwork))],
    source: sourceOf(router, announce),
  }
}

/** Of an inside network before any other: what leads outside may go down. */
function sourceOf({ nics }: Router, announce: readonly Cidr[]): string | undefined {
  const inside = [...nics].sort((a, b) => Number(a.side === 'outside') - Number(b.side === 'outside'))
  const own = inside.flatMap(({ nic }) =>
    [nic.ipv4, nic.ipv6].flatMap((address) => (typeof address === 'object' ? (parseCidr(address.cidr) ?? []) : [])),
  )
  const found = own.find((one) => announce.some((prefix) => contains(prefix, addressOf(one))))
  return found && formatIp(found.family, found.address)
}

function addressOf({ family, address }: Cidr) {
  return { family, first: address, last: address }
}

// RFC 9234, section 4.1: our role is what we are to it.
const ROLES = { provider: 'customer', customer: 'provider', peer: 'peer', internal: undefined } as const

function toPeer(bgp: Bgp, peer: BgpPeer): PeerModel {
  const isAny = peer.relation === 'internal' || peer.routeServer || peer.multihop !== undefined
  return {
    peer,
    family: familyOf(peer),
    role: peer.routeServer ? 'rs_client' : ROLES[peer.relation],
    nextHop: isAny ? undefined : peer.address,
    limits: limitsOf(bgp, peer),
  }
}

/** Where the site file does not say it: room for the whole table of the internet (2026: 1.05 and 0.24 million routes), or for one network. */
const MOST_ROUTES: Readonly<Record<BgpPeer['relation'] | 'server', Readonly<Record<Family, number>>>> = {
  provider: { 4: 1_500_000, 6: 500_000 },
  peer: { 4: 20_000, 6: 10_000 },
  server: { 4: 400_000, 6: 150_000 }, // of all members of an exchange
  customer: { 4: 1_000, 6: 1_000 },
  internal: { 4: 1_500_000, 6: 500_000 },
}

function limitsOf(bgp: Bgp, peer: BgpPeer): Limits {
  const most = importLimit(peer)
  // Refused ones are kept for the report, and so are counted: some are normal.
  const receive = Math.min(MOST_NUMBER, Math.ceil(most * 1.2) + 10)
  return { import: most, receive, export: exportLimit(bgp, peer) }
}

/** BIRD's numbers have 32 bits. */
const MOST_NUMBER = 4_294_967_295

function importLimit(peer: BgpPeer): number {
  return peer.maxPrefixes ?? MOST_ROUTES[peer.routeServer ? 'server' : peer.relation][familyOf(peer)]
}

/** Our own prefixes, what is given up, and what customers may have at most; customers and our own routers get all there is. */
function exportLimit(bgp: Bgp, peer: BgpPeer): number | undefined {
  if (peer.relation === 'customer' || peer.relation === 'internal') return undefined
  const family = familyOf(peer)
  const count = (texts: readonly string[]) => texts.filter((text) => parseCidr(text)?.family === family).length
  const customers = bgp.peers.filter((one) => one.relation === 'customer' && familyOf(one) === family)
  const own = count(bgp.announce) + (peer.blackhole ? count(bgp.blackhole) : 0)
  const most = own + customers.reduce((sum, one) => sum + importLimit(one), 0)
  return Math.min(MOST_NUMBER, Math.max(1, most))
}
