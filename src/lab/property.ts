// Property strings (`virtio=MAC,bridge=vmbr0`) and sizes, read and written as Proxmox VE does.

export type Properties = Record<string, string>

const KIB = 1024
const UNITS: readonly string[] = ['', 'K', 'M', 'G', 'T']
/** Bytes in one GiB: what a bare number after a storage (`local-zfs:32`) counts. */
export const GIB = KIB ** 3

/** `a,b=c` → {[defaultKey]: 'a', b: 'c'}. Values are kept as they are; the validator has seen them before. */
export function parseProperties(text: string, defaultKey: string): Properties {
  const properties: Properties = {}
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals < 0) properties[defaultKey] = part.trim()
    else properties[part.slice(0, equals).trim()] = part.slice(equals + 1)
  }
  return properties
}

/** The text of a property string: the default key without its name, then the `first` keys, then the others by name. */
export function formatProperties(properties: Properties, defaultKey: string, first: readonly string[] = []): string {
  const rest = Object.keys(properties)
    .filter((key) => key !== defaultKey && !first.includes(key))
    .sort()
  const head = properties[defaultKey]
  const named = [...first.filter((key) => key in properties), ...rest].map((key) => `${key}=${properties[key]}`)
  return [...(head === undefined ? [] : [head]), ...named].join(',')
}

/** `32G`, `512M`, `4096` (bytes) → bytes; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text.trim())
  if (!match) return undefined
  const power = UNITS.indexOf(match[2] ?? '')
  return Math.round(Number(match[1]) * KIB ** power)
}

/** Bytes → the shortest exact text with a unit, as `size=` in a disk string has it. */
export function formatSize(bytes: number): string {
  let value = bytes
  let power = 0
  while (power < UNITS.length - 1 && value > 0 && value % KIB === 0) {
    value /= KIB
    power += 1
  }
  return `${value}${UNITS[power]}`
}

/** A list as it comes from the validator: an array, or text with `,`, `;` or blanks between. */
export function toList(value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(String) : [String(value ?? '')]
  return parts.flatMap((part) => part.split(/[\s,;\0]+/)).filter((part) => part !== '')
}
