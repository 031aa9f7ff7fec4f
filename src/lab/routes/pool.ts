// /pools: groups of guests and storages that rights can be given on.

import { guestRow } from '../guest.ts'
import { toList } from '../property.ts'
import { failure } from '../refusal.ts'
import { demand, demandOnGuest, seesGuest, seesStorage } from '../rights.ts'
import type { Call, Routes } from '../route.ts'

function poolName(call: Call): string {
  return String(call.ids.poolid ?? call.params.poolid)
}

function getPool(call: Call): { comment?: string; storage?: string[] } {
  const pool = call.world.state.pools[poolName(call)]
  if (!pool) throw failure(`pool '${poolName(call)}' does not exist`)
  return pool
}

function members(call: Call, name: string): Record<string, unknown>[] {
  const { guests, pools } = call.world.state
  const held = Object.values(guests).filter((guest) => guest.pool === name && seesGuest(call, guest))
  const rows = held.map((guest) => ({
    ...guestRow(call.world, guest),
    id: `${guest.kind}/${guest.vmid}`,
    type: guest.kind,
    node: guest.node,
  }))
  const storages = (pools[name]?.storage ?? []).filter((storage) => seesStorage(call, storage))
  return [...rows, ...storages.map((storage) => ({ id: `storage/${storage}`, type: 'storage', storage }))]
}

function list(call: Call): unknown {
  if (call.params.poolid !== undefined) {
    demand(call, `/pool/${poolName(call)}`, ['Pool.Audit'])
    return [{ poolid: poolName(call), ...comment(getPool(call)), members: members(call, poolName(call)) }]
  }
  return Object.entries(call.world.state.pools)
    .filter(([name]) => call.allowed(`/pool/${name}`, ['Pool.Audit']))
    .map(([poolid, pool]) => ({ poolid, ...comment(pool) }))
}

function comment(pool: { comment?: string }): { comment?: string } {
  return pool.comment === undefined ? {} : { comment: pool.comment }
}

function create(call: Call): unknown {
  const { pools } = call.world.state
  const name = poolName(call)
  if (pools[name]) throw failure(`pool '${name}' already exists`)
  pools[name] = call.params.comment === undefined ? {} : { comment: String(call.params.comment) }
  call.world.changed()
  return null
}

function update(call: Call): unknown {
  const { params, world } = call
  const pool = getPool(call)
  if (params.comment !== undefined) pool.comment = String(params.comment)
  for (const vmid of toList(params.vms)) moveGuest(call, vmid)
  const named = toList(params.storage)
  for (const storage of named) {
    demand(call, `/storage/${storage}`, ['Datastore.Allocate'])
    if (!world.state.storage[storage]) throw failure(`storage '${storage}' does not exist`)
  }
  const others = (pool.storage ?? []).filter((storage) => !named.includes(storage))
  pool.storage = params.delete === true ? others : [...others, ...named]
  world.changed()
  return null
}

function moveGuest(call: Call, vmid: string): void {
  const { params, world } = call
  const guest = world.state.guests[vmid]
  if (!guest) throw failure(`VM ${vmid} does not exist`)
  demandOnGuest(call, guest, ['VM.Allocate'])
  const name = poolName(call)
  if (params.delete === true) {
    if (guest.pool !== name) throw failure(`VM ${vmid} is not a pool member`)
    delete guest.pool
    return
  }
  if (guest.pool === name) throw failure(`VM ${vmid} is already a pool member`)
  if (guest.pool !== undefined) {
    if (params['allow-move'] !== true)
      throw failure(`VM ${vmid} belongs already to pool '${guest.pool}' and allow-move is not set`)
    demand(call, `/pool/${guest.pool}`, ['Pool.Allocate'])
  }
  guest.pool = name
}

function remove(call: Call): unknown {
  const { pools, guests } = call.world.state
  const pool = getPool(call)
  const name = poolName(call)
  const full = (pool.storage ?? []).length > 0 || Object.values(guests).some((guest) => guest.pool === name)
  if (full) throw failure(`pool '${name}' is not empty`)
  delete pools[name]
  call.world.changed()
  return null
}

export const poolRoutes: Routes = {
  'GET /pools': list,
  'POST /pools': create,
  'PUT /pools': update,
  'DELETE /pools': remove,
  'GET /pools/{poolid}': (call) => ({ ...comment(getPool(call)), members: members(call, poolName(call)) }),
  'PUT /pools/{poolid}': update,
  'DELETE /pools/{poolid}': remove,
}
