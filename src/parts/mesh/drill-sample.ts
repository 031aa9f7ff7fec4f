// What an observer of a drill says (templates/mesh/sample.eta), read, and what it means for a pair of gateways.

import type { DrillPair } from './drill.ts'
import { addressesOf } from './look.ts'

export interface Sample {
  readonly ways: ReadonlyMap<string, readonly { readonly atMs: number; readonly interface: string }[]>
  /** By address: from the last answer to the next one; `toMs` undefined = none came any more. */
  readonly gaps: ReadonlyMap<string, readonly { readonly fromMs: number; readonly toMs?: number }[]>
  readonly answers: ReadonlyMap<string, number>
}

export interface PairResult {
  readonly from: string
  readonly to: string
  /** The next gateway before, and as the site file wants it meanwhile; undefined = by design there is none. */
  readonly before: string
  readonly wanted?: string
  /** The next gateway that it moved to; undefined = it has found none. */
  readonly after?: string
  /**
   * `moved`: answers came again while it was cut. `lost`: none came. `unhurt`: no answer was missed. `unknown`: none came before
   * either, or the observer did not tell.
   */
  readonly state: 'moved' | 'lost' | 'unhurt' | 'unknown'
  /** From the last answer before to the first one after. */
  readonly silentMs?: number
  /** Until the route was another one, from the last answer. */
  readonly movedMs?: number
  /** In the end it went as before. */
  readonly isBack: boolean
}

/** Pure; lines that are cut or garbled are left out. undefined where the program did not come to its end. */
export function parseSample(text: string): Sample | undefined {
  const lines = text.split('\n').map((line) => line.split(' '))
  if (!lines.some(([kind]) => kind === 'end')) return undefined
  const of = (kind: string) => lines.filter(([word]) => word === kind).map(([, ...words]) => words)
  const number = (word: string | undefined) => (word === undefined || word === '' ? Number.NaN : Number(word))
  const ways = of('way').map(([at, address = '', name = '-']) => ({ address, atMs: number(at), interface: name }))
  const gaps = of('gap').map(([address = '', from, to]) => {
    return { address, fromMs: number(from), ...(to === '-' ? {} : { toMs: number(to) }) }
  })
  const isKnown = ({ atMs = 0, fromMs = 0, toMs = 0 }: { atMs?: number; fromMs?: number; toMs?: number }) =>
    [atMs, fromMs, toMs].every(Number.isFinite)
  return {
    ways: grouped(ways.filter(isKnown)),
    gaps: grouped(gaps.filter(isKnown)),
    answers: new Map(of('ping').map(([address = '', answers]) => [address, number(answers) || 0])),
  }
}

function grouped<T extends { readonly address: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) groups.set(row.address, [...(groups.get(row.address) ?? []), row])
  return groups
}

/** What a drill of so many seconds did to a pair, as its `from` saw it. Pure. */
export function judgePair(
  { from, to, before, after }: DrillPair,
  sample: Sample | undefined,
  seconds: number,
): PairResult {
  const pair = { from: from.name, to: to.name, before, ...(after === undefined ? {} : { wanted: after }) }
  const [address = ''] = addressesOf(to)
  if (sample === undefined || (sample.answers.get(address) ?? 0) === 0)
    return { ...pair, state: 'unknown', isBack: false }
  const nameOf = (name: string | undefined) => from.links.find((end) => end.interface === name)?.peer.name
  const ways = sample.ways.get(address) ?? []
  const isBack = nameOf(ways.at(-1)?.interface) === nameOf(ways[0]?.interface)
  const gap = (sample.gaps.get(address) ?? []).reduce<Gap | undefined>(longer, undefined)
  if (gap === undefined) return { ...pair, state: 'unhurt', isBack }
  const silentMs = (gap.toMs ?? Number.POSITIVE_INFINITY) - gap.fromMs
  // One that is as long as the cut ended with it.
  if (silentMs > seconds * 1000 - SLACK_MS)
    return {
      ...pair,
      state: 'lost',
      ...(gap.toMs === undefined ? {} : { silentMs }),
      isBack: isBack && gap.toMs !== undefined,
    }
  const change = ways.find(({ atMs, interface: name }) => atMs >= gap.fromMs - SLACK_MS && name !== ways[0]?.interface)
  const moved = change === undefined ? {} : { movedMs: Math.max(0, change.atMs - gap.fromMs) }
  const over = nameOf(change?.interface) ?? (change === undefined ? nameOf(ways[0]?.interface) : undefined)
  return { ...pair, ...(over === undefined ? {} : { after: over }), state: 'moved', silentMs, ...moved, isBack }
}

type Gap = { readonly fromMs: number; readonly toMs?: number }
const SLACK_MS = 300

function longer(one: Gap | undefined, other: Gap): Gap {
  const lengthOf = ({ fromMs, toMs = Number.POSITIVE_INFINITY }: Gap) => toMs - fromMs
  return one !== undefined && lengthOf(one) >= lengthOf(other) ? one : other
}
