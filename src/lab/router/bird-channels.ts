// The channels of a BGP session: what of a neighbour's routes is taken, refused or too much, and what is told to it.
import type { SentRoutes } from '../host/state.ts'
import type { BirdConfig, BirdProtocol } from './bird-config.ts'
import { type Relation, valueIn } from './neighbours.ts'

export interface SessionChannel {
  readonly family: 4 | 6
  readonly imported: number
  /** Refused, and what the import limit leaves out: BIRD counts both as one. */
  readonly filtered: number
  /** Of `filtered`, by the number of the reason (ASN, 2, N). */
  readonly refused: Readonly<Record<number, number>>
  /** Own prefixes that are told. */
  readonly exported: readonly string[]
  readonly limits: readonly Limit[]
}

interface Limit {
  readonly kind: string
  readonly limit: number
  readonly hit: boolean
  readonly action: string
}

/** `sent`: what the neighbour sends, whatever the configuration makes of it. */
export function channelOf(
  config: BirdConfig,
  { statements }: BirdProtocol,
  family: 4 | 6,
  { good, bad }: SentRoutes,
): SessionChannel {
  const own = statements.filter((one) => one.startsWith(`ipv${family} `)).map((one) => one.slice('ipv6 '.length))
  const takes = !own.includes('import none')
  const refused = takes ? refusedBy(config, valueIn(own, /^import filter (\w+)$/) ?? '', bad) : {}
  const sent = takes ? good + sumOf(Object.values(bad)) : 0
  const accepted = sent - sumOf(Object.values(refused))
  const limits = limitsOf(config, own, { import: accepted, receive: sent })
  const imported = Math.min(accepted, ...limits.filter(({ kind }) => kind === 'import').map(({ limit }) => limit))
  const filter = valueIn(own, /^export filter (\w+)$/)
  const exported = filter === undefined ? [] : exportedBy(config, filter, family)
  return { family, imported, filtered: sent - imported, refused, exported, limits }
}

function limitsOf({ defines }: BirdConfig, own: readonly string[], counts: Readonly<Record<string, number>>): Limit[] {
  return own.flatMap((one) => {
    const [, kind = '', limit = '', action = 'disable'] =
      /^(import|receive|export) limit (\w+)(?: action (\w+))?/.exec(one) ?? []
    const most = Number(defines.get(limit) ?? limit)
    return kind === '' ? [] : [{ kind, limit: most, action, hit: (counts[kind] ?? 0) > most }]
  })
}

const NOT_LISTED = [9, 10]

/** A filter refuses what it looks for. */
function refusedBy({ filters, defines }: BirdConfig, filter: string, bad: SentRoutes['bad']): Record<number, number> {
  const named = [...(filters.get(filter) ?? '').matchAll(/\brefuse \( ?(\w+) ?\)/g)].map(([, name = '']) => name)
  const asked = named.map((name) => Number(defines.get(name) ?? name))
  const rows = Object.entries(bad).flatMap(([reason, count]) => {
    const number = asked.find((one) => one === Number(reason) || (reason === '10' && NOT_LISTED.includes(one)))
    return number === undefined || count === 0 ? [] : [[number, count] as const]
  })
  return Object.fromEntries(rows)
}

/** Static routes that a filter names by their protocol and lets go. */
function exportedBy(config: BirdConfig, filter: string, family: 4 | 6): string[] {
  const body = config.filters.get(filter) ?? ''
  const named = config.protocols.filter(({ type, name }) => type === 'static' && body.includes(`"${name}"`))
  const sent = named.filter(({ name }) => !body.includes(`proto = "${name}" then { reject`))
  return sent.flatMap(staticRoutes).filter((prefix) => prefix.includes(':') === (family === 6))
}

/** Prefixes of a static protocol. */
export function staticRoutes({ statements }: BirdProtocol): string[] {
  return statements.flatMap((one) => /^route (\S+ \/ \d+)/.exec(one)?.[1]?.replaceAll(' ', '') ?? [])
}

/** What of others' routes goes to a neighbour: nothing, those of customers, everything, or what came from outside. */
export function passesOn({ filters }: BirdConfig, { statements }: BirdProtocol): (from: Relation) => boolean {
  const names = statements.flatMap((one) => /^ipv[46] export filter (\w+)$/.exec(one)?.[1] ?? [])
  const body = names.map((name) => filters.get(name) ?? '').join(' ')
  if (/FROM_OWN ?\. ?\. ?FROM_CUSTOMER/.test(body)) return () => true
  if (/ORIGIN , FROM_CUSTOMER/.test(body)) return (from) => from === 'customer'
  return (from) => from !== 'internal' && /source = RTS_BGP then accept/.test(body)
}

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0)
