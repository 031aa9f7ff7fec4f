// Proxmox VE's property strings: `virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1`, one option with many fields.
import { OrionError } from '../errors.ts'

/** The fields in the order of the text; values as written. */
export type Properties = ReadonlyMap<string, string>
/** undefined is left out, booleans become 1 and 0, lists are joined with `;`. */
export type PropertyValue = string | number | boolean | readonly string[] | undefined

/**
 * Takes a property string and the key that may stand without its name (`local:iso/x.iso,media=cdrom` has `file`).
 * Errors: E_PVE_ANSWER for a field without a key where no default key is free, or a key that comes twice.
 */
export function parseProperties(text: string, defaultKey?: string): Properties {
  const found = new Map<string, string>()
  for (const field of text.split(',')) {
    if (field.trim() === '') continue // Proxmox skips empty fields too
    const equals = field.indexOf('=')
    // The default key's value cannot hold `=`: with one, Proxmox takes what stands before it as the key.
    const key = equals === -1 ? defaultKey : field.slice(0, equals)
    if (key === undefined || key === '') throw unreadable(text, `the field ${JSON.stringify(field)} has no key`)
    if (found.has(key)) throw unreadable(text, `${JSON.stringify(key)} comes twice`)
    found.set(key, equals === -1 ? field : field.slice(equals + 1))
  }
  return found
}

/**
 * The text of these fields, in their order; parseProperties reads the same fields back. The default key is written without
 * its name where its value allows. Errors: E_PVE_PARAMETERS for what the format cannot hold: it has no quoting,
 * so no value has a comma, is empty, or contains a control character.
 */
export function printProperties(
  properties: Readonly<Record<string, PropertyValue>> | ReadonlyMap<string, PropertyValue>,
  defaultKey?: string,
): string {
  const entries = properties instanceof Map ? [...properties.entries()] : Object.entries(properties)
  return entries.flatMap(([key, value]) => (value === undefined ? [] : [printField(key, value, defaultKey)])).join(',')
}

/** The elements of a list inside a field (`trunks=10;20`, `nameserver` lists): separated by semicolons. */
export function parseList(value: string): readonly string[] {
  return value.split(';').filter((element) => element !== '')
}

function printField(key: string, value: Exclude<PropertyValue, undefined>, defaultKey: string | undefined): string {
  if (key === '' || /[,=\s\p{Cc}]/u.test(key)) throw unprintable(key, 'is no possible key')
  const text = printValue(key, value)
  if (text.trim() === '') throw unprintable(key, 'has an empty value')
  if (/[,\p{Cc}]/u.test(text)) throw unprintable(key, 'has a comma or a control character in its value')
  return key === defaultKey && !text.includes('=') ? text : `${key}=${text}`
}

function printValue(key: string, value: Exclude<PropertyValue, undefined>): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'string') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unprintable(key, 'is no finite number')
    return String(value)
  }
  if (value.some((element) => element === '' || element.includes(';'))) {
    throw unprintable(key, 'has an element that is empty or has a semicolon')
  }
  return value.join(';')
}

function unreadable(text: string, why: string): OrionError {
  return new OrionError(`Proxmox VE's value ${JSON.stringify(text)} cannot be read: ${why}`, { code: 'E_PVE_ANSWER' })
}

// The value stays out of the message: `password=` is a field of some property strings.
function unprintable(key: string, why: string): OrionError {
  return new OrionError(`A property string cannot be written: ${JSON.stringify(key)} ${why}`, {
    code: 'E_PVE_PARAMETERS',
  })
}
