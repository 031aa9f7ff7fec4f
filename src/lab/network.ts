// The interfaces of a node: those in force, and those that wait in `interfaces.new` until somebody applies them.
import type { Interfaces, World, WorldState } from './world.ts'

export type Interface = Interfaces[string]

/** In force: what the hardware has, as long as nobody has applied anything else. */
export function activeInterfaces({ networks, hardware }: WorldState, node: string): Interfaces {
  const known = networks?.[node]?.active
  if (known) return known
  const bridges = hardware.nodes.find(({ name }) => name === node)?.bridges ?? []
  return Object.fromEntries(bridges.map((name) => [name, newBridge()]))
}

function newBridge(): Interface {
  return { type: 'bridge', method: 'manual', method6: 'manual', autostart: 1, ...BRIDGE_DEFAULTS }
}

export const BRIDGE_DEFAULTS = { bridge_ports: '', bridge_stp: 'off', bridge_fd: '0' } as const

/** Somebody has plugged in what the hardware has now and did not have before. */
export function addBridges({ networks, hardware }: WorldState, before: WorldState['hardware']): void {
  for (const { name, bridges } of hardware.nodes) {
    const active = networks?.[name]?.active
    const old = before.nodes.find((node) => node.name === name)?.bridges ?? []
    for (const bridge of active ? bridges : []) if (active && !old.includes(bridge)) active[bridge] ??= newBridge()
  }
}

/** What `interfaces.new` holds, else what is in force. */
export function stagedInterfaces(state: WorldState, node: string): Interfaces {
  return state.networks?.[node]?.staged ?? activeInterfaces(state, node)
}

/** Writes `interfaces.new`; undefined takes it away. */
export function stage(world: World, node: string, staged: Interfaces | undefined): void {
  const { state } = world
  state.networks ??= {}
  state.networks[node] = { active: activeInterfaces(state, node), ...(staged ? { staged } : {}) }
  world.changed()
}

/** Makes what waits come into force. */
export function applyStaged(world: World, node: string): void {
  const { state } = world
  state.networks ??= {}
  state.networks[node] = { active: stagedInterfaces(state, node) }
  world.changed()
}

/** Is there such a bridge on the node now? */
export function hasBridge({ state }: World, node: string, bridge: string): boolean {
  const type = activeInterfaces(state, node)[bridge]?.type
  return type === 'bridge' || type === 'OVSBridge'
}

/** How `interfaces.new` differs from what is in force, as `diff -u` shows it; undefined where nothing waits. */
export function changesOf(state: WorldState, node: string): string | undefined {
  if (!state.networks?.[node]?.staged) return undefined
  const before = fileOf(activeInterfaces(state, node))
  const after = fileOf(stagedInterfaces(state, node))
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

const SHOWN: readonly (readonly [key: string, option: string])[] = [
  ...(['cidr', 'cidr6'] as const).map((key) => [key, 'address'] as const),
  ['gateway', 'gateway'],
  ['gateway6', 'gateway'],
  ['mtu', 'mtu'],
  ['bridge_ports', 'bridge-ports'],
  ['bridge_stp', 'bridge-stp'],
  ['bridge_fd', 'bridge-fd'],
  ['bridge_vlan_aware', 'bridge-vlan-aware'],
  ['bridge_vids', 'bridge-vids'],
]

function fileOf(interfaces: Interfaces): string[] {
  return Object.entries(interfaces).flatMap(([name, options]) => [
    ...(options.autostart === 1 ? [`auto ${name}`] : []),
    `iface ${name} inet ${options.method}`,
    ...SHOWN.filter(([key]) => options[key] !== undefined).map(([key, option]) => `\t${option} ${options[key]}`),
    '',
  ])
}
