// Rule: a device belongs to a node that exists, its guests run there, and only one of them starts on boot.
import type { Device } from '../services.ts'
import type { Finding, Guest, Site } from '../site.ts'
import { isRunning } from './capacity.ts'
import { byName, groupBy } from './lookup.ts'
import { error } from './verdict.ts'

export function devices(site: Site): Finding[] {
  const guests = byName(site.guests)
  return [...site.devices.flatMap((device) => users(device, guests)), ...sameHardware(site.devices)]
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
    if (guest.kind === 'ct') findings.push(error(path, `guests.${name} is a container: a PCI device goes to a VM`))
    if (guest.kind === 'ct' || !isRunning(guest)) continue
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

/** Two entries with one vendor:device id on one node are two cards only if both say their PCI address, each its own. */
function sameHardware(all: readonly Device[]): Finding[] {
  const rows = all.flatMap((device) => [...new Set(device.ids)].map((id) => ({ device, id })))
  const told = new Set<Device>()
  const findings: Finding[] = []
  for (const group of groupBy(rows, ({ device, id }) => `${device.node} ${id}`).values()) {
    const seen = new Map<string | undefined, Device>()
    for (const { device, id } of group) {
      const same = device.address === undefined ? group[0]?.device : (seen.get(device.address) ?? seen.get(undefined))
      seen.set(device.address, seen.get(device.address) ?? device)
      if (same === undefined || same === device || told.has(device)) continue
      told.add(device)
      const message = `${id} on ${device.node} is devices.${same.name} too: give each its own PCI address`
      findings.push(error(['devices', device.name], message))
    }
  }
  return findings
}
