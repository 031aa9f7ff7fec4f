// Rule: a device belongs to a node that exists, its guests run there and can have it, and only one of them starts on boot.
import type { Device } from '../services.ts'
import type { Finding, Guest, Site } from '../site.ts'
import { isRunning } from './capacity.ts'
import { byName, groupBy } from './lookup.ts'
import { error, guestPath, warning } from './verdict.ts'

export function devices(site: Site): Finding[] {
  const guests = byName(site.guests)
  return [
    ...site.devices.flatMap((device) => [...users(device, guests), ...machines(device, guests)]),
    ...site.devices.flatMap((device) => ways(device, guests)),
    ...sameHardware(site.devices),
  ]
}

/** A VM takes a PCI device from the host, a container uses it with the host. */
function ways(device: Device, guests: ReadonlyMap<string, Guest>): Finding[] {
  const all = uses(device).flatMap(([name, key]) => {
    const guest = guests.get(name)
    return guest ? [{ guest, key }] : []
  })
  const containers = all.filter(({ guest }) => guest.kind === 'ct')
  const [first] = containers
  if (first === undefined) return []
  if (device.path === undefined) {
    const message = `guests.${first.guest.name} is a container and gets a node of /dev: name it in devices.${device.name}.path`
    return [error(['devices', device.name, first.key], message)]
  }
  if (containers.length === all.length) return []
  const message = `a VM takes ${device.name} from the node, and a container uses it there: its guests are of one kind`
  return [error(['devices', device.name], message)]
}

/** What a VM must be to drive a PCI device itself. */
function machines(device: Device, guests: ReadonlyMap<string, Guest>): Finding[] {
  if (device.port !== undefined) return []
  return uses(device).flatMap(([name, key]) => {
    const guest = guests.get(name)
    return guest?.kind === 'vm' ? machine(device, guest, key) : []
  })
}

function machine({ name }: Device, guest: Guest, key: string): Finding[] {
  const { machine: type, firmware, balloonMib = 0 } = guest
  const findings: Finding[] = []
  if (type !== undefined && !/^(pc-)?q35/.test(type))
    findings.push(error(guestPath(guest, 'machine'), `${type} has no PCI Express, which ${name} needs: q35`))
  if (firmware === 'bios')
    findings.push(
      warning(guestPath(guest, 'firmware'), `${name} may not start under bios: uefi is what it is made for`),
    )
  if (key === 'guest' && balloonMib > 0)
    findings.push(warning(guestPath(guest, 'balloon'), `is 0 while it has ${name}: a device holds all of its memory`))
  return findings
}

function users(device: Device, guests: ReadonlyMap<string, Guest>): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<string>()
  let running: Guest | undefined
  for (const [name, key] of uses(device)) {
    const path = ['devices', device.name, key]
    const guest = guests.get(name)
    if (seen.has(name)) findings.push(error(path, `${name} is named twice for ${device.name}`))
    if (seen.has(name) || guest === undefined) continue
    seen.add(name)
    if (guest.node !== device.node)
      findings.push(error(path, `guests.${name} runs on ${guest.node}, and ${device.name} is in ${device.node}`))
    if (!isRunning(guest)) continue
    if (running !== undefined)
      findings.push(
        error(path, `guests.${running.name} and guests.${name} both start on boot, and ${device.name} is one device`),
      )
    else running = guest
  }
  return findings
}

function uses({ guest, standby }: Device): [string, string][] {
  const others = standby.map((name): [string, string] => [name, 'standby'])
  return guest === undefined ? others : [[guest, 'guest'], ...others]
}

/** `01:00.0` is `0000:01:00.0`; a USB port is a place, too. */
function placeOf({ address, port }: Device): string | undefined {
  if (port !== undefined) return `port ${port}`
  return address?.toLowerCase().replace(/^(?=..:)/, '0000:')
}

/** Two entries with one vendor:device id on one node are two cards only if both say where they are, each its own place. */
function sameHardware(all: readonly Device[]): Finding[] {
  const rows = all.flatMap((device) => [...new Set(device.ids)].map((id) => ({ device, id })))
  const told = new Set<Device>()
  const findings: Finding[] = []
  for (const group of groupBy(rows, ({ device, id }) => `${device.node} ${id}`).values()) {
    const seen = new Map<string | undefined, Device>()
    for (const { device, id } of group) {
      const place = placeOf(device)
      const same = place === undefined ? group[0]?.device : (seen.get(place) ?? seen.get(undefined))
      seen.set(place, seen.get(place) ?? device)
      if (same === undefined || same === device || told.has(device)) continue
      told.add(device)
      const message = `${id} on ${device.node} is devices.${same.name} too: give each its own PCI address`
      findings.push(error(['devices', device.name], message))
    }
  }
  return findings
}
