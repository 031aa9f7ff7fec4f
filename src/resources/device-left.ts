// Mappings that orion made for this site and that no device of the site file has any more: told, and taken away by an undo.
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Resource, ResourceId } from '../resource.ts'
import type { Device } from '../site/services.ts'
import type { Guest, Site } from '../site/site.ts'
import { mappingApi, markOf } from './device-mapping.ts'
import { write } from './device-move-write.ts'
import { busOf } from './device-sight.ts'
import { keysAway } from './guest-devices-rows.ts'
import { carriesMark } from './guest-identity.ts'
import { readGuest, readPending, settingsOf, waitUnlocked } from './guest-state.ts'
import type { Doing } from './guest-task.ts'
import { parseProperties } from './property-string.ts'
import { type ClusterGuest, clusterGuests, mappings } from './shared-reads.ts'

type Bus = 'pci' | 'usb'

interface LeftMapping {
  readonly bus: Bus
  readonly name: string
  /** The lines of its nodes. */
  readonly map: readonly string[]
  /** Options of guests that name it: they start with it. */
  readonly holders: readonly LeftHolder[]
}

interface LeftHolder {
  readonly guest: ClusterGuest
  readonly key: string
  /** Of this site; undefined = not orion's to touch. */
  readonly own?: Guest
}

export const deviceLeftId = (cluster: string): ResourceId => `device-left:${cluster}/mappings`

/**
 * Those of one cluster, reached over `node`: a warning, as a guest may work with one. Never absent, and changed only with
 * `absent`: then those of these nodes alone go, and of guests what names them. One bulk read, and guests only where there is such
 * a mapping. USB is looked at while the site has a device there. Errors: E_PVE_*.
 */
export function deviceLeft(
  site: Site,
  cluster: string,
  node: string,
  absent?: { readonly nodes: readonly string[] },
): Resource<readonly LeftMapping[]> {
  const nodes = new Set(site.nodes.filter((one) => one.cluster === cluster).map(({ name }) => name))
  const own = site.devices.filter((device) => nodes.has(device.node))
  const buses = new Set<Bus>(['pci', ...own.map(busOf)])
  return {
    id: deviceLeftId(cluster),
    title: `mappings without a device in ${cluster}`,
    needs: [],
    observe: async (outside) => {
      const target = outside.pve.cluster(node)
      if ((await target.version()).major < 8) return [] // It has no mappings.
      const left = (await Promise.all([...buses].map((bus) => readLeft(site, own, bus, target)))).flat()
      return absent ? left.filter(({ map }) => nodesOf(map).every((one) => absent.nodes.includes(one))) : left
    },
    diff: (have) => (have ?? []).map((one) => diffLeft(one, nodes, absent !== undefined)),
    create: async () => undefined,
    update: async (outside, have, note) => {
      for (const one of have) if (!whyByHand(one, nodes)) await takeAway(site, one, node, { outside, note })
    },
    remove: async () => undefined,
  }
}

const nodesOf = (map: readonly string[]) => map.map((line) => parseProperties(line).get('node') ?? '?')

/** What keeps orion from it; undefined = nothing. `known`: nodes of the site, for no command takes another one. */
function whyByHand({ map, holders }: LeftMapping, known: ReadonlySet<string>): string | undefined {
  if (holders.some(({ own }) => own === undefined)) return 'a guest that is not of this site has it'
  const stranger = nodesOf(map).find((node) => !known.has(node))
  return stranger && `it is for ${stranger}, which is no node of the site file`
}

/** Out of its guests first: a guest that names a mapping that is gone does not start. */
async function takeAway(site: Site, { bus, name, holders }: LeftMapping, node: string, doing: Doing): Promise<void> {
  const { outside, note } = doing
  for (const { own, key } of holders) {
    outside.pve.forget()
    const state = own && (await readGuest(site, own, outside))
    if (!own || !state) continue
    await waitUnlocked(own, state.node, outside, state)
    await write({ site }, own, state, keysAway(own, state.settings, [key]), doing)
    if (state.running) note({ kind: 'warning', text: `${own.name} runs on with ${name} until it stops` })
  }
  await mappingApi(outside.pve.cluster(node), bus).remove(name)
}

async function readLeft(
  site: Site,
  own: readonly Device[],
  bus: Bus,
  target: Cluster,
): Promise<readonly LeftMapping[]> {
  const names = new Set(own.filter((device) => busOf(device) === bus).map(({ name }) => name))
  const left = [...(await mappings(target, bus))].filter(
    // Whole: another site's name may begin as this one's.
    ([name, { description }]) => description === markOf(site.name) && !names.has(name),
  )
  return Promise.all(
    left.map(async ([name, { map }]) => ({ bus, name, map, holders: await readHolders(site, target, bus, name) })),
  )
}

async function readHolders(site: Site, target: Cluster, bus: Bus, name: string): Promise<readonly LeftHolder[]> {
  const family = bus === 'pci' ? /^hostpci\d+$/ : /^usb\d+$/
  const vms = [...(await clusterGuests(target)).values()].filter(({ kind }) => kind === 'vm')
  const found = vms.map(async (guest) => {
    const settings = settingsOf((await readPending(target, guest)) ?? [])
    const isIt = (value = '') => parseProperties(value, 'host').get('mapping') === name
    const ours = carriesMark(site, settings.get('tags')?.next ?? '')
    const own = ours ? site.guests.find(({ vmid, name: of }) => vmid === guest.vmid && of === guest.name) : undefined
    const holder = own === undefined ? { guest } : { guest, own }
    return [...settings].flatMap(([key, { next }]) => (family.test(key) && isIt(next) ? [{ ...holder, key }] : []))
  })
  return (await Promise.all(found)).flat()
}

function diffLeft(left: LeftMapping, known: ReadonlySet<string>, absent: boolean): Difference {
  const { bus, name, map, holders } = left
  const nodes = nodesOf(map)
  const users = holders.map(({ guest, key }) => `${key} of ${guest.name}`)
  const have = [`mapping for ${nodes.join(' and ')}`, ...users].join(', ')
  const why = whyByHand(left, known)
  if (absent && !why) return { field: name, have }
  const away = holders.map(({ guest, key }) => `qm set ${guest.vmid} --delete ${key} (on ${guest.node})`)
  const byHand = [...away, `pvesh delete /cluster/mapping/${bus}/${name}`].join(', then ')
  const undo = `orion gpu undo${nodes.map((one) => ` --node ${one}`).join('')} --only mappings`
  const steps = why ? ` by hand, as ${why}: ${byHand}` : `: ${undo}`
  const hint = `no device of the site file has this name: put it back, or take it away${steps}`
  return { field: name, have, waits: 'operator', hint }
}
