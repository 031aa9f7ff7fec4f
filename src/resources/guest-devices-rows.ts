// The options of a guest that its devices are, as rows; and its balloon, which goes while it has a PCI device.
import type { Device } from '../site/services.ts'
import type { Guest, Site } from '../site/site.ts'
import { usesOf } from './device-use.ts'
import { devicesOf } from './device-value.ts'
import type { HeldDevice } from './guest-devices-look.ts'
import { flag, withChannel } from './guest-options.ts'
import { mergeProperties, ownedProperties, parseProperties, printProperties } from './property-string.ts'
import type { Settings, Wanted } from './setting.ts'

/** The first number of a family that no option has. Pure. */
export function freeKey(family: string, taken: ReadonlySet<string>): string {
  for (let index = 0; ; index += 1) if (!taken.has(`${family}${index}`)) return `${family}${index}`
}

/** One row per device, under the key that it has already or under a free one. Pure. */
export function deviceRows(guest: Guest, settings: Settings, devices: readonly HeldDevice[]): readonly Wanted[] {
  const taken = new Set(settings.keys())
  return devices.map((held) => {
    const { family } = held.value
    const own = held.own.filter(({ key }) => key.startsWith(family))
    const key = (own.find(({ next }) => next) ?? own[0])?.key ?? freeKey(family, taken)
    taken.add(key)
    const row = withChannel(guest, deviceRow(key, held))
    // One that was given raw is root@pam's to change, too.
    const stored = settings.get(key)?.next
    return stored === undefined ? row : { ...withChannel(guest, { key, value: stored }), ...row }
  })
}

const OWNED = {
  hostpci: { host: '', mapping: '', pcie: '0' },
  usb: { host: '', mapping: '', usb3: '0' },
  dev: { path: '' },
} as const

/** Options that others set (x-vga, rombar, the mode of a node) stay as they are. */
function deviceRow(key: string, { value: { family, value, why } }: HeldDevice): Wanted {
  const main = family === 'dev' ? 'path' : 'host'
  const owned = OWNED[family]
  const print = (text: string) => ownedProperties(parseProperties(text, main), owned)
  const wanted = print(value)
  return {
    key,
    value,
    normal: print,
    merge: (have) =>
      printProperties(mergeProperties(parseProperties(have, main), parseProperties(value, main), owned), main),
    show: (text) => (text === wanted ? `${value} (${why})` : text),
  }
}

/** A guest's memory cannot be taken back while a device may write to it: no balloon. */
export const NO_BALLOON: Wanted = { key: 'balloon', value: '0', normal: (text) => text }

/** As the site file has it. */
export function onbootRow(guest: Guest): Wanted {
  return { key: 'onboot', value: flag(guest.onboot), absent: '0' }
}

/**
 * What its devices make of the rows of a guest. Without one that it is there for it does not start on boot: Proxmox VE would
 * start it after a restart of the node, before it was given the device. With a PCI device it has no balloon. Pure.
 */
export function withDevices(site: Site, guest: Guest, rows: readonly Wanted[], have: Settings): readonly Wanted[] {
  const own = devicesOf(site, guest).filter(({ yields }) => yields === 'stop')
  const isWhole = own.every((device) =>
    usesOf(have, { device, mappings: new Set([device.name]) }).some(({ next }) => next),
  )
  const bare = hasPci(site.devices, have) ? [...rows.filter(({ key }) => key !== 'balloon'), NO_BALLOON] : rows
  return isWhole ? bare : bare.map((row) => (row.key === 'onboot' ? { ...row, value: '0' } : row))
}

/** Has the guest a PCI device of the site, by its stored options? Pure. */
function hasPci(devices: readonly Device[], settings: Settings): boolean {
  const names = new Set(devices.filter(({ port }) => port === undefined).map(({ name }) => name))
  return [...settings].some(
    ([key, { next = '' }]) => /^hostpci\d+$/.test(key) && names.has(parseProperties(next, 'host').get('mapping') ?? ''),
  )
}

/** What takes these devices away again, over the channel that may, and gives the balloon back with the last PCI device. Pure. */
export function rowsAway(guest: Guest, settings: Settings, devices: readonly HeldDevice[]): readonly Wanted[] {
  const keys = devices.flatMap(({ own }) => own.map(({ key }) => key))
  return keysAway(guest, settings, keys)
}

/** The same of options that are devices. Pure. */
export function keysAway(guest: Guest, settings: Settings, keys: readonly string[]): readonly Wanted[] {
  const away = keys.map((key) => {
    const { active = '', next = active } = settings.get(key) ?? {}
    return { ...withChannel(guest, { key, value: next }), value: '' }
  })
  const stays = [...settings].some(
    ([key, { next }]) => /^hostpci\d+$/.test(key) && next !== undefined && !keys.includes(key),
  )
  const balloon = stays || !keys.some((key) => key.startsWith('hostpci')) ? undefined : balloonBack(guest, settings)
  return [...away, ...(balloon === undefined ? [] : [{ key: 'balloon', value: balloon }])]
}

/** As the site file has it; undefined = leave it. */
function balloonBack(guest: Guest, settings: Settings): string | undefined {
  if (guest.balloonMib !== undefined) return String(guest.balloonMib)
  return settings.get('balloon')?.next === '0' ? '' : undefined
}
