// Proxmox VE's property strings: `virtio=BC:24:11:00:00:01,bridge=vmbr0`, `local:vm-1-disk-0,size=8G`.

export type Properties = ReadonlyMap<string, string>

/**
 * Reads a property string. A part without `=` belongs to `defaultKey`; only the first `=` separates (base64 values end in `=`).
 * Without a default key such a part becomes a key with an empty value.
 */
export function parseProperties(text: string, defaultKey?: string): Properties {
  const properties = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part === '') continue
    const at = part.indexOf('=')
    if (at > 0) properties.set(part.slice(0, at).trim(), part.slice(at + 1))
    else properties.set(defaultKey ?? part, defaultKey === undefined ? '' : part)
  }
  return properties
}

/** Prints a property string; the default key's value stands first and bare, as Proxmox VE prints it. */
export function printProperties(properties: Properties, defaultKey?: string): string {
  const head = defaultKey === undefined ? undefined : properties.get(defaultKey)
  const rest = [...properties].filter(([key]) => head === undefined || key !== defaultKey)
  return [...(head === undefined ? [] : [head]), ...rest.map(([key, value]) => `${key}=${value}`)].join(',')
}

/**
 * The part of a property string that is ours, in one spelling: the keys of `owned` (each with what an absent key means), sorted.
 * Two strings that say the same about these keys give the same text, whatever else they hold.
 */
export function ownedProperties(properties: Properties, owned: Readonly<Record<string, string>>): string {
  const keys = Object.keys(owned).sort()
  return keys
    .map((key) => [key, normalFlag(properties.get(key) ?? owned[key] ?? '')])
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** `have` with our keys as `want` has them; keys of others stay as they are. */
export function mergeProperties(
  have: Properties,
  want: Properties,
  owned: Readonly<Record<string, string>>,
): Properties {
  const kept = [...have].filter(([key]) => !(key in owned) && !want.has(key))
  return new Map([...want, ...kept])
}

// Proxmox VE takes 1/on/yes/true for a flag and gives back what was sent.
function normalFlag(value: string): string {
  if (/^(on|yes|true)$/i.test(value)) return '1'
  return /^(off|no|false)$/i.test(value) ? '0' : value
}
