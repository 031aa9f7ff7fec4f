// Clusters, networks, storages and images: from checked input to the model.
import type { Cluster, Image, Network, Path, Storage } from '../site.ts'
import { type Context, compact } from './context.ts'

export function shapeClusters({ input }: Context): Cluster[] {
  const clusters = Object.entries(input.clusters ?? {})
  if (clusters.length === 0) return [{ name: input.site, isp: [] }]
  return clusters.map(([name, { isp = [], ...rest }]) => ({ name, isp, ...rest }))
}

/** Networks; `router` is the name of one guest. A bridge filters VLANs where one of its networks says so. */
export function shapeNetworks(context: Context): Network[] {
  const networks = Object.entries(context.input.networks ?? {})
  const aware = new Map<string, string>()
  for (const [name, { bridge, vlanAware }] of networks)
    if (bridge !== undefined && vlanAware && !aware.has(bridge)) aware.set(bridge, name)
  for (const [name, { bridge = '', vlanAware }] of networks)
    if (vlanAware === false && aware.has(bridge))
      context.report(['networks', name, 'vlanAware'], `network ${aware.get(bridge)} says that ${bridge} is VLAN aware`)
  return networks.map(([name, { router, dns = [], vlanAware = false, ...rest }]) => {
    const guest = router === undefined ? undefined : context.guest(router, ['networks', name, 'router'])
    return compact({ name, ...rest, vlanAware: vlanAware || aware.has(rest.bridge ?? ''), dns, router: guest })
  })
}

/** Types whose content is the same on every node that has them. */
const SHARED: ReadonlySet<string> = new Set(['nfs', 'cifs', 'rbd', 'cephfs', 'pbs'])

export function shapeStorage(context: Context): Storage[] {
  return Object.entries(context.input.storage ?? {}).map(([name, entry]) => {
    const { type, content, nodes = [], shared, ...rest } = entry
    const { password, ...options } = 'password' in rest ? rest : { ...rest, password: undefined }
    const known = nodes.filter((node, index) => context.has('nodes', node, ['storage', name, 'nodes', index]))
    return compact({
      name,
      type,
      content: [...new Set(content)],
      nodes: known,
      shared: shared ?? SHARED.has(type),
      options: optionsOf(options),
      password,
    })
  })
}

/** The API takes text: booleans are 1 and 0. */
function optionsOf(options: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      typeof value === 'boolean' ? (value ? '1' : '0') : String(value),
    ]),
  )
}

/** Every node has the storage `local`, whether the site file speaks of it or not. */
export function hasVolume(context: Context, volume: string, path: Path): boolean {
  const storage = volume.split(':')[0] ?? ''
  return storage === 'local' || context.has('storage', storage, path)
}

export function shapeImages(context: Context): Image[] {
  return Object.entries(context.input.images ?? {}).map(([name, image]): Image => {
    // Without a checksum nobody notices an image that was changed on the way or on the server.
    if (image.kind === 'url' && image.checksum === undefined)
      context.report(['images', name], 'has no checksum: what is downloaded is not checked', 'warning')
    if (image.kind === 'volume') hasVolume(context, image.volume, ['images', name, 'volume'])
    if (image.kind === 'iso') hasVolume(context, image.iso, ['images', name, 'iso'])
    if (image.kind === 'iso' && image.drivers !== undefined)
      hasVolume(context, image.drivers, ['images', name, 'drivers'])
    return { name, ...image }
  })
}
