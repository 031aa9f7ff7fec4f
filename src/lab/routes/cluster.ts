// The cluster and its nodes: version, resources, state, the next free VMID.

import { isDown } from '../device/reboot.ts'
import { guestRow } from '../guest.ts'
import { hostOf } from '../network.ts'
import { parseProperties } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { seesGuest, seesStorage } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import type { World } from '../world.ts'
import { nodeStorages, storageRow } from './storage-status.ts'

const MIB = 1024 ** 2
const FIRST_VMID = 100
const MAX_VMID = 999_999_999
const UPTIME_SECONDS = 86_400
/** What an idle node needs for itself. */
const HOST_BYTES = 2048 * MIB
const HOST_DISK_BYTES = 512 * 1024 * MIB

type Node = World['state']['hardware']['nodes'][number]

function version({ world }: Call): Record<string, unknown> {
  const { version } = world.state.hardware
  return { version, release: version.split('.').slice(0, 2).join('.'), repoid: '1a2b3c4d5e6f7a8b' }
}

function nodeRow(world: World, { name, threads, memoryMib }: Node, used: Map<string, number>): Record<string, unknown> {
  const maxmem = memoryMib * MIB
  return {
    id: `node/${name}`,
    node: name,
    type: 'node',
    status: isDown(hostOf(world.state, name)) ? 'offline' : 'online',
    level: '',
    cpu: 0.02,
    maxcpu: threads,
    mem: Math.min(maxmem, used.get(name) ?? HOST_BYTES),
    maxmem,
    disk: HOST_DISK_BYTES / 64,
    maxdisk: HOST_DISK_BYTES,
    uptime: uptimeOf(world, name),
  }
}

/** Since its last start; a node of a new lab runs for a day. */
function uptimeOf(world: World, node: string): number {
  const startedMs = hostOf(world.state, node).boot?.startedMs ?? 0
  return startedMs === 0 ? UPTIME_SECONDS : Math.max(1, Math.floor((world.now() - startedMs) / 1000))
}

/** Bytes of memory in use per node. */
function usedMemory(world: World): Map<string, number> {
  const used = new Map<string, number>()
  for (const guest of Object.values(world.state.guests)) {
    if (guest.status !== 'running') continue
    const mib = Number(parseProperties(String(guest.config.memory ?? 512), 'current').current)
    used.set(guest.node, (used.get(guest.node) ?? HOST_BYTES) + mib * MIB)
  }
  return used
}

function resources(call: Call): unknown {
  const { world, params } = call
  const { guests, hardware, pools } = world.state
  const wanted = params.type
  const rows: Record<string, unknown>[] = []
  if (wanted === undefined || wanted === 'vm') {
    for (const guest of Object.values(guests)) {
      if (!seesGuest(call, guest)) continue
      const { cpus: maxcpu, pid: _, ...row } = guestRow(world, guest)
      const { vmid, kind: type, node, pool } = guest
      rows.push({
        template: 0,
        ...row,
        id: `${type}/${vmid}`,
        type,
        node,
        maxcpu,
        ...(pool === undefined ? {} : { pool }),
        ...(isDown(hostOf(world.state, node)) ? { status: 'unknown' } : {}),
      })
    }
  }
  if (wanted === undefined) {
    for (const pool of Object.keys(pools)) {
      if (call.allowed(`/pool/${pool}`, ['Pool.Audit'])) rows.push({ id: `/pool/${pool}`, pool, type: 'pool' })
    }
  }
  const memory = usedMemory(world)
  for (const node of hardware.nodes) {
    if (wanted === undefined || wanted === 'node') rows.push(nodeRow(world, node, memory))
    if (wanted === undefined || wanted === 'storage') rows.push(...storageResources(call, node.name))
    if (wanted === undefined || wanted === 'sdn') rows.push(...zoneResources(call, node.name))
  }
  return rows
}

function zoneResources(call: Call, node: string): Record<string, unknown>[] {
  if (!call.allowed('/sdn/zones/localnetwork', ['SDN.Audit'])) return []
  return [{ id: `sdn/${node}/localnetwork`, sdn: 'localnetwork', node, type: 'sdn', status: 'ok' }]
}

function storageResources(call: Call, node: string): Record<string, unknown>[] {
  return nodeStorages(call.world, node)
    .filter(({ name }) => seesStorage(call, name))
    .map((storage) => {
      const { used, total, content, shared } = storageRow(call.world, node, storage)
      const { name, type: plugintype } = storage
      const place = { id: `storage/${node}/${name}`, type: 'storage', storage: name, node, status: 'available' }
      return { ...place, plugintype, content, shared, disk: used, maxdisk: total }
    })
}

function nextId({ world, params }: Call): unknown {
  const { guests } = world.state
  if (params.vmid !== undefined) {
    const vmid = String(params.vmid)
    if (!guests[vmid]) return vmid
    throw invalid({ vmid: `VM ${vmid} already exists` })
  }
  for (let vmid = FIRST_VMID; vmid < MAX_VMID; vmid += 1) if (!guests[String(vmid)]) return String(vmid)
  throw failure('unable to get any free VMID')
}

function clusterStatus({ world }: Call): unknown {
  const { cluster, nodes } = world.state.hardware
  const head =
    nodes.length > 1
      ? [{ id: 'cluster', name: cluster, type: 'cluster', nodes: nodes.length, quorate: 1, version: nodes.length }]
      : []
  const rows = nodes.map(({ name }, index) => ({
    id: `node/${name}`,
    name,
    type: 'node',
    nodeid: nodes.length > 1 ? index + 1 : 0,
    ip: `127.0.0.${index + 1}`,
    local: index === 0 ? 1 : 0,
    online: isDown(hostOf(world.state, name)) ? 0 : 1,
    level: '',
  }))
  return [...head, ...rows]
}

function nodeStatus(call: Call): unknown {
  const { world, ids } = call
  const node = world.state.hardware.nodes.find(({ name }) => name === ids.node)
  if (!node) throw failure(`hostname lookup '${ids.node}' failed`)
  const { maxmem: total, mem: used, uptime, cpu } = nodeRow(world, node, usedMemory(world))
  const { version: pve } = world.state.hardware
  const rootfs = { total: HOST_DISK_BYTES, used: HOST_DISK_BYTES / 100, avail: (HOST_DISK_BYTES / 100) * 99 }
  return {
    uptime,
    cpu,
    wait: 0,
    loadavg: ['0.10', '0.12', '0.09'],
    cpuinfo: {
      cpus: node.threads,
      cores: Math.max(1, node.threads / 2),
      sockets: 1,
      model: 'simulated by the lab',
      hvm: '1',
    },
    memory: { total, used, free: Number(total) - Number(used) },
    swap: { total: 0, used: 0, free: 0 },
    rootfs: { ...rootfs, free: rootfs.avail },
    pveversion: `pve-manager/${pve}/1a2b3c4d5e6f7a8b`,
    'boot-info': { mode: 'efi', secureboot: 0 },
  }
}

function listNodes(call: Call): unknown {
  const { world } = call
  const memory = usedMemory(world)
  return world.state.hardware.nodes.map((node) => {
    const row = nodeRow(world, node, memory)
    if (call.allowed(`/nodes/${node.name}`, ['Sys.Audit'])) return row
    const { id, node: name, type, status } = row
    return { id, node: name, type, status }
  })
}

export const clusterRoutes: Routes = {
  'GET /version': version,
  'GET /nodes/{node}/version': version,
  'GET /cluster/resources': resources,
  'GET /cluster/nextid': nextId,
  'GET /cluster/status': clusterStatus,
  'GET /cluster/options': () => ({ keyboard: 'en-us' }),
  'GET /nodes': listNodes,
  'GET /nodes/{node}': () =>
    ['lxc', 'network', 'qemu', 'status', 'storage', 'tasks', 'version'].map((name) => ({ name })),
  'GET /nodes/{node}/status': nodeStatus,
}
