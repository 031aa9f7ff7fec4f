// A resource mapping of the cluster: the name under which guests get a device, and where the device is on each node.
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Outside, Resource, ResourceId } from '../resource.ts'
import { busOf, type DeviceLook, type DeviceSight, entryOf, readSight } from './device-sight.ts'
import { type Properties, printProperties } from './property-string.ts'
import { type Mapping, mappings } from './shared-reads.ts'

export interface MappingHave {
  /** undefined = there is none. */
  readonly mapping?: Mapping
  readonly sight: DeviceSight
}

export interface MappingOptions {
  readonly cluster: string
  readonly needs: readonly ResourceId[]
  /** It shall not be there: for an undo. */
  readonly absent?: boolean
  /** The node restarts in this run: what is not known before is a change of it, and nothing to wait for. */
  readonly restarts?: boolean
}

// Proxmox VE compares them with the device before each start. It wants iommugroup and subsystem-id where the device has them,
// and refuses the start of the guest without them ("missing expected property").
const OWNED = ['path', 'id', 'subsystem-id', 'iommugroup'] as const

export const mappingId = (cluster: string, { device }: Pick<DeviceLook, 'device'>): ResourceId =>
  `${busOf(device)}-mapping:${cluster}/${device.name}`

/** The mapping of a device of the site; lines of other nodes stay. Errors: E_FOREIGN for one of that name that is not the site's. */
export function deviceMapping(
  look: DeviceLook,
  { cluster, needs, absent = false, restarts = false }: MappingOptions,
): Resource<MappingHave> {
  const { device } = look
  const { name } = device
  // An absent mapping has told diff() nothing: what a plan shows is what the look at the node has found.
  let planned: MappingHave = { sight: {} }
  const diff = ({ mapping, sight }: MappingHave) =>
    absent
      ? diffAbsent(look, mapping)
      : diffPresent(look, mapping, sight).map((one) => (restarts ? withoutWait(one) : one))
  const write = (outside: Outside, have: MappingHave) => (absent ? takeAway : put)(look, have, outside)
  return {
    id: mappingId(cluster, look),
    title: name,
    needs,
    observe: async (outside) => {
      const mapping = (await mappings(outside.pve.cluster(device.node), busOf(device))).get(name)
      const sight = absent ? {} : await readSight(look, outside)
      if (mapping && !absent && diffPresent(look, mapping, sight).length > 0) refuseForeign(look, mapping)
      planned = { sight, ...(mapping ? { mapping } : {}) }
      return mapping || absent || sight.entry === undefined ? planned : undefined
    },
    diff: (have) => diff(have ?? planned),
    create: (outside) => put(look, planned, outside),
    update: write,
    remove: (outside, have) => takeAway(look, have, outside),
  }
}

function isOurs({ site }: DeviceLook, { description = '' }: Mapping): boolean {
  return description.trim() === markOf(site.name)
}

/** How a mapping of a site describes itself. */
export const markOf = (site: string): string => `orion: ${site}`

function refuseForeign(look: DeviceLook, mapping: Mapping): void {
  if (isOurs(look, mapping)) return
  const { name, node } = look.device
  const line = entryOf(mapping, node)
  throw new OrionError(
    `the mapping ${name} was not made for this site, and ${line ? `says ${print(line)} of ${node}` : `does not have ${node}`}`,
    { code: 'E_FOREIGN', suggestions: [`give devices.${name} another name in the site file, or delete that mapping`] },
  )
}

function wantedLine({ node }: { readonly node: string }, sight: DeviceSight): Properties | undefined {
  return sight.entry && new Map([['node', node], ...Object.entries(sight.entry)])
}

const print = (line: Properties): string =>
  printProperties(new Map(OWNED.flatMap((key) => (line.has(key) ? [[key, line.get(key) ?? ''] as const] : []))))

function diffPresent({ device }: DeviceLook, mapping: Mapping | undefined, sight: DeviceSight): readonly Difference[] {
  const want = wantedLine(device, sight)
  const have = mapping && entryOf(mapping, device.node)
  const shown = have ? { have: print(have) } : {}
  if (want === undefined) {
    if (have && sight.problem === undefined) return [] // It may be right; what restarts the node looks again.
    const hint = sight.problem ?? `${sight.reboot}: orion gpu apply --node ${device.node} --reboot now`
    return [{ field: device.node, ...shown, want: 'its address and group', waits: 'operator', hint }]
  }
  return have && print(have) === print(want) ? [] : [{ field: device.node, ...shown, want: print(want) }]
}

function withoutWait({ waits: _, hint: __, ...difference }: Difference): Difference {
  return difference
}

function diffAbsent(look: DeviceLook, mapping: Mapping | undefined): readonly Difference[] {
  const have = mapping && entryOf(mapping, look.device.node)
  return mapping && have && isOurs(look, mapping) ? [{ field: look.device.node, have: print(have) }] : []
}

async function put(look: DeviceLook, { mapping, sight }: MappingHave, outside: Outside): Promise<void> {
  const { device, site } = look
  const want = wantedLine(device, sight)
  if (want === undefined) return
  const api = mappingApi(outside.pve.cluster(device.node), busOf(device))
  const line = printProperties(want)
  const description = `${markOf(site.name)}`
  if (mapping === undefined) return api.create({ id: device.name, map: [line], description })
  const others = mapping.map.filter((one) => !isOf(one, device.node))
  await api.change(device.name, { map: [...others, line], description })
}

async function takeAway(look: DeviceLook, { mapping }: MappingHave, outside: Outside): Promise<void> {
  const { device } = look
  if (mapping === undefined || !isOurs(look, mapping)) return
  const api = mappingApi(outside.pve.cluster(device.node), busOf(device))
  const others = mapping.map.filter((one) => !isOf(one, device.node))
  if (others.length === 0) await api.remove(device.name)
  else await api.change(device.name, { map: others })
}

const isOf = (line: string, node: string): boolean => line.split(',').includes(`node=${node}`)

interface Wish {
  readonly map: string[]
  readonly description?: string
}

/** Writes of the mappings of a bus. */
export function mappingApi({ api }: Cluster, bus: 'pci' | 'usb') {
  const list = api.cluster.mapping[bus]
  return {
    create: async (wish: Required<Wish> & { readonly id: string }) => void (await list.$post(untyped(wish))),
    change: async (name: string, wish: Wish) => void (await list.$(name).$put(untyped(wish))),
    remove: async (name: string) => void (await list.$(name).$delete()),
  }
}

// proxmox-api types the lines of `map` as one text.
function untyped<T>(wish: Wish): T {
  return wish as T
}
