// The nodes of an imported site: how they are reached, their ports, bonds and own addresses, and what they are made of.
import type { Discovery, FoundBond } from '../site/discovery.ts'
import { contains, parseCidr, parseIp } from '../site/ip.ts'
import { type Entry, type Networks, nodeAddresses } from './import-network.ts'
import type { Notes } from './import-notes.ts'

const MIB = 1024 ** 2
/** As the schema has them. */
const PORT = /^(?=.{1,15}$)[A-Za-z][A-Za-z0-9_-]*(?:\.[1-9]\d{0,3})?$/
const BOND = /^bond\d{1,4}$/
const MODES = ['active-backup', 'balance-rr', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb']
const POLICIES = ['layer2', 'layer2+3', 'layer3+4']

/** `address`: where SSH and the API answer. */
export function nodeEntry(found: Discovery, networks: Networks, address: string, notes: Notes): Entry {
  const path = `nodes.${found.node}`
  const bonds = bondsOf(found, path, notes)
  const addresses = addressesOf(found, networks, path, notes)
  const reaches = (gateway: string) => isReached(gateway, [...networks.values()], addresses)
  const { gateway, gateway6 } = gatewaysOf(found)
  const { threads, cores } = found.topology
  const memoryGib = Math.floor(found.memoryBytes / MIB / 1024)
  const hardware = {
    ...(threads > 0 ? { threads } : {}),
    ...(cores > 0 ? { cores } : {}),
    ...(memoryGib > 0 ? { memory: `${memoryGib}G` } : {}),
  }
  return {
    address,
    ...(gateway !== undefined && reaches(gateway) ? { gateway } : {}),
    ...(gateway6 !== undefined && (reaches(gateway6) || /^fe80:/i.test(gateway6)) ? { gateway6 } : {}),
    ...filled('ports', portsOf(found, networks, bonds, path, notes)),
    ...filled('bonds', bonds),
    ...filled('addresses', addresses),
    ...filled('hardware', hardware),
  }
}

const filled = (key: string, entry: Entry): Entry => (Object.keys(entry).length === 0 ? {} : { [key]: entry })

/** The file's own gateways are what orion would write; what DHCP or a router brings is theirs. */
function gatewaysOf({ bridges, vlans }: Discovery): { readonly gateway?: string; readonly gateway6?: string } {
  const all = [...bridges, ...vlans]
  const gateway = all.find((one) => one.gateway !== undefined)?.gateway
  const gateway6 = all.find((one) => one.gateway6 !== undefined)?.gateway6
  return { ...(gateway === undefined ? {} : { gateway }), ...(gateway6 === undefined ? {} : { gateway6 }) }
}

function isReached(
  gateway: string,
  networks: readonly { readonly name: string; readonly entry: Entry }[],
  addresses: Entry,
) {
  const ip = parseIp(gateway)
  return networks.some(({ name, entry }) => {
    if (ip === undefined || !Object.hasOwn(addresses, name)) return false
    const cidr = parseCidr(String(entry[ip.family === 4 ? 'ipv4' : 'ipv6'] ?? ''))
    return cidr !== undefined && contains(cidr, ip)
  })
}

function portsOf(found: Discovery, networks: Networks, bonds: Entry, path: string, notes: Notes): Entry {
  const rows = [...networks.values()].flatMap(({ name, bridge, vlan }): [string, string][] => {
    const ports = found.bridges.find((one) => one.name === bridge)?.ports ?? []
    const [port] = ports
    if (vlan !== undefined || port === undefined) return []
    const base = port.replace(/\.\d+$/, '')
    const isKnown = PORT.test(port) && (!base.startsWith('bond') || Object.hasOwn(bonds, base))
    if (ports.length === 1 && isKnown) return [[name, port]]
    notes.note(
      `${path}.ports`,
      `${bridge} keeps its ports ${ports.join(' ')}: the site file names one port of a bridge`,
    )
    return []
  })
  return Object.fromEntries(rows)
}

function bondsOf({ bonds }: Discovery, path: string, notes: Notes): Entry {
  const rows = bonds.flatMap((bond): [string, Entry][] => {
    const wrong = bondMistake(bond)
    if (wrong === undefined) return [[bond.name, toBond(bond)]]
    notes.note(`${path}.bonds`, `bond ${bond.name} is left as it is: ${wrong}`)
    return []
  })
  return Object.fromEntries(rows)
}

function bondMistake({ name, ports, mode, hashPolicy }: FoundBond): string | undefined {
  if (!BOND.test(name)) return 'the site file knows bonds as bond0, bond1, …'
  if (ports.length === 0 || ports.some((port) => !PORT.test(port))) return 'its ports are not named'
  if (!MODES.includes(mode)) return `mode ${mode} is not known`
  return hashPolicy !== undefined && !POLICIES.includes(hashPolicy)
    ? `hash policy ${hashPolicy} is not known`
    : undefined
}

function toBond({ ports, mode, hashPolicy, primary, mtu }: FoundBond): Entry {
  return {
    ports,
    mode,
    ...(hashPolicy === undefined ? {} : { hashPolicy }),
    ...(primary === undefined || !PORT.test(primary) ? {} : { primary }),
    ...(mtu === undefined ? {} : { mtu }),
  }
}

/** What lies in the network of its bridge; another subnet there has no words. */
function addressesOf(found: Discovery, networks: Networks, path: string, notes: Notes): Entry {
  const rows = [...networks.values()].flatMap(({ name, bridge, vlan, entry }): [string, unknown][] => {
    const own = nodeAddresses(found, bridge, vlan)
    const fitting = own.filter((text) => {
      const cidr = parseCidr(text)
      const network = parseCidr(String(entry[cidr?.family === 6 ? 'ipv6' : 'ipv4'] ?? ''))
      return (
        cidr !== undefined &&
        network !== undefined &&
        cidr.prefix === network.prefix &&
        contains(network, { ...cidr, last: cidr.first })
      )
    })
    const others = own.filter((text) => !fitting.includes(text))
    if (others.length > 0)
      notes.note(
        `${path}.addresses`,
        `${others.join(', ')} on ${bridge}${vlan === undefined ? '' : `.${vlan}`} stays: it is in no network of the site file`,
      )
    const plain = fitting.map((text) => text.split('/')[0] ?? '')
    return plain.length === 0 ? [] : [[name, plain.length === 1 ? plain[0] : plain]]
  })
  return Object.fromEntries(rows)
}
