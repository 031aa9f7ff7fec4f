// Guests: finding one, the views of its configuration, and its row in lists.

import { createHash } from 'node:crypto'
import { GIB, parseProperties, parseSize } from './property.ts'
import { failure } from './refusal.ts'
import type { Call } from './route.ts'
import type { GuestState, World } from './world.ts'

export type Kind = GuestState['kind']
export type Config = GuestState['config']

const MIB = 1024 ** 2
const SECRET_KEYS = new Set(['cipassword'])

/** `VM` or `CT`, as messages name it. */
export function kindName(kind: Kind): 'VM' | 'CT' {
  return kind === 'qemu' ? 'VM' : 'CT'
}

/** The guest that a path names, on that node and of that kind; else the missing file that Proxmox VE complains of. */
export function getGuest(call: Call, kind: Kind): GuestState {
  const { node, vmid } = call.ids
  const guest = call.world.state.guests[String(vmid)]
  if (!guest || guest.kind !== kind || guest.node !== node) {
    const folder = kind === 'qemu' ? 'qemu-server' : 'lxc'
    throw failure(`Configuration file 'nodes/${node}/${folder}/${vmid}.conf' does not exist`)
  }
  return guest
}

/** Changes with every change of the configuration: 40 hex digits. */
export function digestOf({ config, pending }: GuestState): string {
  return createHash('sha1')
    .update(JSON.stringify([config, pending]))
    .digest('hex')
}

/** The configuration with its pending changes as if they were made, or (`current`) as it is in force. */
export function configView(guest: GuestState, current: boolean): Record<string, unknown> {
  const view: Record<string, unknown> = { ...guest.config }
  if (!current) {
    for (const [key, value] of Object.entries(guest.pending)) {
      if (value === null) delete view[key]
      else view[key] = value
    }
  }
  for (const key of Object.keys(view)) view[key] = shown(key, view[key])
  view.digest = digestOf(guest)
  return view
}

/** One entry per key: in force, waiting, or waiting to go. */
export function pendingView(guest: GuestState): Record<string, unknown>[] {
  const keys = [...new Set([...Object.keys(guest.config), ...Object.keys(guest.pending)])]
  const rows = keys.map((key) => {
    const row: Record<string, unknown> = { key }
    if (key in guest.config) row.value = shown(key, guest.config[key])
    const waiting = guest.pending[key]
    if (waiting === null) row.delete = 1
    else if (waiting !== undefined) row.pending = shown(key, waiting)
    return row
  })
  return [...rows, { key: 'digest', value: digestOf(guest) }]
}

function shown(key: string, value: unknown): unknown {
  return SECRET_KEYS.has(key) ? '**********' : value
}

/** Bytes of memory, processors and bytes of the first disk, as lists show them. */
function sizesOf({ kind, config }: GuestState): { maxmem: number; cpus: number; maxdisk: number } {
  const memory = Number(parseProperties(String(config.memory ?? 512), 'current').current)
  const cpus = kind === 'qemu' ? Number(config.cores ?? 1) * Number(config.sockets ?? 1) : Number(config.cores ?? 0)
  const first = kind === 'qemu' ? bootDisk(config) : 'rootfs'
  const size = first === undefined ? undefined : parseProperties(String(config[first] ?? ''), 'file').size
  return { maxmem: memory * MIB, cpus, maxdisk: parseSize(size ?? '0') ?? 0 }
}

function bootDisk(config: Config): string | undefined {
  return ['scsi0', 'virtio0', 'sata0', 'ide0'].find((key) => key in config)
}

function uptimeOf(world: World, guest: GuestState): number {
  if (guest.status !== 'running' || guest.startedAt === undefined) return 0
  return Math.max(1, Math.floor((world.now() - guest.startedAt) / 1000))
}

/** A guest as `/nodes/N/qemu`, `/nodes/N/lxc` and `status/current` list it. */
export function guestRow(world: World, guest: GuestState): Record<string, unknown> {
  const { config, kind, status, vmid } = guest
  const { maxmem, cpus, maxdisk } = sizesOf(guest)
  const running = status === 'running'
  const row: Record<string, unknown> = {
    vmid,
    status,
    name: config[kind === 'qemu' ? 'name' : 'hostname'] ?? (kind === 'qemu' ? `VM ${vmid}` : `CT${vmid}`),
    maxmem,
    cpus,
    maxdisk,
    mem: running ? Math.min(maxmem, GIB / 4) : 0,
    cpu: 0,
    disk: kind === 'lxc' && running ? Math.min(maxdisk, GIB) : 0,
    uptime: uptimeOf(world, guest),
    netin: 0,
    netout: 0,
    diskread: 0,
    diskwrite: 0,
  }
  if (kind === 'lxc') row.type = 'lxc'
  if (running) row.pid = 100_000 + vmid
  for (const key of ['tags', 'lock', 'template'] as const) if (config[key] !== undefined) row[key] = config[key]
  return row
}
