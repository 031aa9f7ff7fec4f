// Rule: exclusively pinned cores exist, overlap nowhere, and leave cores for the others; real time has what it needs.
import type { Finding, Guest, Node, Site } from '../site.ts'
import { snippetsOf } from '../snippets.ts'
import { parseCpuset } from './cpuset.ts'
import { byName, groupBy } from './lookup.ts'
import { error, guestPath, warning } from './verdict.ts'

interface Topology {
  readonly threads?: number
  readonly cores?: number
  /** Threads of one core; 2 where the file does not say, as almost every server has it. */
  readonly perCore: number
}

interface Pinned {
  readonly guest: Guest
  readonly exclusive: boolean
  readonly cpus: readonly number[]
}

export function pinning(site: Site): Finding[] {
  const nodes = byName(site.nodes)
  const findings: Finding[] = []
  const pinned = groupBy(
    site.guests.filter(({ affinity, pin }) => affinity !== undefined || pin !== undefined),
    ({ node }) => node,
  )
  for (const [name, guests] of pinned) {
    const node = nodes.get(name)
    if (node === undefined) continue
    const topology = toTopology(node)
    const explicit = guests.flatMap((guest) => toPinned(guest) ?? [])
    findings.push(
      ...guests.flatMap((guest) => [...cpusExist(guest, node, topology), ...realtime(site, guest, topology)]),
      ...overlap(explicit),
      ...roomForOthers(guests, explicit, node, topology),
    )
  }
  return [...findings, ...site.nodes.flatMap((node) => isolation(node, pinned.get(node.name) ?? []))]
}

function isolation({ name, isolateCores }: Node, guests: readonly Guest[]): Finding[] {
  if (!isolateCores || guests.some(({ pin }) => pin?.exclusive)) return []
  return [warning(['nodes', name, 'isolateCores'], `no guest of ${name} has cores for itself, so this changes nothing`)]
}

function toTopology({ hardware }: Node): Topology {
  const { threads, cores } = hardware ?? {}
  const perCore = threads && cores ? Math.max(1, Math.floor(threads / cores)) : 2
  const physical = cores ?? (threads === undefined ? undefined : Math.ceil(threads / perCore))
  const logical = threads ?? (cores === undefined ? undefined : cores * perCore)
  return {
    perCore,
    ...(logical === undefined ? {} : { threads: logical }),
    ...(physical === undefined ? {} : { cores: physical }),
  }
}

function toPinned(guest: Guest): Pinned | undefined {
  const cpus = guest.affinity === undefined ? undefined : parseCpuset(guest.affinity)
  return cpus && { guest, cpus, exclusive: guest.pin?.exclusive ?? false }
}

function cpusExist(guest: Guest, node: Node, { threads, cores }: Topology): Finding[] {
  const { affinity, pin } = guest
  if (affinity !== undefined) {
    const path = guestPath(guest, 'affinity')
    const last = parseCpuset(affinity)?.at(-1)
    if (last === undefined) return [error(path, `${affinity} is not a set of CPUs such as 0,2,4-7`)]
    if (threads === undefined || last < threads) return []
    return [error(path, `${node.name} has no CPU ${last}: its ${threads} threads are 0-${threads - 1}`)]
  }
  if (pin === undefined || cores === undefined || pin.cores <= cores) return []
  return [error(guestPath(guest, 'pin'), `${pin.cores} cores are pinned, and ${node.name} has ${cores}`)]
}

/** A hookscript puts it into force after each start; virtual CPUs that never rest do not share a CPU. */
function realtime(site: Site, guest: Guest, { perCore }: Topology): Finding[] {
  const { pin, affinity, hookscript, cores, sockets } = guest
  if (!pin?.realtime) return []
  const findings: Finding[] = []
  if (hookscript !== undefined)
    findings.push(
      error(guestPath(guest, 'hookscript'), 'pin.realtime has a hookscript of its own, and a guest has one'),
    )
  if (snippetsOf(site, guest.node) === undefined)
    findings.push(
      error(guestPath(guest, 'pin'), `realtime needs a storage with snippets on ${guest.node}, for a hookscript`),
    )
  const cpus = affinity === undefined ? pin.cores * perCore : parseCpuset(affinity)?.length
  const count = cores * sockets
  if (cpus !== undefined && count > cpus)
    findings.push(
      error(guestPath(guest, 'pin'), `realtime needs a CPU for each of ${count} virtual CPUs, and there are ${cpus}`),
    )
  return findings
}

/** A CPU that one guest has for itself is in no other guest's set; sets that are not exclusive may overlap. */
function overlap(explicit: readonly Pinned[]): Finding[] {
  const owners = new Map<number, Pinned>()
  for (const pinned of explicit)
    for (const cpu of pinned.cpus) {
      const earlier = owners.get(cpu)
      if (earlier === undefined || (pinned.exclusive && !earlier.exclusive)) owners.set(cpu, pinned)
    }
  const findings: Finding[] = []
  for (const pinned of explicit) {
    const cpu = pinned.cpus.find((each) => owners.get(each)?.exclusive && owners.get(each) !== pinned)
    const owner = cpu === undefined ? undefined : owners.get(cpu)
    if (owner === undefined) continue
    findings.push(error(guestPath(pinned.guest, 'affinity'), `CPU ${cpu} belongs to guests.${owner.guest.name} alone`))
  }
  return findings
}

/** Counted in whole cores: with an explicit set, as many cores as its threads fill. One core at least stays for the node. */
function roomForOthers(
  guests: readonly Guest[],
  explicit: readonly Pinned[],
  node: Node,
  topology: Topology,
): Finding[] {
  if (topology.cores === undefined) return []
  const threads = new Set(explicit.filter(({ exclusive }) => exclusive).flatMap(({ cpus }) => cpus))
  const chosen = guests.filter(({ affinity, pin }) => affinity === undefined && pin?.exclusive)
  const cores = chosen.reduce((sum, { pin }) => sum + (pin?.cores ?? 0), Math.ceil(threads.size / topology.perCore))
  const last = guests.findLast(({ pin }) => pin?.exclusive)
  if (last !== undefined && cores < topology.cores) return roomBesideSets(chosen, explicit, node, topology)
  if (last === undefined) return []
  const message = `exclusive pins take ${cores} of the ${topology.cores} cores of ${node.name}: none is left for the others`
  return [error(guestPath(last, 'pin'), message)]
}

/** Cores that orion chooses for one guest alone are in no set that the file gives to another. */
function roomBesideSets(
  chosen: readonly Guest[],
  explicit: readonly Pinned[],
  node: Node,
  { cores = 0, perCore }: Topology,
): Finding[] {
  const named = Math.ceil(new Set(explicit.flatMap(({ cpus }) => cpus)).size / perCore)
  const wanted = chosen.reduce((sum, { pin }) => sum + (pin?.cores ?? 0), 0)
  const last = chosen.at(-1)
  if (last === undefined || wanted + named <= cores) return []
  const message = `${wanted} exclusive cores are to be chosen, and affinity gives ${named} of the ${cores} cores of ${node.name} to others`
  return [error(guestPath(last, 'pin'), message)]
}
