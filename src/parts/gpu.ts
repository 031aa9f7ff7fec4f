// Devices of nodes for their guests: the host's side (files, early start, restart), then the cluster's, then the guests'.
import { asWanted } from '../probes/as-wanted.ts'
import type { Part, Probe, Resource, ResourceId, Wishes } from '../resource.ts'
import { deviceLeft, deviceLeftId } from '../resources/device-left.ts'
import { fileSet } from '../resources/file-set.ts'
import type { HostFacts } from '../resources/host-facts.ts'
import { hostReboot } from '../resources/host-reboot.ts'
import type { RebootMode } from '../resources/host-reboot-plan.ts'
import { rebootFacts } from '../resources/host-reboot-state.ts'
import type { Node, Site } from '../site/site.ts'
import { vfioDevices } from './gpu/binding.ts'
import { gpuFacts, gpuSet, hasGpuFiles } from './gpu/files.ts'
import { deviceProbes, deviceResources } from './gpu/mapping.ts'
import { getPending } from './gpu/pending.ts'
import { gpuReboot, rebootSet, rebootSetFacts } from './gpu/reboot.ts'
import { gpuWish } from './gpu/restart-facts.ts'

export interface GpuOptions {
  /** Names of nodes; default: all of the site. */
  readonly nodes?: readonly string[] | undefined
  readonly reboot: RebootMode
  /** This run makes no guests: one that is not there is waited for. */
  readonly guestless?: boolean
  /** All that was added goes again, and nothing else. */
  readonly absent?: boolean
  /** How long a node that restarted waits for us before it puts its files back. */
  readonly confirmWithinSeconds?: number | undefined
  /** How long a node may be away. */
  readonly awayMinutes?: number | undefined
}

/** All nodes of the site; none restarts. */
export const gpu: Part = gpuOf({ reboot: 'never' })

export function gpuOf(options: GpuOptions): Part {
  const { nodes, absent = false } = options
  const hasDevices = (site: Site, { name }: Node) => site.devices.some(({ node }) => node === name)
  const on = (site: Site) =>
    site.nodes.filter(({ name }) => nodes?.includes(name) ?? true).filter((node) => absent || hasDevices(site, node))
  return {
    name: 'gpu',
    resources: (site, wishes) => [
      ...oneByOne(on(site).map((node) => resourcesOf(site, node, options, wishes))),
      ...leftOf(site, nodes, absent),
    ],
    probes: (site) => [
      ...on(site).flatMap((node) => probesOf(site, node, options)),
      ...leftOf(site, nodes).map((resource) => asWanted(resource, 'none')),
    ],
  }
}

/** One per cluster of these nodes, whether they have devices or not. */
function leftOf(site: Site, nodes: GpuOptions['nodes'], absent = false): readonly Resource[] {
  const gone = absent ? { nodes: nodes ?? site.nodes.map(({ name }) => name) } : undefined
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find((one) => one.cluster === name && (nodes?.includes(one.name) ?? true))
    return node === undefined ? [] : [deviceLeft(site, name, node.name, gone)]
  })
}

/** No node restarts before the one in front of it is back: a cluster keeps its majority, and a mistake stays on one node. */
function oneByOne(nodes: readonly (readonly Resource[])[]): readonly Resource[] {
  const isRestart = ({ id }: Resource) => id.startsWith('reboot:')
  const restarts = nodes.flatMap((resources) => resources.filter(isRestart).map(({ id }) => id))
  const afterLast = (resource: Resource) => {
    const last = restarts[restarts.indexOf(resource.id) - 1]
    return last === undefined ? resource : { ...resource, needs: [...resource.needs, last] }
  }
  return nodes.flat().map(afterLast)
}

/** On a way back the guests give their devices away before the node restarts; else they get them after that. */
function resourcesOf(site: Site, node: Node, options: GpuOptions, wishes: Wishes): readonly Resource[] {
  const { absent = false, guestless = false } = options
  const wish = wishOf()
  const restarts = options.reboot === 'now'
  const devices = deviceResources(site, node, { absent, guestless, restarts, wishes, wish })
  if (!absent && vfioDevices(site, node).length === 0) return devices
  const before = absent ? [...devices.map(({ id }) => id), deviceLeftId(node.cluster)] : []
  return [...hostResources(site, node, { ...options, wish, before }), ...devices]
}

function probesOf(site: Site, node: Node, options: GpuOptions): readonly Probe[] {
  const wish = wishOf()
  const own = { ...options, reboot: 'never', wish, before: [] } as const
  const host = vfioDevices(site, node).length === 0 ? [] : hostResources(site, node, own)
  return [...host.map((resource) => asWanted(resource, 'as the site file says')), ...deviceProbes(site, node, wish)]
}

const wishOf = () => gpuWish(gpuFacts, rebootFacts, rebootSetFacts)

interface HostOptions extends GpuOptions {
  readonly wish: ReturnType<typeof gpuWish>
  /** What the restart waits for beside the files. */
  readonly before: readonly ResourceId[]
}

function hostResources(site: Site, node: Node, options: HostOptions): readonly Resource[] {
  const { reboot: mode, absent = false, confirmWithinSeconds, awayMinutes, wish, before } = options
  const timing = {
    ...(confirmWithinSeconds === undefined ? {} : { confirmWithinSeconds }),
    ...(awayMinutes === undefined ? {} : { limitMs: awayMinutes * 60_000 }),
  }
  const restart = gpuReboot(site, node, { wish, mode, absent, timing })
  return [
    fileSet(rebootSet(node, wish, absent ? (seen) => isTouched(site, node, seen) : undefined)),
    fileSet(gpuSet(site, node, { wish, absent })),
    hostReboot({ ...restart, needs: [...restart.needs, ...before] }),
  ]
}

/** There is something of orion's to take away, or it is still in force. */
function isTouched(site: Site, node: Node, seen: HostFacts): boolean {
  return hasGpuFiles(seen) || getPending(site, node, true, seen).length > 0
}
