// The interfaces of a node as the API sees them: the host's file, and `interfaces.new` until somebody applies it.
import { liveNetwork } from './host/guest-ports.ts'
import { reload } from './host/ifreload.ts'
import { toInterfaces, toText } from './host/interfaces-api.ts'
import { INTERFACES, INTERFACES_NEW } from './host/interfaces-file.ts'
import { type HostState, putText, textAt } from './host/state.ts'
import type { Interfaces, World, WorldState } from './world.ts'

export type Interface = Interfaces[string]

export const BRIDGE_DEFAULTS = { bridge_ports: '', bridge_stp: 'off', bridge_fd: '0' } as const

/** The host behind a node of this world. */
export function hostOf({ hosts }: WorldState, node: string): HostState {
  const host = hosts && Object.hasOwn(hosts, node) ? hosts[node] : undefined
  if (!host) throw new Error(`no host ${node}`)
  return host
}

/** What /etc/network/interfaces says. */
export function activeInterfaces(state: WorldState, node: string): Interfaces {
  const host = hostOf(state, node)
  return toInterfaces(textAt(host, INTERFACES) ?? '', host.taken)
}

/** What `interfaces.new` holds, else what is in force. */
export function stagedInterfaces(state: WorldState, node: string): Interfaces {
  const host = hostOf(state, node)
  return toInterfaces(textAt(host, INTERFACES_NEW) ?? textAt(host, INTERFACES) ?? '', host.taken)
}

/** Writes `interfaces.new`; undefined takes it away. */
export function stage(world: World, node: string, staged: Interfaces | undefined): void {
  const host = hostOf(world.state, node)
  delete host.files[INTERFACES_NEW]
  if (staged) {
    host.taken = Object.keys(staged).filter((name) => staged[name]?.taken === 1)
    putText(host, INTERFACES_NEW, toText(staged, textAt(host, INTERFACES) ?? ''))
  }
  world.changed()
}

/** Makes what waits come into force, as `PUT /nodes/…/network` does: the file is renamed, ifreload runs. */
export function applyStaged(world: World, node: string): void {
  const host = hostOf(world.state, node)
  const waiting = textAt(host, INTERFACES_NEW)
  if (waiting !== undefined) putText(host, INTERFACES, waiting)
  delete host.files[INTERFACES_NEW]
  reload(host)
  world.changed()
}

/** Is there such a bridge on the node now? */
export function hasBridge({ state }: World, node: string, bridge: string): boolean {
  return liveNetwork(state, node, hostOf(state, node)).links.get(bridge)?.kind === 'bridge'
}

/** The names of what exists on the node now. */
export function activeNames(state: WorldState, node: string): ReadonlySet<string> {
  return new Set(liveNetwork(state, node, hostOf(state, node)).links.keys())
}

/** How `interfaces.new` differs from what is in force, as `diff -u` shows it; undefined where nothing waits. */
export function changesOf(state: WorldState, node: string): string | undefined {
  const host = hostOf(state, node)
  const waiting = textAt(host, INTERFACES_NEW)
  if (waiting === undefined) return undefined
  const before = (textAt(host, INTERFACES) ?? '').split('\n')
  const after = waiting.split('\n')
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1
  let tail = 0
  const shorter = Math.min(before.length, after.length) - head
  while (tail < shorter && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  const gone = before.slice(head, before.length - tail).map((line) => `-${line}`)
  const come = after.slice(head, after.length - tail).map((line) => `+${line}`)
  if (gone.length + come.length === 0) return undefined
  const place = `@@ -${head + 1},${gone.length} +${head + 1},${come.length} @@`
  return ['--- /etc/network/interfaces', '+++ /etc/network/interfaces.new', place, ...gone, ...come, ''].join('\n')
}
