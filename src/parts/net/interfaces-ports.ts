// Ports before anything is written: each one is there, is in one bridge only, and no address or gateway stands twice; Open vSwitch is left alone.
import { didYouMean } from '../../site/nearest.ts'
import { addressOf, familyOf } from './interfaces-ip.ts'
import type { Layout } from './interfaces-layout.ts'
import { isWire, type Live } from './interfaces-live.ts'
import { baseOf, type Wanted } from './interfaces-wanted.ts'

/** Ports that the host does not have; a bond of the site file is made, and one of the host's own file is taken as it is. */
export function missingPorts(host: string, wanted: readonly Wanted[], layout: Layout, live: Live): readonly string[] {
  const made = new Set(wanted.filter(({ kind }) => kind !== 'port').map(({ name }) => name))
  const isKnown = (name: string) => live.links.has(name) || made.has(name) || (layout.get(name)?.lower.length ?? 0) > 0
  const missing = wanted.filter(({ kind, name }) => kind === 'port' && name === baseOf(name) && !isKnown(name))
  const physical = [...live.links.values()].filter(isWire)
  const names = physical.flatMap(({ name, altnames }) => [name, ...altnames])
  return missing.map(({ name }) => {
    const has = physical.map((link) => link.name).join(', ') || 'none'
    return `${host} has no port "${name}"${didYouMean(name, names)}: it has ${has}. Name another one in nodes.${host}.ports.`
  })
}

/** A port that the site file puts into one bridge, and the host's own file into another that the site file does not name. */
export function sharedPorts(wanted: readonly Wanted[], layout: Layout, live: Live): readonly string[] {
  const named = new Map(wanted.map((one) => [one.name, one]))
  const ports = wanted.flatMap((one) => usesOf(one).map((port) => ({ port, user: one.name })))
  return ports.flatMap(({ port, user }) => {
    const master = live.links.get(port)?.master
    const inFile = [...layout.values()].find(
      ({ name, lower, vlan }) => vlan === undefined && !named.has(name) && lower.includes(port),
    )
    const byHand = master !== undefined && !named.has(master) && !layout.has(master) ? master : undefined
    const other = inFile?.name ?? byHand
    if (other === undefined) return []
    const place = inFile ? 'of /etc/network/interfaces' : 'that somebody made by hand'
    return [
      `port ${port} is wanted in ${user}, and is in ${other} ${place}, which the site file does not name: take it out there first, or name ${other} as a network's bridge.`,
    ]
  })
}

/** A bridge or bond that Open vSwitch makes: options of a Linux bridge in its stanza would make neither of the two. */
export function openVswitches(wanted: readonly Wanted[], layout: Layout): readonly string[] {
  const made = wanted.filter(({ kind }) => kind === 'bridge' || kind === 'bond')
  return made.flatMap(({ name }) => {
    const ovs = layout.get(name)?.ovs
    if (ovs === undefined) return []
    return [
      `${name} of /etc/network/interfaces is made by Open vSwitch (${ovs}), and orion makes Linux bridges and bonds only: give it another name in the site file, or make it a Linux one by hand first.`,
    ]
  })
}

function usesOf(one: Wanted): readonly string[] {
  if (one.kind === 'bond') return one.bond.ports
  return one.kind === 'bridge' && one.port !== undefined ? [one.port] : []
}

/** An address, or a default gateway of one family, that would stand on two interfaces. */
export function doubles(wanted: readonly Wanted[], layout: Layout): readonly string[] {
  const isNamed = (name: string) => wanted.some((one) => one.name === name)
  const own = [...layout.values()].filter(({ name }) => isNamed(name))
  const others = [...layout.values()].filter(({ name }) => !isNamed(name))
  return others.flatMap((other) => [
    ...other.cidrs.flatMap((cidr) => {
      const twin = own.find(({ cidrs }) => cidrs.some((one) => addressOf(one) === addressOf(cidr)))
      return twin
        ? [
            `${addressOf(cidr)} is wanted on ${twin.name}, and ${other.name} of /etc/network/interfaces has it too: take it away there first.`,
          ]
        : []
    }),
    ...other.gateways.flatMap((gateway) => {
      const twin = own.find(({ gateways }) => gateways.some((one) => familyOf(one) === familyOf(gateway)))
      return twin
        ? [
            `the default gateway is wanted on ${twin.name}, and ${other.name} of /etc/network/interfaces has one too (${gateway}): take it away there first.`,
          ]
        : []
    }),
  ])
}
