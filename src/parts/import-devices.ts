// The devices that imported guests have: named in the site file, and left as they are.
import { parseProperties } from '../resources/property-string.ts'
import type { Discovery, FoundGuest } from '../site/discovery.ts'
import type { Entry } from './import-network.ts'
import type { Notes } from './import-notes.ts'

const SLOT = /^(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2})(?:\.([0-7]))?$/i
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** `names`: VMID → name in the site file. */
export function deviceEntries(
  found: readonly Discovery[],
  guests: readonly FoundGuest[],
  names: ReadonlyMap<number, string>,
  notes: Notes,
): Entry {
  const rows = guests.flatMap((guest): [string, Entry][] => {
    const name = names.get(guest.vmid)
    const node = found.find((one) => one.node === guest.node)
    return Object.entries(guest.config).flatMap(([key, value]): [string, Entry][] => {
      if (name === undefined || !/^hostpci\d+$/.test(key)) return []
      const made = node === undefined ? undefined : toDevice(node, value, `${name}-${key}`)
      if (made === undefined)
        notes.note(
          `guests.${name}`,
          `${key} stays as it is: ${node === undefined ? 'its node was not read' : 'no device is in its place'}`,
        )
      return made === undefined ? [] : [[made.name, { ...made.entry, guest: name }]]
    })
  })
  return Object.fromEntries(rows)
}

/** By mapping, or by the address of the slot or function. */
function toDevice(node: Discovery, value: string, otherwise: string): { name: string; entry: Entry } | undefined {
  const properties = parseProperties(value, 'host')
  const mapping = properties.get('mapping')
  const mapped = node.mappings[mapping ?? '']
    ?.map((text) => parseProperties(text))
    .find((one) => one.get('node') === node.node)
  const place = mapped?.get('path') ?? properties.get('host') ?? ''
  const [, domain = '0000', slot = '', own] = SLOT.exec(place.split(';')[0] ?? '') ?? []
  const functions = node.devices.filter(({ address }) => address.startsWith(`${domain}:${slot}.${own ?? ''}`))
  if (slot === '' || functions.length === 0) return undefined
  const name = mapping !== undefined && NAME.test(mapping) ? mapping : otherwise
  const ids = [...new Set(functions.map(({ id }) => id))]
  return { name, entry: { node: node.node, ids, address: `${domain}:${slot}.${own ?? '0'}`, adopted: true } }
}
