// The mesh: gateways with a tunnel to each other, keys that never leave them, and the ways through it.
import { asWanted } from '../probes/as-wanted.ts'
import type { Part, Probe, Resource, ResourceId } from '../resource.ts'
import { type FileSet, fileSet } from '../resources/file-set.ts'
import { onGuest } from '../resources/guest-host.ts'
import { meshKeys } from '../resources/mesh-keys.ts'
import { packages } from '../resources/packages.ts'
import type { Site } from '../site/site.ts'
import { bgpOf } from './bgp.ts'
import { meshWish } from './mesh/facts.ts'
import { leftProbes } from './mesh/left.ts'
import { keyInterfaces } from './mesh/link-keys.ts'
import type { Gateway } from './mesh/model.ts'
import { nearSets } from './mesh/near.ts'
import { inTurns, type Planned, turnOf } from './mesh/order.ts'
import { getMeshPackages } from './mesh/packages.ts'
import { pskResources } from './mesh/psk.ts'
import { meshSets } from './mesh/sets.ts'
import { tailscaleResources } from './mesh/tailscale.ts'
import { tunnelProbes, wayProbes } from './mesh/tunnels.ts'
import { netOf } from './net.ts'

export interface MeshOptions {
  /** Names of gateways; default: all of the site. Links to others stay as they are, and new ones wait. */
  readonly gateways?: readonly string[] | undefined
  /** How long a host waits for the confirmation, where a change does not need longer by its nature. */
  readonly confirmWithinSeconds?: number | undefined
  /** True where this run makes neither the guests nor the rest of the hosts: one that is down is then an error. */
  readonly alone: boolean
}

/** All gateways of the site, which the same run may make. */
export const mesh: Part = meshOf({ alone: false })

export function meshOf(options: MeshOptions): Part {
  return {
    name: 'mesh',
    resources: (site) => (site.mesh ? resourcesOf(site, options) : []),
    probes: (site) => (site.mesh ? probesOf(site, options) : []),
  }
}

function resourcesOf(site: Site, options: MeshOptions): readonly Resource[] {
  const planned = meshSets(site, options)
  const keys = [...planned.keys()].flatMap((gateway) => keysOf(site, gateway, options))
  return [
    ...keys,
    ...pskResources(site, { alone: options.alone, ...(options.gateways && { gateways: options.gateways }) }),
    ...(options.alone ? wallsOf(site, planned) : []),
    ...filesOf(site, planned, options),
    ...nearSets(site, options.gateways).map((set) => fileSet(patient(set, options))),
    ...(options.gateways ? [] : tailscaleResources(site, options)),
  ]
}

/** Packages and keys: they are added, and change nothing that is there. */
function keysOf(site: Site, gateway: Gateway, options: MeshOptions): readonly Resource[] {
  const host = gateway.name
  const wish = meshWish(site, gateway)
  const before = gateway.isNode ? nodeNeeds(site, host) : []
  const wanted = packages({ host, name: 'mesh', packages: getMeshPackages(site, gateway), needs: before, wish })
  const interfaces = keyInterfaces(site, gateway)
  const identity = site.mesh?.postQuantum !== undefined && gateway.links.length > 0
  const made = meshKeys({ host, interfaces, identity, needs: [wanted.id], wish })
  return [on(site, host, wanted, options), ...(interfaces.length === 0 ? [] : [on(site, host, made, options)])]
}

/** What the network part does with a node before anything of the mesh is there: its addresses, where packages come from. */
function nodeNeeds(site: Site, node: string): readonly ResourceId[] {
  const all = netOf({ nodes: [node] }).resources(site, { restart: false })
  return all.map(({ id }) => id).filter((id) => /\/(interfaces|sources|debian)$/.test(id))
}

/** Where hub and bypass are both planned, what is of the bypass may have to wait for the next run. */
function filesOf(site: Site, planned: Planned, options: MeshOptions): readonly Resource[] {
  const make = (set: FileSet) => on(site, set.host, fileSet(patient(set, options)), options)
  const roles = new Set([...planned.keys()].map(({ role }) => role))
  if (!roles.has('hub') || !roles.has('bypass')) return [...planned.values()].flat().map(make)
  const held = meshSets(site, { ...options, isHeld: true })
  const turn = turnOf([...held].flatMap(([{ role }, sets]) => (role === 'hub' ? sets.map(make) : [])))
  return [...planned].flatMap(([gateway, sets]) => {
    const others = gateway.role === 'bypass' ? [] : (held.get(gateway) ?? []).map(make)
    return sets.map((set, at) => inTurns(make(set), others[at], turn))
  })
}

/** What lets the mesh through a gateway that is a router belongs to that part; without it, half of this would not work. */
function wallsOf(site: Site, planned: Planned): readonly Resource[] {
  const routers = [...planned.keys()].map(({ name }) => name).filter((name) => name === site.firewall?.router)
  const all = routers.length === 0 ? [] : bgpOf({ routers, alone: true }).resources(site, { restart: false })
  return all.filter(({ id }) => /^file-set:.*\/(firewall|forwarding)$/.test(id))
}

function on<Have>(site: Site, name: string, resource: Resource<Have>, { alone }: MeshOptions): Resource<Have> {
  const guest = site.guests.find((one) => one.name === name)
  return guest ? onGuest(site, guest, resource, { alone }) : resource
}

function patient(set: FileSet, { confirmWithinSeconds }: MeshOptions): FileSet {
  if (confirmWithinSeconds === undefined) return set
  return { ...set, confirmWithinSeconds: Math.max(confirmWithinSeconds, set.confirmWithinSeconds ?? 0) }
}

function probesOf(site: Site, options: MeshOptions): readonly Probe[] {
  const resources = resourcesOf(site, { ...options, alone: true })
  const ours = resources.filter(({ id }) => !id.startsWith('mesh-psk:') && !/\/(firewall|forwarding)$/.test(id))
  return [
    ...ours.map((resource) => asWanted(resource, 'as the site file says')),
    ...tunnelProbes(site, options.gateways),
    ...(options.gateways ? [] : [...wayProbes(site), ...leftProbes(site)]),
  ]
}
