// Holds requests against the description that a real Proxmox VE gives of its own API. Knows nothing of the lab's validator.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FORMATS } from './pve-formats.ts'

/** Beside the checkout, where somebody has put it; not part of the repository. */
const FILE = fileURLToPath(new URL('../../../shared/pve-api/schema-9.1.json', import.meta.url))

type Flag = 0 | 1 | boolean
interface Rule {
  readonly type?: string
  readonly optional?: Flag
  readonly enum?: readonly string[] | null
  readonly format?: string | Readonly<Record<string, Rule>>
  readonly pattern?: string
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly minLength?: number
  readonly maxLength?: number
  readonly requires?: string
  readonly items?: Rule
  readonly alias?: string
  readonly default_key?: Flag
}
interface Endpoint {
  readonly params: Readonly<Record<string, Rule>>
}
export type Schema = Readonly<Record<string, Endpoint>>

export interface Sent {
  readonly method: string
  /** Under /api2/json, ids decoded or as `{name}`. */
  readonly path: string
  /** Body or query. */
  readonly params: Readonly<Record<string, unknown>>
}

/** The schema, or why it is not here. */
export function readSchema(): { schema: Schema } | { reason: string } {
  if (!existsSync(FILE)) return { reason: 'the schema of a real Proxmox VE is not beside this checkout' }
  return { schema: JSON.parse(readFileSync(FILE, 'utf8')) as Schema }
}

/** How far the numbered parameters go. */
const LAST: Readonly<Record<string, number>> = {
  ide: 3,
  sata: 5,
  scsi: 30,
  virtio: 15,
  net: 31,
  mp: 255,
  ipconfig: 31,
  hostpci: 15,
}

/** The rule of a parameter; `net7` has that of its family `net[n]`. */
function ruleOf(rules: Readonly<Record<string, Rule>>, name: string): Rule | undefined {
  const [, family = '', index = ''] = /^(\D+)(\d+)$/.exec(name) ?? []
  return rules[name] ?? (Number(index) <= (LAST[family] ?? 255) ? rules[`${family}[n]`] : undefined)
}

/** Perl's pattern as JavaScript's; `(?^i:` makes the whole of it ignore case, which is a little too lenient. */
function toRegExp(pattern: string): RegExp {
  const source = pattern.replaceAll(/\(\?\^i?:/g, '(?:').replaceAll(/\{,(\d+)\}/g, '{0,$1}')
  return new RegExp(`^(?:${source})$`, pattern.includes('(?^i:') ? 'i' : '')
}

const isNumber = (value: unknown, whole: boolean): boolean =>
  (whole ? /^[-+]?\d+$/ : /^[-+]?\d+(\.\d+)?$/).test(String(value))

function typeProblem(type: string | undefined, value: unknown): string | undefined {
  if (type === 'boolean' && !['0', '1', 'true', 'false'].includes(String(value))) return 'is no boolean'
  if (type === 'integer' && !isNumber(value, true)) return 'is no integer'
  if (type === 'number' && !isNumber(value, false)) return 'is no number'
  if ((type ?? 'string') === 'string' && typeof value === 'object' && !Array.isArray(value)) return 'is no string'
  return undefined
}

function formatProblem(format: string, text: string): string | undefined {
  if (format.endsWith('-list') && format !== 'pve-tag-list') {
    const items = text.split(/[,;\s\0]+/).filter((item) => item !== '')
    return items.map((item) => formatProblem(format.slice(0, -'-list'.length), item)).find(Boolean)
  }
  return (FORMATS[format] ?? /^/).test(text) ? undefined : `has not the format ${format}`
}

function rangeProblem(rule: Rule, text: string): string | undefined {
  if (rule.minimum !== undefined && Number(text) < Number(rule.minimum)) return `is below ${rule.minimum}`
  if (rule.maximum !== undefined && Number(text) > Number(rule.maximum)) return `is above ${rule.maximum}`
  if (rule.maxLength !== undefined && text.length > rule.maxLength) return `is longer than ${rule.maxLength}`
  if (rule.minLength !== undefined && text.length < rule.minLength) return `is shorter than ${rule.minLength}`
  return undefined
}

/** What is wrong with one value, each with the name of the parameter. */
function valueProblems(name: string, rule: Rule, value: unknown): string[] {
  if (Array.isArray(value)) {
    if (rule.type === 'array') return value.flatMap((item) => valueProblems(name, rule.items ?? {}, item))
    return valueProblems(name, rule, value.join(','))
  }
  const text = String(value)
  const wrong =
    typeProblem(rule.type, value) ??
    (rule.enum && !rule.enum.map(String).includes(text) ? `is none of ${rule.enum.join(', ')}` : undefined) ??
    (rule.pattern && !toRegExp(rule.pattern).test(text) ? `does not match ${rule.pattern}` : undefined) ??
    rangeProblem(rule, text) ??
    (typeof rule.format === 'string' ? formatProblem(rule.format, text) : undefined)
  const nested = typeof rule.format === 'object' ? propertyProblems(name, rule.format, text) : []
  return wrong ? [`${name}=${text}: ${wrong}`, ...nested] : nested
}

/** A property string, `virtio=AA:…,bridge=vmbr0`, against its own small schema. */
function propertyProblems(name: string, rules: Readonly<Record<string, Rule>>, text: string): string[] {
  const main = Object.keys(rules).find((key) => rules[key]?.default_key)
  const given = new Set<string>()
  const problems: string[] = []
  for (const part of text.split(',').filter(Boolean)) {
    const at = part.indexOf('=')
    const key = at < 0 ? main : part.slice(0, at)
    const rule = key === undefined ? undefined : rules[key]
    if (key === undefined || !rule) {
      problems.push(`${name}.${key ?? part}: is not in the schema`)
      continue
    }
    given.add(rule.alias ?? key)
    // `virtio=MAC` says the model too: the alias is one of the values of the key that may stand alone.
    if (rule.alias && main && rules[main]?.enum?.includes(key)) given.add(main)
    problems.push(...valueProblems(`${name}.${key}`, rules[rule.alias ?? key] ?? {}, part.slice(at + 1)))
  }
  const absent = Object.keys(rules).filter((key) => !rules[key]?.alias && !rules[key]?.optional)
  return [...problems, ...absent.filter((key) => !given.has(key)).map((key) => `${name}.${key}: is missing`)]
}

/** The endpoint of a path, and the parameters that stand in the path. */
function endpointOf(schema: Schema, { method, path }: Sent): [Endpoint, Set<string>] | undefined {
  const parts = path.split('/')
  const fits = (segment: string, index: number) => /^\{.+\}$/.test(segment) || segment === parts[index]
  const found = Object.keys(schema).filter((key) => {
    const [verb, template = ''] = key.split(' ')
    const segments = template.split('/')
    // A volume id has a slash of its own.
    const open = template.endsWith('/{volume}') && parts.length > segments.length
    return verb === method && (segments.length === parts.length || open) && segments.every(fits)
  })
  // A literal segment wins over a placeholder: /nodes/{node}/qemu/{vmid} and not /nodes/{node}/{x}/{y}.
  const best = found.sort((a, b) => a.split('{').length - b.split('{').length)[0]
  const endpoint = best ? schema[best] : undefined
  return endpoint && best
    ? [endpoint, new Set(Array.from(best.matchAll(/\{(.+?)\}/g), (match) => match[1] ?? ''))]
    : undefined
}

/** Everything in a request that a real Proxmox VE 9.1 would refuse before it looks at its state; [] = nothing. */
export function problemsOf(schema: Schema, sent: Sent): string[] {
  const found = endpointOf(schema, sent)
  if (!found) return [`${sent.method} ${sent.path}: there is no such method or path`]
  const [{ params: rules }, inPath] = found
  const problems = Object.entries(sent.params).flatMap(([name, value]) => {
    const rule = ruleOf(rules, name)
    if (!rule) return [`${name}: is not in the schema`]
    const needs =
      rule.requires !== undefined && !(rule.requires in sent.params) ? [`${name}: needs ${rule.requires}`] : []
    return [...needs, ...valueProblems(name, rule, value)]
  })
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.optional || inPath.has(name) || name in sent.params) continue
    problems.push(`${name}: is missing`)
  }
  return problems.map((problem) => `${sent.method} ${sent.path}: ${problem}`)
}
