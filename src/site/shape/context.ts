// What shaping works with: the checked input, everything that has a name, and where findings go.
import { didYouMean } from '../nearest.ts'
import type { SiteInput } from '../schema/schema.ts'
import type { Finding, Path } from '../site.ts'
import type { KeySource } from '../ssh-key.ts'

type Kind = 'clusters' | 'nodes' | 'networks' | 'storage' | 'images'

const SINGULAR = {
  clusters: 'cluster',
  nodes: 'node',
  networks: 'network',
  storage: 'storage',
  images: 'image',
} as const

export interface Context {
  readonly input: SiteInput
  /** Name of a guest, or of its group, to the names of the guests. */
  readonly guests: ReadonlyMap<string, readonly string[]>
  readonly keys: ReadonlyMap<string, KeySource>
  readonly findings: Finding[]
  /** What is about this machine and not about the file: told only where the file itself is right. */
  readonly notes: Finding[]
  /** True if the name exists and is well-formed. A name that exists nowhere is reported at `path`. */
  has(kind: Kind, name: string, path: Path): boolean
  /** The one guest of this name; undefined if there is none, or several (reported). */
  guest(name: string, path: Path): string | undefined
  /** All guests of this name or group. */
  group(name: string, path: Path): readonly string[]
  /** True where something was malformed, so that something missing elsewhere proves nothing. */
  damaged(part: string, name?: string): boolean
  report(path: Path, message: string, severity?: Finding['severity']): void
  note(path: Path, message: string, severity: Finding['severity']): void
}

interface ContextOptions {
  readonly input: SiteInput
  /** The plain data before the schema dropped what is malformed. */
  readonly raw: unknown
  readonly guests: ReadonlyMap<string, readonly string[]>
  readonly keys: ReadonlyMap<string, KeySource>
}

export function makeContext({ input, raw, guests, keys }: ContextOptions): Context {
  const findings: Finding[] = []
  const notes: Finding[] = []
  const seen = new Set<string>()
  const add = (list: Finding[], finding: Finding) => {
    // One mistake in `defaults` is one finding, however many guests have it.
    const key = JSON.stringify([finding.path, finding.message])
    if (!seen.has(key)) list.push(finding)
    seen.add(key)
  }
  const report: Context['report'] = (path, message, severity = 'error') => add(findings, { severity, path, message })
  const damaged: Context['damaged'] = (part, name) => {
    const had = childOf(raw, part)
    const has = childOf(input, part)
    if (name === undefined) return had !== undefined && has === undefined
    // A part that is malformed as a whole may have held any name.
    if (had !== undefined && (typeof had !== 'object' || had === null || has === undefined)) return true
    return childOf(had, name) !== undefined && childOf(has, name) === undefined
  }
  const group: Context['group'] = (name, path) => {
    const found = guests.get(name)
    if (found !== undefined) return found
    if (!damaged('guests', name) && !damaged('guests', name.replace(/-\d+$/, ''))) {
      report(path, `no guest is called "${name}"${didYouMean(name, guests.keys())}`)
    }
    return []
  }
  return {
    input,
    guests,
    keys,
    findings,
    notes,
    damaged,
    report,
    note: (path, message, severity) => add(notes, { severity, path, message }),
    group,
    has(kind, name, path) {
      const known = input[kind] ?? {}
      if (Object.hasOwn(known, name)) return true
      if (!damaged(kind, name))
        report(path, `no ${SINGULAR[kind]} is called "${name}"${didYouMean(name, Object.keys(known))}`)
      return false
    },
    guest(name, path) {
      const found = group(name, path)
      if (found.length > 1) report(path, `"${name}" is ${found.length} guests: name one of them, such as "${found[0]}"`)
      return found.length === 1 ? found[0] : undefined
    },
  }
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

/** What the record itself holds: names such as `constructor` are names too. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** The object without keys whose value is undefined, as exact optional properties want it. */
export function compact<T extends object>(object: T): Compact<T>
export function compact(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}
