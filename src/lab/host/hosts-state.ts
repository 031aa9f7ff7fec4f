// The hosts of a world: made from the hardware, brought along from older labs, given what new hardware has.
import { installLoader } from '../device/loader.ts'
import { switchedOn } from '../device/pci.ts'
import type { Hardware, WorldState } from '../world.ts'
import { firstHost } from './first-state.ts'
import { toInterfaces, toText } from './interfaces-api.ts'
import { INTERFACES } from './interfaces-file.ts'
import { putText, textAt } from './state.ts'

type Node = Hardware['nodes'][number]

/**
 * Every node has a host afterwards. Bridges that are new in the hardware since `before` are there, and nothing is taken away.
 * Ports stay those that the host was made with: a port that only a later site file names is a mistake to be found.
 */
export function addHosts(state: WorldState, before: Hardware): void {
  const hosts = state.hosts ?? (Object.create(null) as NonNullable<WorldState['hosts']>)
  Object.setPrototypeOf(hosts, null)
  state.hosts = hosts
  for (const node of state.hardware.nodes) {
    const old = before.nodes.find(({ name }) => name === node.name)
    if (hosts[node.name]) addNew(state, node, old)
    else addHost(state, node, old)
    addDevices(state, node)
  }
  delete state.networks
}

/** What is new in the slots is there with the kernel's driver; nothing is taken out again. */
function addDevices({ hosts }: WorldState, { name, root = 'zfs', pci = [], usb = [], paths = [] }: Node): void {
  const host = hosts?.[name]
  if (!host) return
  if (!host.boot) installLoader(host, root)
  if (pci.length === 0) return
  host.pci ??= {}
  for (const one of pci) host.pci[one.address] ??= switchedOn(one)
  const known = new Set(host.usb?.map(({ port }) => port))
  host.usb = [...(host.usb ?? []), ...usb.filter(({ port }) => !known.has(port))]
  host.paths = [...new Set([...(host.paths ?? []), ...paths])]
}

/** A lab of the time before it had hosts keeps its bridges: its guests stand on them. */
function addHost(state: WorldState, node: Node, old: Node | undefined): void {
  const bridges = [...new Set([...node.bridges, ...(old?.bridges ?? [])])]
  const host = firstHost({ ...node, bridges }, state.hardware.version)
  const kept = state.networks?.[node.name]?.active
  if (kept) {
    const text = textAt(host, INTERFACES) ?? ''
    const ports = Object.entries(toInterfaces(text)).filter(([, { type }]) => type === 'eth')
    putText(host, INTERFACES, toText({ ...Object.fromEntries(ports), ...kept }, text))
    host.applied = textAt(host, INTERFACES) ?? ''
  }
  if (state.hosts) state.hosts[node.name] = host
}

function addNew(state: WorldState, node: Node, old: Node | undefined): void {
  const host = state.hosts?.[node.name]
  if (!host) return
  const plugged = node.bridges.filter((name) => old && !old.bridges.includes(name))
  const text = textAt(host, INTERFACES) ?? ''
  const known = toInterfaces(text)
  const fresh = plugged.filter((name) => !known[name])
  if (fresh.length === 0) return
  const stanzas = fresh.map((name) => `\nauto ${name}\niface ${name} inet manual\n${EMPTY_BRIDGE}`).join('')
  putText(host, INTERFACES, `${text}${stanzas}`)
  host.applied += stanzas
}

const EMPTY_BRIDGE = '\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n'
