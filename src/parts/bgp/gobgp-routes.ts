// How many routes GoBGP took, refused and announced, counted on the router; and the RPKI caches that it asks.
import { type Facts, type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import { parseIp } from '../../site/ip.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import type { CacheRow } from './caches.ts'
import { GOBGP } from './gobgp-state.ts'
import type { Routes } from './sessions.ts'

const ASK = GOBGP.join(' ')
// Keys at the beginning of lines; a table is long, and so is read as it comes.
const LINES = `tr '{,}' '\\n'`
const TAKEN = `${ASK} global rib -a "$1" -j | ${LINES} | awk -F '"' '/^"neighbor-ip":/ { all[$4]++ } END { for (one in all) print all[one], one }'`
// Its own counter counts more than it sends; 3.36 has a last column, `filtered` or `not filtered`.
const TOLD = `${ASK} neighbor "$1" adj-out -a "$2" | awk '/^[NVI ]*[0-9]+ +[0-9a-f.:]+\\/[0-9]+ / && !/\\]filtered *$/ { all++ } END { print all + 0 }'`
// `I` before a route: RPKI calls it invalid.
const INVALID = `${ASK} neighbor "$1" adj-in -a "$2" | awk '/^I/ { all++ } END { print all + 0 }'`
const CACHES = 'gobgp-rpki'

const sh = (program: string, ...words: readonly string[]) => ['sh', '-c', program, 'orion-routes', ...words]
const familyOf = ({ address }: Pick<BgpPeer, 'address'>): string => (address.includes(':') ? 'ipv6' : 'ipv4')

/** Facts for the functions below. */
export function gobgpRouteFacts(bgp: Bgp): Facts {
  const { peers, rpki } = bgp
  const families = [...new Set(peers.map(familyOf))]
  const commands = [
    ...families.map((family) => [`gobgp-taken ${family}`, sh(TAKEN, family)]),
    ...peers.map((peer) => [`gobgp-told ${peer.name}`, sh(TOLD, peer.address, familyOf(peer))]),
    ...(rpki === undefined
      ? []
      : peers.map((peer) => [`gobgp-invalid ${peer.name}`, sh(INVALID, peer.address, familyOf(peer))])),
  ]
  return wishOf([gobgpCacheFacts(bgp), { commands: Object.fromEntries(commands) }])
}

/** Of a session that stands and sent `received` routes. Pure. */
export function gobgpRoutes(peer: BgpPeer, received: number, seen: HostFacts): Routes {
  const counts = (said(seen, `gobgp-taken ${familyOf(peer)}`) ?? '').split('\n').map((line) => line.trim().split(' '))
  const accepted = Number(counts.find(([, address = '']) => isSameAddress(address, peer.address))?.[0] ?? 0)
  const exported = Number(said(seen, `gobgp-told ${peer.name}`) ?? 0)
  return { received, filtered: Math.max(0, received - accepted), accepted, exported }
}

/** However they are spelt. Pure. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [parseIp(one), parseIp(other)]
  return a !== undefined && JSON.stringify(a, text) === JSON.stringify(b, text)
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

/** All routes of a peer that RPKI calls invalid, whatever else is wrong with them; undefined where it was not counted. Pure. */
export function gobgpInvalid({ name }: BgpPeer, seen: HostFacts): number | undefined {
  const count = Number(said(seen, `gobgp-invalid ${name}`) || Number.NaN)
  return Number.isFinite(count) ? count : undefined
}

/** For gobgpCaches alone: cheap, unlike the routes. */
export function gobgpCacheFacts({ rpki }: Pick<Bgp, 'rpki'>): Facts {
  return rpki === undefined ? {} : { commands: { [CACHES]: [...GOBGP, 'rpki', 'server'] } }
}

// `[::1]:8282  Up  00:00:24  0/3`, after a day `2d 00:00:24`: address, port, state, IPv4 and IPv6 records.
const CACHE = /^\[?(\S+?)\]?:(\d+)\s+(\w+)\s+(?:\d+d )?\S+\s+(\d+)\/(\d+)\s*$/

/** It has no names for them. [] also where it does not answer. Pure. */
export function gobgpCaches(seen: HostFacts): readonly CacheRow[] {
  return (said(seen, CACHES) ?? '').split('\n').flatMap((line) => {
    const [, address, port, shown, four, six] = CACHE.exec(line) ?? []
    if (address === undefined || port === undefined) return []
    const state = shown === 'Up' ? 'Established' : 'Down'
    return [{ name: 'rpki', address, port, state, roas: Number(four) + Number(six) }]
  })
}
