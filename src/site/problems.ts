// From what the schema found to findings in words for people, and what is left of the site without them.
import type { z } from 'zod'
import { show } from './finding.ts'
import { didYouMean } from './nearest.ts'
import { type SiteInput, siteSchema } from './schema/schema.ts'
import { KNOWN_KEYS, SECRET_MESSAGE } from './schema/words.ts'
import type { Finding, Path } from './site.ts'

export interface Checked {
  /** The site, without its malformed entries; undefined where nothing can be kept. */
  readonly input?: SiteInput
  readonly findings: readonly Finding[]
}

/** So many unknown keys of one map are named. */
const MAX_KEYS = 1000

type Issue = z.core.$ZodIssue

/** Checks plain data against the schema. All mistakes at once; the entries without one go on to the next checks. */
export function checkSchema(value: unknown): Checked {
  const first = siteSchema.safeParse(value, { reportInput: true, error: wording })
  if (first.success) return { input: first.data, findings: [] }
  const findings = first.error.issues.flatMap((issue) => toFindings(issue, []))
  const rest = siteSchema.safeParse(without(value, findings))
  return rest.success ? { input: rest.data, findings } : { findings }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of names',
  array: 'a list',
  tuple: 'a list',
}

/** The general messages; the schema's own ones come first. */
const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing'
  if (issue.input === null) return 'has no value'
  if (issue.code === 'invalid_type')
    return `must be ${TYPES[issue.expected] ?? issue.expected}, not ${show(issue.input)}`
  if (issue.code === 'invalid_value') return enumWording(issue.values.map(String), issue.input)
  if (issue.code === 'too_small') return `must ${bound(issue.origin, 'at least', issue.minimum)}`
  if (issue.code === 'too_big') return `must ${bound(issue.origin, 'at most', issue.maximum)}`
  if (issue.code === 'invalid_format') return `${show(issue.input)} has the wrong form`
  if (issue.code === 'invalid_union')
    return issue.discriminator === undefined ? 'has the wrong form' : unionWording(issue)
  return undefined
}

function enumWording(values: readonly string[], input: unknown): string {
  const wanted = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`
  return `must be ${wanted}, not ${show(input)}${typeof input === 'string' ? didYouMean(input, values) : ''}`
}

function unionWording(issue: z.core.$ZodRawIssue): string {
  const types = ['dir', 'btrfs', 'zfspool', 'lvm', 'lvmthin', 'nfs', 'cifs', 'rbd', 'cephfs', 'pbs']
  const input =
    typeof issue.input === 'object' && issue.input !== null && 'type' in issue.input ? issue.input.type : undefined
  return input === undefined ? 'is missing' : enumWording(types, input)
}

function bound(origin: string, word: string, limit: number | bigint): string {
  if (origin === 'array') return `have ${word} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  return origin === 'string' ? `have ${word} ${limit} characters` : `be ${word} ${limit}`
}

/** An issue may be several findings (unknown keys), or lie deeper (the branch of a union that was meant). */
function toFindings(issue: Issue, prefix: Path): Finding[] {
  const path = [...prefix, ...issue.path.filter((part) => typeof part !== 'symbol')]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_KEYS).map((key) => unknownKey(path, key, issue.message))
  if (issue.code === 'invalid_key') {
    return [{ severity: 'error', path, atKey: true, message: issue.issues[0]?.message ?? 'is not a name' }]
  }
  const meant = issue.code === 'invalid_union' && issue.message !== SECRET_MESSAGE ? branchOf(issue.errors) : undefined
  if (meant !== undefined) return meant.flatMap((inner) => toFindings(inner, path))
  return [{ severity: 'error', path, message: issue.message }]
}

function unknownKey(path: Path, key: string, message: string): Finding {
  const known: unknown = message.startsWith(KNOWN_KEYS) ? JSON.parse(message.slice(KNOWN_KEYS.length)) : []
  const names = Array.isArray(known) ? known.map(String) : []
  const hint =
    didYouMean(key, names) || (names.length > 0 && names.length <= 8 ? ` (known here: ${names.join(', ')})` : '')
  return { severity: 'error', path: [...path, key], atKey: true, message: `unknown key ${show(key)}${hint}` }
}

/** The branch of the value's own kind (text, map …) with the fewest mistakes; undefined where no single one was meant. */
function branchOf(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isOtherKind))
  const fewest = Math.min(...fitting.map(mistakes))
  const best = fitting.filter((issues) => mistakes(issues) === fewest)
  return best.length === 1 ? best[0] : undefined
}

/** True where the value itself, not something in it, is of another kind than the branch (or all branches of that one) wants. */
function isOtherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false
  if (issue.code === 'invalid_union')
    return issue.errors.length > 0 && issue.errors.every((branch) => branch.some(isOtherKind))
  return (
    issue.code === 'invalid_type' ||
    (issue.code === 'invalid_value' && issue.values.every((value) => typeof value !== typeof issue.input))
  )
}

function mistakes(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

const NAMED = new Set(['clusters', 'nodes', 'networks', 'storage', 'images', 'guests', 'devices', 'backup'])

/** A copy without the entries that hold a mistake: `guests.router` or `bgp` as a whole, an unknown key alone. */
function without(value: unknown, findings: readonly Finding[]): unknown {
  if (!isMap(value)) return undefined
  const entries = new Map<string, Set<string>>()
  const parts = new Set<string>()
  for (const { path } of findings) {
    const [part = '', entry] = path.map(String)
    if (NAMED.has(part) && entry !== undefined) entries.set(part, (entries.get(part) ?? new Set()).add(entry))
    else parts.add(part)
  }
  const kept = Object.entries(value).filter(([part]) => !parts.has(part))
  const rest = kept.map(([part, inside]) => [part, dropEntries(inside, entries.get(part))] as const)
  return {
    site: 'site',
    nodes: {},
    ...Object.fromEntries(rest),
    ...withoutRules(value.firewall, findings),
    ...withoutFigures(value.mesh, findings),
  }
}

/** The firewall, where nothing but single rules of it is malformed: those as rules about nothing, so that the others keep their places. */
function withoutRules(firewall: unknown, findings: readonly Finding[]): object {
  const own = findings.filter(({ path }) => path[0] === 'firewall').map(({ path }) => path)
  const inRule = own.every(([, key, index]) => key === 'allow' && typeof index === 'number')
  if (own.length === 0 || !inRule || !isMap(firewall) || !Array.isArray(firewall.allow)) return {}
  const malformed = new Set(own.map(([, , index]) => index))
  const allow = firewall.allow.map((rule: unknown, index) => (malformed.has(index) ? { from: [], to: [] } : rule))
  return { firewall: { ...firewall, allow } }
}

/** The mesh, where nothing but figures that no other check looks at is malformed: without these, so that its names are checked. */
function withoutFigures(mesh: unknown, findings: readonly Finding[]): object {
  const own = findings.filter(({ path }) => path[0] === 'mesh').map(({ path }) => path)
  const isFigure = own.every((path) => path.length === 4 && path[1] === 'gateways' && path[3] === 'mtu')
  if (own.length === 0 || !isFigure || !isMap(mesh) || !isMap(mesh.gateways)) return {}
  const malformed = new Set(own.map(([, , name]) => name))
  const gateways = Object.entries(mesh.gateways).map(([name, gateway]) => {
    if (!malformed.has(name) || !isMap(gateway)) return [name, gateway] as const
    const { mtu: _, ...rest } = gateway
    return [name, rest] as const
  })
  return { mesh: { ...mesh, gateways: Object.fromEntries(gateways) } }
}

function dropEntries(map: unknown, names: ReadonlySet<string> | undefined): unknown {
  if (names === undefined || !isMap(map)) return map
  return Object.fromEntries(Object.entries(map).filter(([name]) => !names.has(name)))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
