// A container of an imported site: its volumes, its features, and what it is kept from.
import { parseProperties } from '../resources/property-string.ts'
import { GIB, parseSize } from '../resources/size.ts'
import type { FoundGuest } from '../site/discovery.ts'
import { printMib } from '../site/write.ts'
import type { GuestPlace } from './import-guest.ts'
import type { Entry } from './import-network.ts'

/** The options that are read here. */
export const OF_CONTAINER = /^(swap|unprivileged|features|rootfs|mp\d+|timezone)$/

const FEATURES = ['nesting', 'keyctl', 'fuse', 'mknod', 'force_rw_sys']
const PATH = /^(?!.*\/\.\.(?:\/|$))\/[^\p{Cc}\p{Zl}\p{Zp},]{0,1023}$/u
const OSTYPE = /^[a-z][a-z0-9]{1,15}$/
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]*$/

export function containerEntry(guest: FoundGuest, place: GuestPlace): Entry {
  const { config } = guest
  const swap = Number(config.swap ?? 512)
  return {
    ...(config.ostype !== undefined && OSTYPE.test(config.ostype) ? { ostype: config.ostype } : {}),
    swap: swap === 0 ? 0 : printMib(swap),
    unprivileged: config.unprivileged === '1',
    ...featuresOf(guest, place),
    ...(config.timezone !== undefined && config.timezone !== 'host' && ZONE.test(config.timezone)
      ? { timezone: config.timezone }
      : {}),
    ...rootOf(guest, place),
    ...mountsOf(guest, place),
  }
}

/** `nesting` is on where a site file says nothing of it. */
function featuresOf({ config }: FoundGuest, { name, notes }: GuestPlace): Entry {
  const said = parseProperties(config.features ?? '')
  const left = [...said.keys()].filter((key) => !FEATURES.includes(key))
  if (left.length > 0) notes.note(`guests.${name}`, `its features ${left.join(', ')} stay as they are`)
  const on = FEATURES.filter((key) => said.get(key) === '1')
  return { features: { nesting: on.includes('nesting'), ...Object.fromEntries(on.map((key) => [key, true])) } }
}

interface Volume {
  readonly storage?: string
  readonly gib: number
  readonly source: string
  readonly properties: ReadonlyMap<string, string>
}

function volumeOf(value: string): Volume {
  const properties = parseProperties(value, 'volume')
  const source = properties.get('volume') ?? ''
  const gib = Math.floor((parseSize(properties.get('size') ?? '') ?? 0) / GIB)
  return { properties, source, gib, ...(source.includes(':') ? { storage: source.split(':')[0] ?? '' } : {}) }
}

function rootOf({ config }: FoundGuest, { name, storages, notes }: GuestPlace): Entry {
  const { storage, gib } = volumeOf(config.rootfs ?? '')
  if (storage !== undefined && storages.has(storage) && gib >= 1) return { storage, disk: `${gib}G` }
  notes.note(`guests.${name}`, 'its rootfs stays as it is')
  return {}
}

/** In order from mp0: the place in the list is the number. */
function mountsOf({ config }: FoundGuest, { name, storages, notes }: GuestPlace): Entry {
  const keys = Object.keys(config).filter((key) => /^mp\d+$/.test(key))
  const numbers = keys.map((key) => Number(key.slice(2))).sort((a, b) => a - b)
  const mounts: Entry[] = []
  for (const number of numbers) {
    const mount = number === mounts.length ? mountOf(config[`mp${number}`] ?? '', storages) : undefined
    if (mount !== undefined) mounts.push(mount)
    else notes.note(`guests.${name}`, `mp${number} stays as it is`)
  }
  return mounts.length === 0 ? {} : { mounts }
}

function mountOf(value: string, storages: ReadonlySet<string>): Entry | undefined {
  const { properties, source, storage, gib } = volumeOf(value)
  const path = properties.get('mp') ?? ''
  if (!PATH.test(path)) return undefined
  const more = properties.get('ro') === '1' ? { readOnly: true } : {}
  if (storage !== undefined)
    return storages.has(storage) && gib >= 1 ? { path, size: `${gib}G`, storage, ...more } : undefined
  return PATH.test(source) && !source.startsWith('/dev/') ? { path, source, ...more } : undefined
}
