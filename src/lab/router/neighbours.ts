// Who is at the other end of a router's BGP sessions: made up when a session first comes up, and from then on as it is.
import type { HostState, NeighbourState, SentRoutes } from '../host/state.ts'
import { asnIn } from './bird-check.ts'
import type { BirdConfig, BirdProtocol } from './bird-config.ts'

export type Relation = 'provider' | 'peer' | 'customer' | 'internal'

/** Routes that a neighbour of each relation sends at least, and by how many they differ from one to the other. */
const ROUTES: Readonly<Record<Relation, Readonly<Record<4 | 6, readonly [number, number]>>>> = {
  provider: { 4: [1_012_345, 20_000], 6: [231_456, 9000] },
  peer: { 4: [812, 400], 6: [214, 120] },
  customer: { 4: [3, 3], 6: [2, 3] },
  internal: { 4: [5, 4], 6: [4, 4] },
}

/** What of it is to be refused, as shares, by the number of the reason (ASN, 2, N); 10 = what it has not registered. */
const BAD: Readonly<Record<Relation, Readonly<Record<number, number>>>> = {
  provider: { 11: 0.004, 8: 0.0015, 3: 0.0005 },
  peer: { 10: 0.03, 11: 0.008, 8: 0.004 },
  customer: {},
  internal: {},
}

/** Who is at an address: somebody known, or who the configuration says it is. */
export function neighbourOf({ neighbours }: HostState, config: BirdConfig, protocol: BirdProtocol): NeighbourState {
  return neighbours?.[addressOf(protocol)] ?? introduced(config, protocol)
}

/** From now on, the neighbour of this session is known. */
export function meet(host: HostState, config: BirdConfig, protocol: BirdProtocol): void {
  host.neighbours = { ...host.neighbours, [addressOf(protocol)]: neighbourOf(host, config, protocol) }
}

export function addressOf({ statements }: BirdProtocol): string {
  return valueIn(statements, /^neighbor (\S+)/) ?? ''
}

/** What a pattern finds in the first statement that it fits. */
export function valueIn(statements: readonly string[], pattern: RegExp): string | undefined {
  return statements.map((one) => pattern.exec(one)?.[1]).find((one) => one !== undefined)
}

/** Our role says what the neighbour is to us. */
export function relationOf({ defines }: BirdConfig, { statements }: BirdProtocol): Relation {
  if (asnIn(statements, 'neighbor', defines) === asnIn(statements, 'local', defines)) return 'internal'
  const role = valueIn(statements, /^local role (\w+)/)
  return role === 'provider' ? 'customer' : role === 'peer' || role === 'rs_client' ? 'peer' : 'provider'
}

function introduced(config: BirdConfig, protocol: BirdProtocol): NeighbourState {
  const { statements } = protocol
  const families = statements.flatMap((one) => (one === 'ipv4' ? [4 as const] : one === 'ipv6' ? [6 as const] : []))
  return {
    asn: asnIn(statements, 'neighbor', config.defines) ?? '',
    knowsUsAs: asnIn(statements, 'local', config.defines) ?? '',
    routes: Object.fromEntries(families.map((family) => [family, sentBy(config, protocol, family)])),
  }
}

function sentBy(config: BirdConfig, protocol: BirdProtocol, family: 4 | 6): SentRoutes {
  const relation = relationOf(config, protocol)
  const seed = seedOf(addressOf(protocol))
  const [least, spread] = ROUTES[relation][family]
  const own = relation === 'customer' ? listed(config, protocol, family) : 0
  const all = own === 0 ? least + (seed % spread) : own
  const limit = limitOf(config, protocol, family)
  // An honest neighbour told how many routes it has: where that is fewer than others have, it is a smaller one.
  const good = all <= limit * 0.97 || own > 0 ? Math.min(all, limit) : Math.max(1, Math.floor(limit * share(seed)))
  const bad = Object.entries(BAD[relation]).map(([reason, part]) => [reason, Math.round(good * part)])
  return { good, bad: Object.fromEntries(bad) }
}

/** Between 0.6 and 0.9. */
const share = (seed: number): number => 0.6 + (seed % 30) / 100

function seedOf(text: string): number {
  return [...text].reduce((total, char) => (total * 31 + char.charCodeAt(0)) % 99_991, 7)
}

function limitOf({ defines }: BirdConfig, { statements }: BirdProtocol, family: 4 | 6): number {
  const text = valueIn(statements, new RegExp(`^ipv${family} import limit (\\w+)`))
  return text === undefined ? Number.POSITIVE_INFINITY : Number(defines.get(text) ?? text)
}

/** Prefixes in the sets that the import filter takes routes of. */
function listed({ filters, defines }: BirdConfig, { statements }: BirdProtocol, family: 4 | 6): number {
  const filter = valueIn(statements, new RegExp(`^ipv${family} import filter (\\w+)`)) ?? ''
  const names = new Set((filters.get(filter) ?? '').match(/\b(IRR|PREFIXES)_\w+/g) ?? [])
  const sets = [...names].map((name) => (defines.get(name) ?? '').replaceAll(' ', ''))
  const prefixes = sets.flatMap((text) => text.match(/[0-9a-f:.]+\/\d+/g) ?? [])
  return new Set(prefixes.filter((one) => one !== '::/128' && one !== '0.0.0.0/32')).size
}
