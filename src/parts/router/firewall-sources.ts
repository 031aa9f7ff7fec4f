// Which sources come in from outside: what stands on the wire, and of a BGP customer what it may announce (BCP 38, BCP 84).
import { type Cidr, contains, type IpRange } from '../../site/ip.ts'
import type { BgpPeer } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { anyOf, bothFamilies, cidrsOf, type Interface, toAddresses } from './firewall-interfaces.ts'
import { homeNetworks } from './firewall-sets.ts'

/**
 * Lines of the chain `sources`, before its general ones for outside interfaces. What stands on the wire itself may speak,
 * whatever prefix of ours or of nobody's it is in.
 */
export function sourceRules(site: Site, interfaces: readonly Interface[]): string[] {
  const peers = site.bgp?.router === site.firewall?.router ? (site.bgp?.peers ?? []) : []
  const customers = peers.filter(({ relation }) => relation === 'customer')
  return interfaces
    .filter(({ side, transit }) => side === 'outside' || transit)
    .flatMap((one) => [
      ...saddr(`iifname "${one.name}"`, one.side === 'outside' ? one.neighbors : one.networks, 'accept'),
      ...(one.downstream ? fromCustomers(site, interfaces, { one, customers }) : ofCustomers(one, customers)),
    ])
}

interface Place {
  readonly one: Interface
  readonly customers: readonly BgpPeer[]
}

/**
 * Nothing but customers is behind it (MANRS, action 2): who lists its prefixes may send from all of them, whichever way our
 * routes to them lead: an access list, as a reverse path filter drops what a customer of several providers rightly sends
 * (RFC 3704, sections 2.1 and 2.2). What an AS-SET registers is asked later than this is loaded, and can be long: who has one may
 * send from what is routed to it over any of its links (RFC 8704), which is nearly always the best route, as routes of customers
 * are preferred. For what has a better one elsewhere it lists prefixes beside its AS-SET.
 */
function fromCustomers(site: Site, interfaces: readonly Interface[], { one, customers }: Place): string[] {
  const asns = new Set(one.foreign.map(({ asn }) => asn))
  const here = customers.filter(({ asn }) => asns.has(asn))
  const registered = new Set(here.filter(({ asSet }) => asSet !== undefined).map(({ asn }) => asn))
  const links = interfaces.filter(
    ({ downstream, foreign }) => downstream && foreign.some(({ asn }) => registered.has(asn)),
  )
  const before = `iifname "${one.name}"`
  const names = anyOf(links.map(({ name }) => `"${name}"`))
  return [
    ...listed(before, {
      home: homeNetworks(site, interfaces),
      customer: cidrsOf(here.flatMap(({ prefixes }) => prefixes)),
      announced: cidrsOf(site.bgp?.announce ?? []),
    }),
    ...(registered.size === 0 ? [] : [`${before} fib saddr oifname ${names} accept`]),
    `${before} goto drop_spoofed`,
  ]
}

interface Prefixes {
  readonly home: readonly Cidr[]
  readonly customer: readonly Cidr[]
  readonly announced: readonly Cidr[]
}

/** The longest prefix decides, as for routes: a customer’s out of ours is its own, ours out of a customer’s is ours. */
function listed(before: string, { home, customer, announced }: Prefixes): string[] {
  const isIn = (cidr: Cidr) => customer.some((prefix) => contains(prefix, cidr))
  const ours = 'goto drop_spoofed'
  const rows: readonly Row[] = [
    ...home.filter(isIn).map((cidr) => ({ cidr, verdict: ours })),
    ...customer.map((cidr) => ({ cidr, verdict: 'accept' })),
    ...announced.filter(isIn).map((cidr) => ({ cidr, verdict: ours })),
  ]
  const longestFirst = rows.toSorted((a, b) => a.cidr.family - b.cidr.family || b.cidr.prefix - a.cidr.prefix)
  return runsOf(longestFirst).flatMap((run) =>
    saddr(
      before,
      run.map(({ cidr }) => cidr),
      run[0].verdict,
    ),
  )
}

interface Row {
  readonly cidr: Cidr
  readonly verdict: string
}

/** Neighbours with one verdict are one rule. */
function runsOf(rows: readonly Row[]): readonly (readonly [Row, ...Row[]])[] {
  const runs: [Row, ...Row[]][] = []
  for (const row of rows) {
    const last = runs.at(-1)
    if (last?.[0].verdict === row.verdict && last[0].cidr.family === row.cidr.family) last.push(row)
    else runs.push([row])
  }
  return runs
}

/**
 * A wire with others, from which the world may come: a customer's prefix out of ours only where our route to it leads there
 * (`fib saddr . iif` would find a default route instead, over IPv6). So for customers that stand on no wire of ours.
 */
function ofCustomers({ name, side, foreign }: Interface, customers: readonly BgpPeer[]): string[] {
  if (side !== 'outside') return []
  const here = customers.filter((peer) => peer.multihop !== undefined || foreign.includes(peer))
  const prefixes = cidrsOf(here.flatMap((peer) => peer.prefixes))
  return saddr(`iifname "${name}" fib saddr oifname "${name}"`, prefixes, 'accept')
}

function saddr(before: string, cidrs: readonly (Cidr | IpRange)[], verdict: string): string[] {
  return bothFamilies(toAddresses(cidrs), { before, field: 'saddr', verdict })
}
