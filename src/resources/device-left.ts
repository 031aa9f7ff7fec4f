// Mappings that orion made for this site and that no device of the site file has any more: nobody would look after them.
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Resource } from '../resource.ts'
import type { Device } from '../site/services.ts'
import type { Site } from '../site/site.ts'
import { markOf } from './device-mapping.ts'
import { busOf } from './device-sight.ts'
import { readPending, settingsOf } from './guest-state.ts'
import { parseProperties } from './property-string.ts'
import { type ClusterGuest, clusterGuests, mappings } from './shared-reads.ts'

type Bus = 'pci' | 'usb'

interface LeftMapping {
  readonly bus: Bus
  readonly name: string
  /** The lines of its nodes. */
  readonly map: readonly string[]
  /** Options of guests that name it: they start with it. */
  readonly holders: readonly { readonly guest: ClusterGuest; readonly key: string }[]
}

/**
 * Those of one cluster, reached over `node`: a warning, as a guest may work with one. Never absent, and never changed. One bulk
 * read, and guests only where there is such a mapping. USB is looked at while the site has a device there. Errors: E_PVE_*.
 */
export function deviceLeft(site: Site, cluster: string, node: string): Resource<readonly LeftMapping[]> {
  const nodes = new Set(site.nodes.filter((one) => one.cluster === cluster).map(({ name }) => name))
  const own = site.devices.filter((device) => nodes.has(device.node))
  const buses = new Set<Bus>(['pci', ...own.map(busOf)])
  return {
    id: `device-left:${cluster}/mappings`,
    title: `mappings without a device in ${cluster}`,
    needs: [],
    observe: async (outside) => {
      const target = outside.pve.cluster(node)
      if ((await target.version()).major < 8) return [] // It has no mappings.
      const left = await Promise.all([...buses].map((bus) => readLeft(site.name, own, bus, target)))
      return left.flat()
    },
    diff: (have) => (have ?? []).map(diffLeft),
    create: async () => undefined,
    update: async () => undefined,
    remove: async () => undefined,
  }
}

async function readLeft(
  site: string,
  own: readonly Device[],
  bus: Bus,
  target: Cluster,
): Promise<readonly LeftMapping[]> {
  const names = new Set(own.filter((device) => busOf(device) === bus).map(({ name }) => name))
  const left = [...(await mappings(target, bus))].filter(
    // Whole: another site's name may begin as this one's.
    ([name, { description }]) => description === markOf(site) && !names.has(name),
  )
  return Promise.all(
    left.map(async ([name, { map }]) => ({ bus, name, map, holders: await readHolders(target, bus, name) })),
  )
}

async function readHolders(target: Cluster, bus: Bus, name: string): Promise<LeftMapping['holders']> {
  const family = bus === 'pci' ? /^hostpci\d+$/ : /^usb\d+$/
  const vms = [...(await clusterGuests(target)).values()].filter(({ kind }) => kind === 'vm')
  const found = vms.map(async (guest) => {
    const settings = settingsOf((await readPending(target, guest)) ?? [])
    const isIt = (value = '') => parseProperties(value, 'host').get('mapping') === name
    return [...settings].flatMap(([key, { next }]) => (family.test(key) && isIt(next) ? [{ guest, key }] : []))
  })
  return (await Promise.all(found)).flat()
}

function diffLeft({ bus, name, map, holders }: LeftMapping): Difference {
  const nodes = map.map((line) => parseProperties(line).get('node') ?? '?')
  const users = holders.map(({ guest, key }) => `${key} of ${guest.name}`)
  const have = [`mapping for ${nodes.join(' and ')}`, ...users].join(', ')
  const away = holders.map(({ guest, key }) => `qm set ${guest.vmid} --delete ${key} (on ${guest.node})`)
  const steps = [...away, `pvesh delete /cluster/mapping/${bus}/${name}`].join(', then ')
  const hint = `no device of the site file has this name: put it back, or take it away by hand: ${steps}`
  return { field: name, have, waits: 'operator', hint }
}
