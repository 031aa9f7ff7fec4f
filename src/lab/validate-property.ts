// Checks one value as Proxmox VE does, and in its words: type, format, pattern, length, range, enumeration, property strings.
import type { Property } from './schema.ts'
import { checkFormat } from './schema-formats.ts'
import { propertyFormats } from './schema-property-strings.ts'

type Sub = Readonly<Record<string, Property>>

/** What is wrong, by the name of the parameter. */
export type Errors = Record<string, string>

const patterns = new Map<string, RegExp>()
const anyNumber = /^[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?$/

/** Adds to `errors` what is wrong with the value of the parameter `path`. undefined and null count as not given. */
export function checkProperty(value: unknown, property: Property, path: string, version: string, errors: Errors): void {
  if (value === undefined || value === null) {
    if (!property.optional && property.alias === undefined) {
      add(errors, path, 'property is missing and it is not optional')
    }
    return
  }
  const type = checkType(value, property.type)
  if (type !== undefined) add(errors, path, type)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (property.items) checkProperty(item, property.items, `${path}[${index}]`, version, errors)
    }
  } else {
    const text = checkText(textOf(value), property, path, version)
    if (text !== undefined) add(errors, path, text)
  }
}

/** A scalar as Perl would print it. */
export function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  // An object from JSON may have no text at all: {"toString": null}.
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function add(errors: Errors, path: string, text: string): void {
  const known = errors[path]
  errors[path] = known === undefined ? text : `${known}\\n${text}`
}

function checkType(value: unknown, type = 'any'): string | undefined {
  if (type === 'any') return undefined
  if (type === 'array') return Array.isArray(value) ? undefined : "type check ('array') failed"
  if (typeof value === 'object') return `type check ('${type}') failed - got ${Array.isArray(value) ? 'ARRAY' : 'HASH'}`
  if (typeof value === 'boolean' && type === 'boolean') return undefined
  const text = textOf(value)
  const right =
    type === 'boolean'
      ? /^[01]$/.test(text)
      : type === 'integer'
        ? /^[+-]?\d+$/.test(text)
        : type !== 'number' || anyNumber.test(text)
  return right ? undefined : `type check ('${type}') failed - got '${text}'`
}

function checkText(text: string, property: Property, path: string, version: string): string | undefined {
  const format = property.format === undefined ? undefined : checkNamedOrSub(text, property.format, path, version)
  if (format !== undefined) return `invalid format - ${format}\n`
  if (property.pattern !== undefined && !patternOf(property.pattern).test(text)) {
    return 'value does not match the regex pattern'
  }
  const { maxLength, minLength } = property
  if (maxLength !== undefined && text.length > maxLength) return `value may only be ${maxLength} characters long`
  if (minLength !== undefined && text.length < minLength) return `value must be at least ${minLength} characters long`
  if (anyNumber.test(text)) {
    const { maximum, minimum } = property
    if (maximum !== undefined && Number(text) > Number(maximum)) return `value must have a maximum value of ${maximum}`
    if (minimum !== undefined && Number(text) < Number(minimum)) return `value must have a minimum value of ${minimum}`
  }
  if (property.enum && !property.enum.includes(text)) {
    return `value '${text}' does not have a value in the enumeration '${property.enum.join(', ')}'`
  }
  return undefined
}

// Perl's $ also matches before a last line feed; \d and \w are close enough for what the API carries.
function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(`^(?:${source})\\n?$`)
  patterns.set(source, known)
  return known
}

function checkNamedOrSub(text: string, format: string | Sub, path: string, version: string): string | undefined {
  const sub = typeof format === 'string' ? propertyFormats[format] : format
  if (!sub) return checkFormat(String(format), text, version)
  const parsed = parseBySub(text, sub)
  if (typeof parsed === 'string') return parsed
  const errors: Errors = {}
  for (const [key, property] of Object.entries(sub)) {
    checkProperty(parsed.get(key), property, `${path}.${key}`, version, errors)
    const { requires } = property
    if (requires !== undefined && parsed.has(key) && !parsed.has(requires)) {
      add(errors, `${path}.${requires}`, `missing property - '${path}.${key}' requires this property`)
    }
  }
  const rows = Object.entries(errors).map(([key, error]) => `${key}: ${error}`)
  return rows.length === 0 ? undefined : `format error\n${rows.join('\n')}`
}

/** `virtio=BC:…,bridge=vmbr0` → its keys and values, aliases resolved; or what is wrong with its form. */
function parseBySub(text: string, sub: Sub): Map<string, string> | string {
  const parsed = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const [, named, given = ''] = /^([^=]+)=([\s\S]+)$/.exec(part) ?? []
    if (named === undefined && part.includes('=')) return 'missing key in comma-separated list property'
    const key = named ?? Object.keys(sub).find((name) => sub[name]?.default_key)
    if (key === undefined) return 'value without key, but schema does not define a default key'
    const { alias, keyAlias } = sub[key] ?? {}
    if (keyAlias !== undefined) {
      if (parsed.has(keyAlias)) return `key alias '${keyAlias}' is already defined`
      parsed.set(keyAlias, key)
    }
    const target = alias ?? key
    const property = sub[target]
    if (!property) return `invalid key in comma-separated list property: ${target}`
    if (parsed.has(target)) return `duplicate key in comma-separated list property: ${key}`
    const value = named === undefined ? part : given
    parsed.set(target, property.type === 'boolean' ? parseBoolean(value) : value)
  }
  return parsed
}

// Inside a property string, and only there, words are fine for booleans.
function parseBoolean(text: string): string {
  if (/^(1|on|yes|true)$/i.test(text)) return '1'
  return /^(0|off|no|false)$/i.test(text) ? '0' : text
}
