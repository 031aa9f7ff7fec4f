// Keeps the names of a node's network ports by their MAC addresses, so that another card or kernel does not rename them.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Node } from '../../site/site.ts'
import { REBUILD, REBUILD_SECONDS } from './initramfs.ts'

const FOLDER = '/etc/systemd/network'
// Proxmox's own tool writes 50-pve-*.link here, since 9.2 50-pmx-*.link.
const PROXMOX_FOLDER = '/usr/local/lib/systemd/network'
const OWN = new RegExp(`^${FOLDER}/50-orion-[^/]+\\.link$`)

interface Port {
  readonly name: string
  readonly mac: string
}

/** A link file that gives a MAC address a name. */
interface Pin extends Port {
  readonly path: string
}

/** What tells whether names are kept: for whoever restarts a node with other cards in it. */
export const PIN_FACTS: Facts = {
  folders: [FOLDER, PROXMOX_FOLDER],
  commands: { 'ip-links': ['ip', '-j', '-d', 'link'] },
}

export function pinningFacts({ pinPorts }: Node): Facts {
  return pinPorts ? PIN_FACTS : {}
}

/** The ports that the site uses and whose names no link file keeps, ours or another one. Pure. */
export function getUnpinned(node: Node, seen: HostFacts): readonly string[] {
  const pins = getPins(seen)
  const isKept = ({ name, mac }: Port) => pins.some((pin) => pin.mac === mac && pin.name === name)
  return getPorts(node, seen)
    .filter((port) => !isKept(port))
    .map(({ name }) => name)
}

/** `pinPorts` of a node: a link file for each port that the site uses, unless Proxmox's own tool pinned it so; undefined without it. */
export function pinning(node: Node, wish: FileSet['wish']): FileSet | undefined {
  if (!node.pinPorts) return undefined
  return {
    host: node.name,
    name: 'pinning',
    title: `port names of ${node.name}`,
    wish,
    owned: true,
    files: (seen) => getFiles(getPorts(node, seen), seen),
    problems: (seen) => getPorts(node, seen).flatMap((port) => getConflicts(port, getForeignPins(seen))),
    activate: [REBUILD],
    confirmWithinSeconds: REBUILD_SECONDS,
  }
}

function getFiles(ports: readonly Port[], seen: HostFacts) {
  const foreign = getForeignPins(seen)
  const pinned = ({ name, mac }: Port) => foreign.some((pin) => pin.mac === mac && pin.name === name)
  const wanted = ports.filter((port) => !pinned(port)).map((port) => ({ path: pathOf(port), text: textOf(port) }))
  const paths = new Set(wanted.map(({ path }) => path))
  const stale = [...seen.files.keys()].filter((path) => OWN.test(path) && !paths.has(path))
  return [...wanted, ...stale.map((path) => ({ path, text: undefined }))]
}

function pathOf({ name }: Port): string {
  return `${FOLDER}/50-orion-${name}.link`
}

function textOf({ name, mac }: Port): string {
  return `# Made by orion from the site file.\n[Match]\nMACAddress=${mac}\nType=ether\n\n[Link]\nName=${name}\n`
}

/** The name that a port has must be the name that it keeps: else the files would say one thing and the next restart do another. */
function getConflicts({ name, mac }: Port, pins: readonly Pin[]): string[] {
  const renamed = pins.filter((pin) => pin.mac === mac && pin.name !== name)
  const taken = pins.filter((pin) => pin.mac !== mac && pin.name === name)
  return [
    ...renamed.map((pin) => `${pin.path} gives port ${name} (${mac}) the name ${pin.name} at the next restart`),
    ...taken.map((pin) => `${pin.path} keeps the name ${name} for another port (${pin.mac}), not for ${mac}`),
  ]
}

/** The physical ports that the site uses and that are there; a missing one is a problem of the interfaces. */
function getPorts(node: Node, seen: HostFacts): readonly Port[] {
  const bonds = new Set(node.bonds.map(({ name }) => name))
  const used = [...Object.values(node.ports), ...node.bonds.flatMap(({ ports }) => ports)]
  const names = new Set(used.map((name) => name.replace(/\.\d+$/, '')).filter((name) => !bonds.has(name)))
  const links = getLinks(seen)
  const found = [...names].flatMap((name) => {
    const link = links.find(({ ifname, altnames }) => ifname === name || altnames?.includes(name))
    const mac = link?.permaddr ?? link?.address
    return link === undefined || mac === undefined ? [] : [{ name: link.ifname, mac: mac.toLowerCase() }]
  })
  return found.filter(({ name }, at) => found.findIndex((port) => port.name === name) === at)
}

interface Link {
  readonly ifname: string
  readonly altnames?: readonly string[]
  readonly address?: string
  /** Where it differs from `address`, as with a port of a bond. */
  readonly permaddr?: string
}

function getLinks(seen: HostFacts): readonly Link[] {
  return JSON.parse(said(seen, 'ip-links') || '[]') as readonly Link[]
}

/** Those of link files that are not ours. */
function getForeignPins(seen: HostFacts): readonly Pin[] {
  return getPins(seen).filter(({ path }) => !OWN.test(path))
}

/** All names given by MAC address in link files. */
function getPins(seen: HostFacts): readonly Pin[] {
  return [...seen.files].flatMap(([path, { text }]) => {
    if (!path.endsWith('.link')) return []
    const name = settingOf(text, 'Link', 'Name')
    const macs = [settingOf(text, 'Match', 'MACAddress'), settingOf(text, 'Match', 'PermanentMACAddress')]
    if (name === undefined) return []
    return macs.flatMap((list) => list?.split(/\s+/) ?? []).map((mac) => ({ path, name, mac: mac.toLowerCase() }))
  })
}

/** systemd.syntax(7): the last one in a section counts. */
function settingOf(text: string, section: string, key: string): string | undefined {
  let inside = ''
  let found: string | undefined
  for (const line of text.split('\n').map((one) => one.trim())) {
    inside = /^\[(.+)\]$/.exec(line)?.[1] ?? inside
    const value = new RegExp(`^${key}\\s*=\\s*(.*)$`).exec(line)?.[1]
    if (inside === section && value !== undefined) found = value
  }
  return found
}
