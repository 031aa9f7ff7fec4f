// What a lab is built from: the clusters, nodes, bridges and images that a site file takes for granted.
import type { Image, Node, Site } from '../site/site.ts'
import { wiringOf } from './lab-wiring.ts'
import type { Hardware } from './world.ts'

/** The newest version that the lab simulates. */
const LAB_VERSION = '9.1.4'
const VERSION_8 = '8.4.14'

/** How the hosts of a new lab are. */
export interface HardwareOptions {
  /** Every bridge of the site is there, without a port; default: what Proxmox VE's installer leaves, which is vmbr0. */
  readonly built?: boolean
}

/** One per cluster. `version` is 8, 9 or a whole version such as `9.1.4`. */
export function hardwareOf(site: Site, version: string = LAB_VERSION, options: HardwareOptions = {}): Hardware[] {
  const whole = version === '8' ? VERSION_8 : version === '9' ? LAB_VERSION : version
  return site.clusters.map(({ name }) => ({
    cluster: name,
    version: whole,
    nodes: site.nodes.filter((node) => node.cluster === name).map((node) => nodeOf(site, node, options)),
    storage: [],
    volumes: [...site.images.flatMap(volumesOf), ...hookscriptsOf(site)],
    images: site.images.flatMap(downloadOf),
  }))
}

function nodeOf(site: Site, node: Node, { built = false }: HardwareOptions): Hardware['nodes'][number] {
  const { name, hardware } = node
  const guests = site.guests.filter((guest) => guest.node === name)
  const memoryMib = guests.reduce((sum, guest) => sum + guest.memoryMib, 0)
  const wanted = [...site.networks, ...guests.flatMap((guest) => guest.nics)].map(({ bridge }) => bridge)
  const bridges = ['vmbr0', ...(built ? wanted : [])].filter((bridge) => bridge !== undefined)
  return {
    name,
    threads: hardware?.threads ?? (hardware?.cores ?? 16) * 2,
    // A node whose memory nobody wrote down has enough for its guests.
    memoryMib: hardware?.memoryMib ?? Math.max(65_536, Math.ceil(memoryMib * 1.25)),
    bridges: [...new Set(bridges)],
    ...wiringOf(site, node),
    ...(site.domain === undefined ? {} : { domain: site.domain }),
  }
}

// Somebody has uploaded what the site file says is there: hookscripts, and images.
function hookscriptsOf({ guests }: Site): string[] {
  return [...new Set(guests.flatMap(({ hookscript }) => hookscript ?? []))]
}

function volumesOf(image: Image): string[] {
  if (image.kind === 'volume') return [image.volume]
  if (image.kind !== 'iso') return []
  return [image.iso, image.drivers].filter((volume) => volume?.includes(':') === true) as string[]
}

function downloadOf(image: Image): NonNullable<Hardware['images']>[number][] {
  if (image.kind !== 'url') return []
  return [{ url: image.url, ...(image.checksum?.kind === 'sums' ? { sums: image.checksum.url } : {}) }]
}
