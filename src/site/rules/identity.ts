// Rule: no VMID, name or MAC address twice in a site, no bridge twice, no port of a node twice.
import type { Finding, Guest, Path, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, guestPath } from './verdict.ts'

const FIRST_VMID = 100 // lower ones are Proxmox's own
const LAST_VMID = 999_999_999

/**
 * VMIDs are unique over all clusters of the site, although Proxmox asks for that only within one: MAC addresses and UUIDs
 * follow from them, and a guest that moves to another cluster keeps its number.
 */
export function identity(site: Site): Finding[] {
  const findings: Finding[] = []
  for (const guest of site.guests)
    if (!Number.isInteger(guest.vmid) || guest.vmid < FIRST_VMID || guest.vmid > LAST_VMID)
      findings.push(error(guestPath(guest, 'id'), `VMID ${guest.vmid} is not between ${FIRST_VMID} and ${LAST_VMID}`))
  findings.push(
    ...repeats(
      site.guests,
      (guest) => `VMID ${guest.vmid}`,
      guestName,
      (guest) => guestPath(guest, 'id'),
    ),
    ...repeats(
      site.guests,
      (guest) => `the name ${guest.name.toLowerCase()}`,
      guestVmid,
      (guest) => guestPath(guest),
    ),
    ...hostNames(site),
    ...macs(site),
    ...repeatedNames(site),
    ...bridges(site),
    ...ports(site),
  )
  return findings
}

const guestName = (guest: Guest) => `guests.${guest.name}`
const guestVmid = (guest: Guest) => `guests.${guest.group} (VMID ${guest.vmid})`

/** One finding for each thing whose key an earlier thing has. */
function repeats<T>(
  things: readonly T[],
  keyOf: (thing: T) => string,
  nameOf: (thing: T) => string,
  pathOf: (thing: T) => Path,
): Finding[] {
  const taken = new Map<string, T>()
  const findings: Finding[] = []
  for (const thing of things) {
    const earlier = taken.get(keyOf(thing))
    if (earlier === undefined) taken.set(keyOf(thing), thing)
    else findings.push(error(pathOf(thing), `${keyOf(thing)} is taken by ${nameOf(earlier)}`))
  }
  return findings
}

function macs(site: Site): Finding[] {
  const nics = site.guests.flatMap((guest) => guest.nics.map((nic) => ({ guest, nic })))
  // A VMID that stands twice makes every MAC of the guest stand twice: that is told once, at the VMID.
  const told = new Set<number>()
  const seen = new Set<number>()
  for (const { vmid } of site.guests) (seen.has(vmid) ? told : seen).add(vmid)
  return repeats(
    nics.filter(({ guest }) => !told.has(guest.vmid)),
    ({ nic }) => `MAC address ${nic.mac.toUpperCase()}`,
    ({ guest, nic }) => `guests.${guest.name} (network ${nic.network})`,
    ({ guest, nic }) => guestPath(guest, 'nics', nic.network),
  )
}

/** Nodes and guests are hosts of one domain, and DNS does not know small letters from large ones. */
function hostNames({ nodes, guests }: Site): Finding[] {
  const taken = new Map(nodes.map(({ name }) => [name.toLowerCase(), name]))
  const node = ({ name }: Guest) => taken.get(name.toLowerCase())
  const between = guests.filter((guest) => node(guest) !== undefined)
  return [
    ...repeats(
      nodes,
      ({ name }) => `the name ${name.toLowerCase()}`,
      ({ name }) => `nodes.${name}`,
      ({ name }) => ['nodes', name],
    ),
    ...between.map((guest) => error(guestPath(guest), `the name ${guest.name} is taken by nodes.${node(guest)}`)),
  ]
}

/** Names that are keys of one map cannot repeat; these meet from different maps. */
function repeatedNames(site: Site): Finding[] {
  const gateways = byName(site.mesh?.gateways ?? [])
  const findings: Finding[] = []
  for (const { name } of site.mesh?.clients ?? [])
    if (gateways.has(name)) findings.push(error(['mesh', 'clients', name], `${name} is taken by mesh.gateways.${name}`))
  return findings
}

/** Two networks share a bridge only as different VLANs; one of them may be the untagged one. */
function bridges(site: Site): Finding[] {
  const bridged = site.networks.flatMap(({ name, bridge, vlan }) =>
    bridge === undefined ? [] : [{ name, bridge, vlan }],
  )
  return repeats(
    bridged,
    ({ bridge, vlan }) => (vlan === undefined ? `bridge ${bridge}` : `VLAN ${vlan} of bridge ${bridge}`),
    ({ name }) => `networks.${name}`,
    ({ name, vlan }) => ['networks', name, vlan === undefined ? 'bridge' : 'vlan'],
  )
}

/** A port belongs to one bridge; networks that are VLANs of that bridge may all name it. */
function ports(site: Site): Finding[] {
  const networks = byName(site.networks)
  const findings: Finding[] = []
  for (const node of site.nodes) {
    const taken = new Map<string, string>()
    for (const [network, port] of Object.entries(node.ports)) {
      const earlier = taken.get(port)
      const bridge = networks.get(network)?.bridge
      if (earlier === undefined) taken.set(port, network)
      else if (bridge === undefined || networks.get(earlier)?.bridge !== bridge)
        findings.push(
          error(['nodes', node.name, 'ports', network], `port ${port} of ${node.name} is taken by network ${earlier}`),
        )
    }
  }
  return findings
}
