// The networks of a node: changes are written beside what is in force, and only come into force when they are applied.

import type { Interface } from '../network.ts'
import { activeNames, applyStaged, BRIDGE_DEFAULTS, changesOf, stage, stagedInterfaces } from '../network.ts'
import { plainValue } from '../option-value.ts'
import { toList } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { type Call, envelope, type Routes } from '../route.ts'
import { startTask } from '../tasks.ts'

const RELOAD_MS = 300
const CONTROL = new Set(['node', 'iface', 'delete', 'type'])

function nodeOf({ ids }: Call): string {
  return String(ids.node)
}

function rows(call: Call): Record<string, unknown>[] {
  const { state } = call.world
  const active = activeNames(state, nodeOf(call))
  return Object.entries(stagedInterfaces(state, nodeOf(call))).map(([iface, { taken: _, ...options }], index) => {
    const families = [options.cidr6 === undefined ? undefined : 'inet6', 'inet'].filter(Boolean).reverse()
    return { iface, ...options, families, ...(active.has(iface) ? { active: 1 } : {}), priority: index + 3 }
  })
}

function list(call: Call): unknown {
  const { type } = call.params
  const found = rows(call)
    .filter((row) => isOfType(String(row.type), type))
    .filter(({ iface }) => seesInterface(call, String(iface)))
  const changes = changesOf(call.world.state, nodeOf(call))
  return envelope(found, changes === undefined ? {} : { changes })
}

function isOfType(type: string, wanted: unknown): boolean {
  if (wanted === undefined || wanted === type) return true
  return type.endsWith('ridge') && (wanted === 'any_bridge' || wanted === 'any_local_bridge')
}

function seesInterface(call: Call, iface: string): boolean {
  const zone = `/sdn/zones/localnetwork/${iface}`
  return (
    call.allowed(`/nodes/${nodeOf(call)}`, ['Sys.Audit']) ||
    call.allowed(zone, ['SDN.Audit']) ||
    call.allowed(zone, ['SDN.Use'])
  )
}

function show(call: Call): unknown {
  const found = rows(call).find(({ iface }) => iface === call.ids.iface)
  if (!found) throw failure('interface does not exist')
  const { iface: _, ...row } = found
  return row
}

function optionsOf({ params }: Call): Interface {
  const given = Object.entries(params).filter(([key]) => !CONTROL.has(key))
  return Object.fromEntries(given.map(([key, value]) => [key, plainValue(key, value)]))
}

/** An address makes a family static, unless somebody has made that family manual by taking its address away. */
function withMethods(options: Interface): Interface {
  const method = options.method ?? (options.cidr === undefined ? 'manual' : 'static')
  return { ...options, method, method6: options.cidr6 === undefined ? 'manual' : 'static' }
}

function create(call: Call): unknown {
  const { world, params } = call
  const name = String(params.iface)
  const known = stagedInterfaces(world.state, nodeOf(call))
  if (Object.hasOwn(known, name)) throw invalid({ iface: 'interface already exists' })
  const type = String(params.type)
  const defaults = type === 'bridge' ? BRIDGE_DEFAULTS : {}
  stage(world, nodeOf(call), { ...known, [name]: withMethods({ type, ...defaults, ...optionsOf(call) }) })
  return null
}

/** Keeps what is not sent, but for `autostart`; an address that was taken away leaves `inet manual` for good. */
function update(call: Call): unknown {
  const { world, params } = call
  const name = String(call.ids.iface)
  const known = stagedInterfaces(world.state, nodeOf(call))
  const { autostart: _, ...old } = known[name] ?? {}
  if (!Object.hasOwn(known, name)) throw failure('interface does not exist')
  const kept: Interface = { ...old }
  const deletes = toList(params.delete)
  for (const key of deletes) delete kept[key]
  const first = old.cidr === undefined && old.method === 'manual' && old.taken !== 1
  if (deletes.includes('cidr')) Object.assign(kept, { method: 'manual', taken: 1 })
  else if (first) delete kept.method
  stage(world, nodeOf(call), {
    ...known,
    [name]: withMethods({ ...kept, ...optionsOf(call), type: String(params.type) }),
  })
  return null
}

function remove(call: Call): unknown {
  const { iface = '' } = call.ids
  const { [iface]: _, ...others } = stagedInterfaces(call.world.state, nodeOf(call))
  if (!rows(call).some((row) => row.iface === iface)) throw failure('interface does not exist')
  stage(call.world, nodeOf(call), others)
  return null
}

function apply(call: Call): string {
  const node = nodeOf(call)
  return startTask(call.world, { node, type: 'srvreload', id: 'networking', who: call.who }, async (job) => {
    await job.take(RELOAD_MS)
    applyStaged(call.world, node)
  })
}

export const networkRoutes: Routes = {
  'GET /nodes/{node}/network': list,
  'POST /nodes/{node}/network': create,
  'PUT /nodes/{node}/network': apply,
  'DELETE /nodes/{node}/network': ({ world, ids }) => {
    stage(world, String(ids.node), undefined)
    return null
  },
  'GET /nodes/{node}/network/{iface}': show,
  'PUT /nodes/{node}/network/{iface}': update,
  'DELETE /nodes/{node}/network/{iface}': remove,
}
