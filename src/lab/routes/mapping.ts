// /cluster/mapping: names for devices and directories of the nodes, and where each is on which node.
import { pciProblem, usbProblem } from '../device/mapping-check.ts'
import { hostOf } from '../network.ts'
import { plainValue } from '../option-value.ts'
import { parseProperties, toList } from '../property.ts'
import { failure } from '../refusal.ts'
import type { Call, Handler, Routes } from '../route.ts'

type Kind = 'pci' | 'usb' | 'dir'
const CONTROL = new Set(['id', 'map', 'delete', 'digest'])
const READERS = ['Mapping.Audit', 'Mapping.Use', 'Mapping.Modify']

function entriesOf({ world }: Call, kind: Kind): NonNullable<Call['world']['state']['mappings']>[string] {
  world.state.mappings ??= {}
  world.state.mappings[kind] ??= Object.create(null) as Record<string, never>
  return world.state.mappings[kind]
}

function optionsOf({ params }: Call): Record<string, string | number> {
  const given = Object.entries(params).filter(([key]) => !CONTROL.has(key))
  return Object.fromEntries(given.map(([key, value]) => [key, plainValue(key, value)]))
}

function list(kind: Kind): Handler {
  return (call) => {
    const node = call.params['check-node']
    const known = Object.entries(entriesOf(call, kind))
    return known
      .filter(([id]) => READERS.some((privilege) => call.allowed(`/mapping/${kind}/${id}`, [privilege])))
      .map(([id, { map, options }]) => {
        return {
          id,
          ...options,
          map,
          ...(node === undefined ? {} : { checks: checksOf(call, kind, id, map, String(node)) }),
        }
      })
  }
}

/** What stands against a mapping on a node: no entry, or one that is not what is built in. */
function checksOf({ world }: Call, kind: Kind, id: string, map: readonly string[], node: string): unknown {
  const here = map.map((entry) => parseProperties(entry, '')).filter((entry) => entry.node === node)
  if (here.length === 0) return [{ severity: 'warning', message: `No mapping for node ${node}.` }]
  if (kind === 'dir') return []
  const problemOf = kind === 'pci' ? pciProblem : usbProblem
  const problems = here.flatMap((entry) => problemOf(hostOf(world.state, node), id, entry) ?? [])
  return problems.map((problem) => ({ severity: 'error', message: `Invalid configuration: ${problem}\n` }))
}

function create(kind: Kind): Handler {
  return (call) => {
    const known = entriesOf(call, kind)
    const id = String(call.params.id)
    if (known[id]) throw failure(`mapping '${id}' already exists`)
    known[id] = { map: mapOf(call), options: optionsOf(call) }
    call.world.changed()
    return null
  }
}

function mapOf({ params }: Call): string[] {
  // An update without a map fails although the schema calls it optional.
  if (!Array.isArray(params.map)) throw failure("Can't use an undefined value as an ARRAY reference")
  return params.map.map(String)
}

function get(call: Call, kind: Kind) {
  const found = entriesOf(call, kind)[String(call.ids.id)]
  if (!found) throw failure(`mapping '${call.ids.id}' not found`)
  return found
}

function update(kind: Kind): Handler {
  return (call) => {
    const found = get(call, kind)
    const map = mapOf(call)
    const options = { ...found.options, ...optionsOf(call) }
    for (const key of toList(call.params.delete)) delete options[key]
    Object.assign(found, { map, options })
    call.world.changed()
    return null
  }
}

function remove(kind: Kind): Handler {
  return (call) => {
    delete entriesOf(call, kind)[String(call.ids.id)]
    call.world.changed()
    return null
  }
}

function routesOf(kind: Kind): Routes {
  const base = `/cluster/mapping/${kind}`
  return {
    [`GET ${base}`]: list(kind),
    [`POST ${base}`]: create(kind),
    [`GET ${base}/{id}`]: (call) => {
      const { map, options } = get(call, kind)
      return { ...options, map }
    },
    [`PUT ${base}/{id}`]: update(kind),
    [`DELETE ${base}/{id}`]: remove(kind),
  }
}

export const mappingRoutes: Routes = {
  'GET /cluster/mapping': () => ['dir', 'pci', 'usb'].map((name) => ({ name })),
  ...routesOf('pci'),
  ...routesOf('usb'),
  ...routesOf('dir'),
}
