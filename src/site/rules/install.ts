// Rule: what the installer of Proxmox VE is told of a node can be carried out, and leads to the node of the site file.
import type { Install } from '../install.ts'
import { contains, parseCidr, parseIp } from '../ip.ts'
import type { Finding, Node, Site } from '../site.ts'
import { error, warning } from './verdict.ts'

export function installs(site: Site): Finding[] {
  return [
    ...site.nodes.flatMap((node) => (node.install ? ofNode(site, node, node.install) : [])),
    ...sameMac(site.nodes),
  ]
}

function ofNode(site: Site, node: Node, install: Install): Finding[] {
  return [...way(site, node, install), ...disks(node, install), ...options(node, install), ...keys(node, install)]
}

const pathOf = ({ name }: Node, ...rest: readonly string[]) => ['nodes', name, 'install', ...rest]

/** The network that the node's main address lies in, and its port: that is what the installer sets up. */
export function getWay(
  site: Site,
  node: Node,
): { readonly prefix: number; readonly ports: readonly string[] } | undefined {
  const ip = parseIp(node.address)
  if (!ip) return undefined
  for (const { name, ipv4, ipv6 } of site.networks) {
    const cidr = parseCidr((ip.family === 4 ? ipv4 : ipv6) ?? '')
    if (!cidr || !contains(cidr, ip)) continue
    const port = node.ports[name]?.split('.')[0]
    const bond = node.bonds.find((one) => one.name === port)
    return {
      prefix: Number((ip.family === 4 ? ipv4 : ipv6)?.split('/')[1]),
      ports: bond ? bond.ports : port ? [port] : [],
    }
  }
  return undefined
}

function way(site: Site, node: Node, { macs }: Install): Finding[] {
  const known = getWay(site, node)
  const isV4 = parseIp(node.address)?.family === 4
  const named = Object.keys(macs)
  const [port] = known?.ports ?? []
  return [
    ...(site.domain
      ? []
      : [error(pathOf(node), `the installer wants a full name: set domain, so that it is ${node.name}.DOMAIN`)]),
    ...(known
      ? []
      : [
          error(
            pathOf(node),
            `the installer wants an address with its network: ${node.address} is in no network of the site`,
          ),
        ]),
    ...((isV4 ? node.gateway : node.gateway6)
      ? []
      : [error(pathOf(node), `needs ${isV4 ? 'gateway' : 'gateway6'} of ${node.name}`)]),
    ...(named.length === 0 ? [error(pathOf(node, 'macs'), 'needs the MAC address of at least one port')] : []),
    ...(known && !port
      ? [error(pathOf(node, 'macs'), `the network of ${node.address} has no port in nodes.${node.name}.ports`)]
      : []),
    ...(port && !known?.ports.some((one) => named.includes(one))
      ? [error(pathOf(node, 'macs'), `needs the MAC address of ${port}, on which ${node.address} stands`)]
      : []),
  ]
}

const LEAST: Readonly<Record<string, number>> = {
  raid0: 1,
  raid1: 2,
  raid10: 4,
  'raidz-1': 3,
  'raidz-2': 4,
  'raidz-3': 5,
}

function disks(node: Node, install: Install): Finding[] {
  const { disks: chosen, raid: level } = install
  const wrong = raid(node, install)
  if ('names' in chosen) return [...wrong, ...names(node, install, chosen.names, wrong.length > 0 ? undefined : level)]
  if (wrong.length > 0 || Object.keys(chosen.filter).length > 0) return wrong
  return [error(pathOf(node, 'diskFilter'), 'names no property')]
}

const hasRaid = ({ filesystem }: Install): boolean => filesystem === 'zfs' || filesystem === 'btrfs'

function raid(node: Node, install: Install): Finding[] {
  const { filesystem, raid: level } = install
  if (!hasRaid(install) && level) return [error(pathOf(node, 'raid'), `${filesystem} has no raid: it takes one disk`)]
  if (hasRaid(install) && !level)
    return [error(pathOf(node), 'needs raid: raid10, raidz-1, …: with so many disks there is a choice')]
  if (filesystem === 'btrfs' && level?.startsWith('raidz'))
    return [error(pathOf(node, 'raid'), `btrfs has no ${level}`)]
  return []
}

/** `level` is undefined where there is none, or one that is wrong already. */
function names(node: Node, install: Install, disks: readonly string[], level: Install['raid'] | undefined): Finding[] {
  const { length } = disks
  const least = LEAST[level ?? ''] ?? 1
  return [
    ...(new Set(disks).size < length ? [error(pathOf(node, 'disks'), 'names a disk twice')] : []),
    ...(!hasRaid(install) && length > 1
      ? [error(pathOf(node, 'disks'), `${install.filesystem} takes one disk, and not ${length}`)]
      : []),
    ...(length < least
      ? [error(pathOf(node, 'raid'), `${level} needs ${least} disks at least, and there are ${length}`)]
      : []),
    ...(level === 'raid10' && length % 2 > 0
      ? [error(pathOf(node, 'raid'), 'raid10 needs an even number of disks')]
      : []),
  ]
}

function options(node: Node, { filesystem, zfs, lvm }: Install): Finding[] {
  const isLvm = filesystem === 'ext4' || filesystem === 'xfs'
  return [
    ...(filesystem !== 'zfs' && Object.keys(zfs).length > 0
      ? [error(pathOf(node, 'zfs'), `is not for ${filesystem}`)]
      : []),
    ...(!isLvm && Object.keys(lvm).length > 0 ? [error(pathOf(node, 'lvm'), `is not for ${filesystem}`)] : []),
  ]
}

function keys(node: Node, { sshKeys }: Install): Finding[] {
  if (sshKeys.length > 0) return []
  return [warning(pathOf(node), 'no SSH key gets in after the installation: set sshKeys')]
}

function sameMac(nodes: readonly Node[]): Finding[] {
  const owners = new Map<string, string>()
  return nodes.flatMap((node) =>
    Object.entries(node.install?.macs ?? {}).flatMap(([port, mac]) => {
      const owner = owners.get(mac)
      owners.set(mac, `${port} of ${node.name}`)
      return owner ? [error(pathOf(node, 'macs', port), `${mac} is the address of ${owner}, too`)] : []
    }),
  )
}
