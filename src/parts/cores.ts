// Cores and memory: pinned cores of the nodes' guests, exclusive sets, real time; compressed swap of Linux guests.
import { asWanted } from '../probes/as-wanted.ts'
import { noPins } from '../probes/no-pins.ts'
import { template } from '../render.ts'
import type { Part, Probe, Resource, ResourceId } from '../resource.ts'
import { type CpuPinsOptions, cpuPins } from '../resources/cpu-pins.ts'
import { guestDevicesId, hasDevices } from '../resources/device-value.ts'
import { fileSet } from '../resources/file-set.ts'
import type { HostFacts } from '../resources/host-facts.ts'
import type { Guest, Node, Site } from '../site/site.ts'
import { coresFiles, coresOf, coresWish, isUntouched } from './cores/files.ts'
import { diffThreads } from './cores/live.ts'
import { getLook } from './cores/look.ts'
import { CORES_FILE, HOOK, MARKS, PROGRAM } from './cores/paths.ts'
import { coresProbes } from './cores/probes.ts'
import { hasPins } from './cores/wanted.ts'
import { zramProbes, zramResources } from './cores/zram.ts'
import { netOf } from './net.ts'

/** Cores of the nodes' guests alone: what belongs to the guests themselves. */
export const pins: Part = {
  name: 'cores',
  resources: (site) => nodesOf(site).flatMap((node) => resourcesOf(site, node)),
  probes: (site) => nodesOf(site).flatMap((node) => probesOf(site, node)),
}

export const cores: Part = {
  name: 'cores',
  resources: (site, wishes) => [
    ...pins.resources(site, wishes),
    ...leftNodes(site).flatMap((node) => resourcesOf(site, node)),
    ...zramResources(site),
  ],
  probes: (site) => [
    ...pins.probes(site),
    ...leftNodes(site).map((node) => noPins(node.name, resourcesOf(site, node))),
    ...zramProbes(site),
  ],
}

/** Nodes with a guest that the site file pins. */
function nodesOf(site: Site): readonly Node[] {
  return site.nodes.filter((node) => hasPins(site, node))
}

/** Others may have been pinned before: looked at where the node is asked anyway, so that nobody pays a connection for it. */
function leftNodes(site: Site): readonly Node[] {
  const isAsked = ({ name }: Node) => netOf({ nodes: [name] }).resources(site, { restart: false }).length > 0
  return site.nodes.filter((node) => !hasPins(site, node) && isAsked(node))
}

function resourcesOf(site: Site, node: Node): readonly Resource[] {
  const wish = coresWish(site, node)
  return [fileSet(coresFiles(site, node, wish)), cpuPins(pinsOf(site, node, wish))]
}

function probesOf(site: Site, node: Node): readonly Probe[] {
  const resources = resourcesOf(site, node)
  return [...resources.map((resource) => asWanted(resource, 'as the site file says')), ...coresProbes(site, node)]
}

const vmsOf = (site: Site, node: Node): readonly Guest[] =>
  site.guests.filter((guest) => guest.kind === 'vm' && guest.node === node.name)

const setText = template<{ file: string; marks: string; program: string }>('cores/pins')

function pinsOf(site: Site, node: Node, wish: CpuPinsOptions['wish']): CpuPinsOptions {
  const vms = vmsOf(site, node)
  const text = setText({ file: CORES_FILE, marks: MARKS, program: PROGRAM })
  return {
    site,
    node: node.name,
    needs: [
      `file-set:${node.name}/cores`,
      ...vms.map(({ vmid }): ResourceId => `vm:${node.name}/${vmid}`),
      // These are started there.
      ...vms.filter((guest) => hasDevices(site, guest)).map(guestDevicesId),
    ],
    wish,
    choose: (seen) => choose(site, node, seen),
    isOurs: (volume) => volume.endsWith(`:snippets/${HOOK}`),
    command: ['sh', '-c', text, 'orion-cpu-pins'],
  }
}

function choose(site: Site, node: Node, seen: HostFacts): ReturnType<CpuPinsOptions['choose']> {
  if (isUntouched(site, node, seen)) return { pins: [], problems: [] }
  const look = getLook(seen)
  const { guests, problems } = coresOf(site, node, seen)
  const byId = new Map(guests.map((row) => [row.guest.vmid, row]))
  // Also of a guest that is pinned no more: a hookscript of ours goes.
  const rows = vmsOf(site, node).map((guest) => {
    const row = byId.get(guest.vmid)
    const live = row === undefined || look === undefined ? [] : diffThreads(row, look)
    return { guest, affinity: row?.affinity, isOwn: row?.isOwn, hook: row?.realtime?.hook, live }
  })
  // Said in full by the files of the same node, which this needs.
  return {
    pins: rows,
    problems: problems.length === 0 ? [] : [`the cores cannot be chosen (file-set:${node.name}/cores)`],
  }
}
