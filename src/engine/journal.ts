// The journal as data: entries, and the chain of hashes that holds their lines together. Pure.
import { createHash } from 'node:crypto'
import type { Outcome } from './report.ts'

/** What the first line of a chain follows. */
const NOTHING = '0'.repeat(64)

/** In each entry: format, which journal, and its place there (from 1, without gaps). */
export interface Head {
  readonly v: 1
  /** Random, of one file of one machine: a node hears from several. */
  readonly journal: string
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
}

export interface Who {
  readonly user: string
  readonly host: string
  /** Version of orion. */
  readonly orion: string
}

/** What a run set out to do with one thing. Names of fields only: values may be private. */
export interface WantedStep {
  readonly id: string
  /** What people call it. */
  readonly title?: string
  readonly verb: string
  readonly fields?: readonly string[]
}

/** Written before the first step of a run. */
export interface Begin {
  readonly kind: 'begin'
  /** The number of the run in its journal, from 1. */
  readonly run: number
  readonly who: Who
  /** As it is typed, with its arguments and without flags: `vm apply`. */
  readonly command: string
  readonly flags: Readonly<Record<string, unknown>>
  readonly site: {
    readonly name: string
    readonly file: string
    /** Of the text that this run has read. */
    readonly sha256?: string
    readonly lab?: true
  }
  /** `sha256` of the plan as JSON; absent where there was no plan. */
  readonly plan: { readonly sha256?: string; readonly kept: number; readonly steps: readonly WantedStep[] }
  /** The nodes that it is about: they are told, too. */
  readonly nodes: readonly string[]
}

/** What became of one thing. */
export interface EndedStep {
  readonly id: string
  readonly verb: string
  readonly outcome: Outcome
  readonly ms: number
  /** Code of its error. */
  readonly code?: string
}

/** Written after the last step. */
export interface End {
  readonly kind: 'end'
  readonly run: number
  readonly ms: number
  /** Exit code. */
  readonly exit: number
  /** Of the error that ended it. */
  readonly code?: string
  /** It was killed: the next run found it without an end, and wrote this one. What became of its steps is not known. */
  readonly lost?: true
  readonly counts?: Readonly<Record<string, number>>
  readonly steps: readonly EndedStep[]
}

/** A crash left half a line, which stays there: its hash. */
export interface Mend {
  readonly kind: 'mend'
  readonly torn: string
}

export type News = Begin | End | Mend
export type Entry = Head & News

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * A line of a chain, with its line feed: `HASH PAYLOAD`, where HASH is SHA-256 of `HASH-OF-THE-LINE-BEFORE PAYLOAD`. So a shell can
 * check it: `printf '%s %s' "$before" "$payload" | sha256sum`.
 */
export function toLine(before: string | undefined, payload: string): string {
  return `${sha256(`${before ?? NOTHING} ${payload}`)} ${payload}\n`
}

/** One line of a chain, as it was found. */
export interface ChainLine {
  /** From 1. */
  readonly number: number
  /** As it says. */
  readonly hash: string
  readonly payload: string
  /** False where hash, payload and the line before do not fit each other. */
  readonly holds: boolean
}

export interface Chain {
  readonly lines: readonly ChainLine[]
  /** What stands after the last line feed: half a line of a crash. '' = nothing. */
  readonly torn: string
}

const LINE = /^([0-9a-f]{64}) (.*)$/s

/** Takes a file apart and checks every hash. A line that is none of ours has an empty hash, and the chain goes on past it. */
export function readChain(text: string): Chain {
  const all = text.split('\n')
  const torn = all.pop() ?? ''
  let before = NOTHING
  const lines = all.map((line, at): ChainLine => {
    const [, hash = '', payload = line] = LINE.exec(line) ?? []
    const holds = hash !== '' && hash === sha256(`${before} ${payload}`)
    if (hash !== '') before = hash
    return { number: at + 1, hash, payload, holds }
  })
  return { lines, torn }
}

/** Lines of crashes that a later line has owned up to. */
export function getMended(lines: readonly ChainLine[]): ReadonlySet<number> {
  const mended = new Set<number>()
  lines.forEach((line, at) => {
    const before = lines[at - 1]
    if (before === undefined || before.holds || !line.payload.includes('"mend"')) return
    const entry = parseEntry(line.payload.replace(/^- /, ''))
    const text = before.hash === '' ? before.payload : `${before.hash} ${before.payload}`
    if (entry?.kind === 'mend' && entry.torn === sha256(text)) mended.add(before.number)
  })
  return mended
}

/** The entry in a payload; undefined where there is none that this version knows. */
export function parseEntry(payload: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return isEntry(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** As much as is needed to show it without trouble: the lines are ours, but a node's file may say anything. */
function isEntry(value: unknown): value is Entry {
  if (!isObject(value) || value.v !== 1) return false
  if (value.kind === 'mend') return typeof value.torn === 'string'
  if (typeof value.journal !== 'string' || !isNumber(value.seq) || !isNumber(value.run)) return false
  if (typeof value.at !== 'string' || Number.isNaN(Date.parse(value.at))) return false
  if (value.kind === 'end') return isNumber(value.exit) && isNumber(value.ms) && areSteps(value.steps, 'outcome')
  if (value.kind !== 'begin' || !isObject(value.who) || !isObject(value.site) || !isObject(value.plan)) return false
  const words = [value.command, value.who.user, value.who.host, value.who.orion, value.site.name, value.site.file]
  const isTold = words.every((word) => typeof word === 'string') && isObject(value.flags) && areTexts(value.nodes)
  return isTold && isNumber(value.plan.kept) && areSteps(value.plan.steps, 'verb')
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')
const areSteps = (value: unknown, key: string): boolean =>
  Array.isArray(value) &&
  value.every(
    (one) =>
      isObject(one) &&
      typeof one.id === 'string' &&
      typeof one.verb === 'string' &&
      typeof one[key] === 'string' &&
      (one.title === undefined || typeof one.title === 'string') &&
      (one.fields === undefined || areTexts(one.fields)) &&
      (one.ms === undefined || isNumber(one.ms)),
  )
