// Rule: guests fit their node: memory without balloon and cores, counted over the guests that run after a start.
import type { Device } from '../services.ts'
import type { Finding, Guest, Node, Site } from '../site.ts'
import { groupBy } from './lookup.ts'
import { error, guestPath, warning } from './verdict.ts'

const MEMORY_WARNING = 0.8
const CORES_PER_THREAD = 4

export function capacity(site: Site): Finding[] {
  const guests = groupBy(site.guests, ({ node }) => node)
  const holders = deviceHolders(site.devices)
  const waiting = new Set(site.devices.flatMap(({ standby }) => standby))
  return site.nodes.flatMap((node) => {
    const here = guests.get(node.name) ?? []
    return [...memory(node, here, holders, waiting), ...cores(node, here)]
  })
}

/** Guests that a device may be given to. Its memory is pinned as a whole, so a balloon gives nothing back. */
function deviceHolders(devices: readonly Device[]): ReadonlySet<string> {
  return new Set(devices.flatMap(({ guest, standby }) => [...(guest === undefined ? [] : [guest]), ...standby]))
}

/**
 * Memory in MiB that a guest keeps whatever the balloon does. Without `balloon` Proxmox's minimum is the whole memory,
 * and 0 means no balloon at all. A container has none.
 */
function firmMemoryMib(guest: Guest, hasDevice: boolean): number {
  if (guest.kind === 'ct' || hasDevice || !guest.balloonMib) return guest.memoryMib
  return Math.min(guest.balloonMib, guest.memoryMib)
}

/** What runs after a start has to fit; what is started by hand as well is worth a word, but for guests that wait for a device. */
function memory(
  node: Node,
  guests: readonly Guest[],
  holders: ReadonlySet<string>,
  waiting: ReadonlySet<string>,
): Finding[] {
  const size = node.hardware?.memoryMib
  if (size === undefined) return []
  const findings: Finding[] = []
  for (const guest of guests)
    if (guest.memoryMib > size)
      findings.push(
        error(
          guestPath(guest, 'memory'),
          `${formatMib(guest.memoryMib)} is more than the ${formatMib(size)} of ${node.name}`,
        ),
      )
  const sum = (some: readonly Guest[]) =>
    some.reduce((total, guest) => total + firmMemoryMib(guest, holders.has(guest.name)), 0)
  const need = (mib: number) => `need ${formatMib(mib)} of ${formatMib(size)} without balloon (${percent(mib, size)})`
  const firm = sum(guests.filter(isRunning))
  const all = sum(guests.filter((guest) => isRunning(guest) || !waiting.has(guest.name)))
  const message = `guests of ${node.name} ${need(firm)}`
  const path = ['nodes', node.name, 'hardware', 'memory']
  if (firm > size) findings.push(error(path, message))
  else if (all > size && findings.length === 0)
    findings.push(warning(path, `guests of ${node.name}, with those that do not start by themselves, ${need(all)}`))
  else if (firm > size * MEMORY_WARNING) findings.push(warning(path, message))
  return findings
}

function percent(part: number, whole: number): string {
  return `${Math.ceil((part / whole) * 100)} %`
}

function cores(node: Node, guests: readonly Guest[]): Finding[] {
  const threads = node.hardware?.threads ?? node.hardware?.cores
  if (threads === undefined) return []
  const findings: Finding[] = []
  // Proxmox does not start a VM that has more virtual CPUs than the node has threads.
  for (const guest of guests)
    if (guest.kind === 'vm' && guest.cores * guest.sockets > threads)
      findings.push(
        error(
          guestPath(guest, 'cores'),
          `${guest.cores * guest.sockets} virtual CPUs are more than the ${threads} threads of ${node.name}`,
        ),
      )
  const sum = guests.filter(isRunning).reduce((total, guest) => total + guest.cores * guest.sockets, 0)
  if (sum > threads * CORES_PER_THREAD) {
    const message = `guests of ${node.name} have ${sum} cores on ${threads} threads, over ${CORES_PER_THREAD} times as many`
    findings.push(warning(['nodes', node.name, 'hardware', 'threads'], message))
  }
  return findings
}

/** Does the guest run after its node has started? */
export function isRunning(guest: Guest): boolean {
  return guest.onboot || guest.started
}

/** Size in MiB for people: 65536 → `64G`, 1536 → `1.5G`, 512 → `512M`. */
export function formatMib(mib: number): string {
  return mib < 1024 ? `${mib}M` : `${Math.round((mib / 1024) * 10) / 10}G`
}
