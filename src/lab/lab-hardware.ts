// What a lab is built from: the clusters, nodes, bridges and images that a site file takes for granted.
import type { Image, Node, Site } from '../site/site.ts'
import { devicesOf } from './device/pci-hardware.ts'
import { wiringOf } from './lab-wiring.ts'
import type { Hardware, RouterHardware } from './world.ts'

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
    ...routersOf(site, name),
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
  const wiring = wiringOf(site, node)
  const bridges = ['vmbr0', ...(built ? wanted : [])].filter((bridge) => bridge !== undefined)
  return {
    name,
    threads: hardware?.threads ?? (hardware?.cores ?? 16) * 2,
    // A node whose memory nobody wrote down has enough for its guests.
    memoryMib: hardware?.memoryMib ?? Math.max(65_536, Math.ceil(memoryMib * 1.25)),
    bridges: [...new Set(bridges)],
    ...wiring,
    ...devicesOf(site, node, wiring.ports ?? []),
    ...(site.domain === undefined ? {} : { domain: site.domain }),
    ...endpointOf(site, name),
  }
}

/** Somebody has told the name servers, and forwards the ports. */
function endpointOf({ mesh }: Site, name: string): { readonly endpoint?: string } {
  const endpoint = mesh?.gateways.find((gateway) => gateway.name === name)?.endpoint
  return endpoint === undefined ? {} : { endpoint }
}

/** Guests that route or have a profile, by the site file's own words: orion logs in to them. */
function routersOf(site: Site, cluster: string): Pick<Hardware, 'routers'> {
  const gateways = site.mesh?.gateways.map((gateway) => gateway.name) ?? []
  const named = [site.bgp?.router, site.firewall?.router, ...site.networks.map(({ router }) => router)]
  const profiled = site.guests.flatMap(({ name, profile }) => (profile === undefined ? [] : [name]))
  const names = new Set([...named, ...gateways, ...profiled])
  const nodes = new Set(site.nodes.filter((node) => node.cluster === cluster).map(({ name }) => name))
  const routers = site.guests.filter(({ name, kind, node }) => names.has(name) && kind === 'vm' && nodes.has(node))
  if (routers.length === 0) return {}
  const made = routers.map(({ name, vmid, image: wanted }): RouterHardware => {
    const image = site.images.find((one) => one.name === wanted)
    const release = /bookworm|debian-12/.test(JSON.stringify(image ?? {})) ? 'bookworm' : 'trixie'
    return {
      name,
      vmid,
      release,
      ...(site.domain === undefined ? {} : { domain: site.domain }),
      ...endpointOf(site, name),
    }
  })
  return { routers: made }
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
