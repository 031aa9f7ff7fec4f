// A node in the picture: its networks as lanes, its guests and devices as rows.
import type { Device } from '../../site/services.ts'
import type { Network, Node, Site } from '../../site/site.ts'
import { drawGuest, meshNotes, rolesOf } from './guest-row.ts'
import type { Frame, Lane, Piece, Row, Thing } from './model.ts'
import { facts, joined, sizeOf } from './words.ts'

export function drawNode(site: Site, node: Node): Piece<Frame> {
  const here = new Set(node.bridges.flatMap(({ networks }) => networks))
  const networks = site.networks.filter(({ name }) => here.has(name))
  const names = networks.map(({ name }) => name)
  const guests = site.guests.filter((guest) => guest.node === node.name).map((guest) => drawGuest(site, guest, names))
  const devices = site.devices.filter((device) => device.node === node.name).map(drawDevice)
  const pieces = [...guests, ...devices]
  const frame: Frame = {
    thing: `node:${node.name}`,
    title: node.name,
    notes: [
      node.address,
      ...hardwareOf(node),
      ...(node.bmc === undefined ? [] : [`BMC ${node.bmc}`]),
      ...meshNotes(site, node.name),
    ],
    lanes: networks.map((network) => laneOf(site, node, network)),
    rows: pieces.map(({ drawn }) => drawn),
  }
  return { drawn: frame, things: [thingOf(site, node, names), ...pieces.flatMap(({ things }) => things)] }
}

/** `vmbr1 ← eno2, 192.168.100.2/24` beside its name. */
function laneOf({ networks }: Site, node: Node, network: Network): Lane {
  const bridge = node.bridges.find((one) => one.networks.includes(network.name))
  const own = (bridge?.addresses ?? []).filter((address) => address.network === network.name).map(({ cidr }) => cidr)
  const vlan = network.vlan === undefined ? '' : ` VLAN ${network.vlan}`
  const port = bridge?.port === undefined ? '' : ` ← ${portOf(node, bridge.port)}`
  const note = [`${bridge?.name ?? ''}${vlan}${port}`, ...own].join(', ')
  return { thing: `network:${network.name}`, label: network.name, note, tone: networks.indexOf(network) }
}

/** A bond with its ports: `bond0 (eno1+eno2)`. */
function portOf({ bonds }: Node, port: string): string {
  const bond = bonds.find(({ name }) => name === port)
  return bond ? `${port} (${bond.ports.join('+')})` : port
}

function hardwareOf({ hardware: { threads, memoryMib } = {} }: Node): readonly string[] {
  return [
    ...(threads === undefined ? [] : [`${threads} threads`]),
    ...(memoryMib === undefined ? [] : [sizeOf(memoryMib)]),
  ]
}

function thingOf(site: Site, node: Node, networks: readonly string[]): Thing {
  const { hardware, zfs, api } = node
  const bridges = node.bridges.map(({ name, port }) => (port === undefined ? name : `${name} ← ${portOf(node, port)}`))
  return {
    id: `node:${node.name}`,
    kind: 'node',
    name: node.name,
    facts: facts({
      Cluster: node.cluster === site.name ? undefined : node.cluster,
      Address: node.address,
      'API port': String(api.port),
      Gateway: joined([node.gateway, node.gateway6].filter((one) => one !== undefined)),
      BMC: node.bmc,
      Threads: hardware?.threads === undefined ? undefined : String(hardware.threads),
      Cores: hardware?.cores === undefined ? undefined : String(hardware.cores),
      Memory: hardware?.memoryMib === undefined ? undefined : sizeOf(hardware.memoryMib),
      Power: hardware?.power,
      Bridges: joined(bridges),
      'ZFS cache': zfs?.arcMaxMib === undefined ? undefined : `${sizeOf(zfs.arcMaxMib)} at most`,
      Storage: joined(storageOn(site, node)),
      'Package sources': node.sources,
      'Restarts within': node.rebootWindow,
      Roles: joined(rolesOf(site, node.name)),
    }),
    related: networks.map((name) => `network:${name}`),
  }
}

const storageOn = ({ storage }: Site, { name }: Node): readonly string[] =>
  storage.filter(({ nodes }) => nodes.length === 0 || nodes.includes(name)).map((one) => `${one.name} (${one.type})`)

function drawDevice(device: Device): Piece<Row> {
  const { name, ids, address, port, path, guest, standby } = device
  const place = path ?? (port === undefined ? address : `USB ${port}`)
  const users = guest === undefined ? standby : [guest, ...standby]
  const row: Row = {
    thing: `device:${name}`,
    title: name,
    tag: 'device',
    notes: [
      ...(guest === undefined ? [] : [`in ${guest}`]),
      ...(standby.length === 0 ? [] : [`or in ${standby.join(', ')}`]),
    ],
    stops: [],
  }
  const thing: Thing = {
    id: row.thing,
    kind: 'device',
    name,
    facts: facts({
      Node: device.node,
      Ids: joined(ids),
      Place: place,
      Guest: guest,
      Standby: joined(standby),
      'Primary graphics card': device.primaryGpu ? 'yes' : undefined,
    }),
    related: [`node:${device.node}`, ...users.map((user) => `guest:${user}`)],
  }
  return { drawn: row, things: [thing] }
}
