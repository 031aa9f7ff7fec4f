// The volumes of a container: its root file system, further volumes, and bind mounts of the host's folders.
import type { Guest } from '../site/site.ts'
import { floored } from './guest-adopted.ts'
import type { WantedDisk } from './guest-disks.ts'
import { withChannel } from './guest-options.ts'
import { ownedProperties, parseProperties, printProperties } from './property-string.ts'
import { isRootOnly } from './root-only.ts'
import type { Settings, Wanted } from './setting.ts'

type Mount = Guest['mounts'][number]

/** rootfs and every mount point that is a volume. */
export function containerVolumes(guest: Guest): readonly WantedDisk[] {
  const { storage, diskGib } = guest
  const root: WantedDisk = {
    slot: 'rootfs',
    storage,
    sizeGib: diskGib,
    fresh: `${storage}:${diskGib}`,
    imported: true,
    volumeKey: 'volume',
    properties: new Map(),
    owned: {},
    text: `${diskGib}G on ${storage}, from ${guest.image ?? 'its template'}`,
  }
  const first = guest.adopted && diskGib === 0 ? [] : [root]
  const all = [...first, ...guest.mounts.flatMap((mount, index) => volume(guest, mount, index))]
  return guest.adopted ? all.map(floored) : all
}

function volume(guest: Guest, mount: Mount, index: number): readonly WantedDisk[] {
  if (mount.source !== undefined || mount.sizeGib === undefined) return []
  const storage = mount.storage ?? guest.storage
  const properties = mountProperties(mount)
  return [
    {
      slot: `mp${index}`,
      storage,
      sizeGib: mount.sizeGib,
      fresh: `${storage}:${mount.sizeGib},${printProperties(properties)}`,
      volumeKey: 'volume',
      properties,
      owned: { mp: '', ro: '0' },
      text: `${mount.sizeGib}G on ${storage}, at ${mount.path}`,
    },
  ]
}

function mountProperties({ path, readOnly }: Mount): ReadonlyMap<string, string> {
  return new Map([['mp', path], ...(readOnly ? [['ro', '1'] as const] : [])])
}

const VOLUME_HINT =
  'a volume with data is there: take it off by hand (pct set, or in the site file another place in the list of mounts)'

/** Bind mounts give a container a folder of the host. Where a volume is in its place, orion does not take that away. */
export function bindMounts(guest: Guest, have: Settings): readonly Wanted[] {
  return guest.mounts.flatMap((mount, index): readonly Wanted[] => {
    if (mount.source === undefined) return []
    const key = `mp${index}`
    const value = `${mount.source},${printProperties(mountProperties(mount))}`
    const normal = (text: string) => ownedProperties(parseProperties(text, 'volume'), { volume: '', mp: '', ro: '0' })
    const stored = have.get(key)?.next
    const fixed = stored === undefined || isRootOnly(guest, key, stored) ? {} : { fixed: VOLUME_HINT }
    return [withChannel(guest, { key, value, normal, ...fixed })]
  })
}
