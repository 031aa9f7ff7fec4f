// The wiring of a simulated node, out of the site file: its physical ports, and the one that it was installed over.
import { isIP } from 'node:net'
import type { Node, Site } from '../site/site.ts'
import { isInside } from './host/addresses.ts'
import type { Hardware } from './world.ts'

type Wiring = Pick<
  Hardware['nodes'][number],
  'ports' | 'uplink' | 'address' | 'prefix' | 'gateway' | 'root' | 'alsoAt' | 'neighbours'
>

/** What the installer was told on this node. */
export function wiringOf(site: Site, node: Node): Wiring {
  const ports = portsOf(node)
  const found = networkOf(site, node)
  const named = homePort(node, found)
  const uplink = (named === undefined ? undefined : physicalOf(node, named)) ?? freePort(ports)
  const gateway = gatewayOf(node, found)
  const neighbours = neighboursOf(site, node)
  const prefix = found?.cidr === undefined ? {} : { prefix: Number(found.cidr.split('/')[1]) }
  return {
    ports: ports.includes(uplink) ? ports : [uplink, ...ports],
    uplink,
    address: node.address,
    ...prefix,
    ...(gateway === undefined ? {} : { gateway }),
    ...(node.ssh.alsoAt.length > 0 ? { alsoAt: node.ssh.alsoAt } : {}),
    ...(neighbours.length > 0 ? { neighbours } : {}),
    // There can be no swap file on ZFS: who wants one has another root.
    ...(node.swap.some(({ file }) => file !== undefined) ? { root: 'ext4' } : {}),
  }
}

/** The gateways that the site file names for the node are there: what it says of other machines is taken on trust. */
function neighboursOf({ networks }: Site, node: Node): string[] {
  const own = node.bridges.flatMap(({ addresses }) => addresses.map(({ gateway }) => gateway))
  const all = [node.gateway, node.gateway6, ...own, ...networks.flatMap(({ gateway, gateway6 }) => [gateway, gateway6])]
  return [...new Set(all)].filter((gateway) => gateway !== undefined)
}

/** Every physical port that the site file names, in its order. */
function portsOf(node: Node): string[] {
  const named = Object.values(node.ports).flatMap((port) => membersOf(node, port))
  const bundled = node.bonds.flatMap(({ ports }) => ports)
  return [...new Set([...named, ...bundled])]
}

function membersOf({ bonds }: Node, port: string): readonly string[] {
  const parent = port.replace(/\.\d+$/, '')
  return bonds.find(({ name }) => name === parent)?.ports ?? [parent]
}

/** The port of the bridge that the node's address is on, or else of vmbr0. */
function homePort({ ports, bridges }: Node, found: Found | undefined): string | undefined {
  const { name } = found ?? {}
  if (name !== undefined && Object.hasOwn(ports, name)) return ports[name]
  const home = bridges.find(({ networks }) => name !== undefined && networks.includes(name))
  return (home ?? bridges.find((bridge) => bridge.name === 'vmbr0'))?.port
}

/** Ports that the site file names belong to other bridges: the installer was given one more. */
function freePort(taken: readonly string[]): string {
  const names = Array.from({ length: taken.length + 1 }, (_, index) => `eno${index + 1}`)
  return names.find((name) => !taken.includes(name)) ?? 'eno1'
}

function physicalOf(node: Node, port: string): string | undefined {
  return membersOf(node, port)[0]
}

interface Found {
  readonly name?: string
  readonly cidr?: string
  readonly gateway?: string
}

/** The network that the node's address lies in: by its own addresses first, which may have another length. */
function networkOf(site: Site, node: Node): Found | undefined {
  const own = Object.entries(node.addresses).find(([, list]) =>
    list.some((text) => text.split('/')[0] === node.address),
  )
  const version = isIP(node.address)
  if (version === 0) return undefined
  const ranges = site.networks.map((network) => ({
    name: network.name,
    cidr: version === 4 ? network.ipv4 : network.ipv6,
    gateway: version === 4 ? network.gateway : network.gateway6,
  }))
  const found =
    ranges.find(({ name }) => name === own?.[0]) ??
    ranges.find(({ cidr }) => cidr !== undefined && isInside(node.address, cidr))
  if (!found) return undefined
  const { name, cidr, gateway } = found
  return { name, ...(cidr === undefined ? {} : { cidr }), ...(gateway === undefined ? {} : { gateway }) }
}

function gatewayOf(node: Node, found: Found | undefined): string | undefined {
  return (isIP(node.address) === 6 ? node.gateway6 : node.gateway) ?? found?.gateway
}
