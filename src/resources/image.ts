// An image on a node: a cloud image or a container template that orion fetches, a volume or an ISO that must be there.
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Outside, Resource, ResourceId } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { cloudImage, type Fetching, type ImageSetting, template } from './image-fetch.ts'
import { contentOf, contentToList, storageOf } from './image-place.ts'
import { volumes } from './shared-reads.ts'

/** The volumes that the image is. */
export interface ImageHave {
  readonly volids: readonly string[]
}

/**
 * The image of the site for a node. What is there is never fetched again.
 * Errors of observe: E_IMAGE where it is not there and cannot be fetched.
 */
export function image(site: Site, name: string, node: string, needs: readonly ResourceId[]): Resource<ImageHave> {
  const wanted = site.images.find((one) => one.name === name)
  if (wanted === undefined) throw new OrionError(`there is no image ${name} in the site file`, { code: 'E_IMAGE' })
  const fetching = fetchingOf({ site, image: wanted, node })
  return {
    id: `image:${node}/${name}`,
    title: name,
    needs,
    async observe(outside) {
      const volids = await fetching.find(outside)
      if (volids.length > 0) return { volids }
      await fetching.check(outside)
      return undefined
    },
    diff: (have) => (have === undefined ? fetching.want() : []),
    create: (outside, note) => fetching.fetch(outside, note),
    update: async () => {},
    remove: async () => {
      throw new OrionError(`image ${name} stays on ${node}: guests of other sites may use it`, {
        code: 'E_IMMUTABLE',
        suggestions: [`to remove it: pvesm free VOLUME on ${node}`],
      })
    },
  }
}

function fetchingOf(setting: ImageSetting): Fetching {
  const { image: wanted } = setting
  if (wanted.kind === 'url') return cloudImage(setting, wanted)
  if (wanted.kind === 'template') return template(setting, wanted)
  const volids =
    wanted.kind === 'iso' ? [wanted.iso, ...(wanted.drivers === undefined ? [] : [wanted.drivers])] : [wanted.volume]
  return present(setting, volids)
}

// Nobody can fetch these: they must be on their storage already.
function present({ site, image: { name }, node }: ImageSetting, volids: readonly string[]): Fetching {
  const missing = async (volid: string, cluster: Cluster) => {
    const storage = storageOf(volid)
    const found = await volumes(cluster, node, storage, contentToList(site, storage, node))
    // A disk inside of an appliance (`local:import/x.ova/disk.vmdk`) is not listed by itself.
    const file = volid.replace(/(\.ova)\/.+$/i, '$1')
    return !found.some((volume) => volume.volid === file)
  }
  const absent = async (outside: Outside) => {
    const cluster = outside.pve.cluster(node)
    const gone = await Promise.all(volids.map((volid) => missing(volid, cluster)))
    return volids.filter((_, index) => gone[index])
  }
  const check = async (outside: Outside) => {
    const gone = await absent(outside)
    if (gone.length > 0) throw missingVolume(name, node, gone)
  }
  return {
    want: () => volids.map((volid) => ({ field: 'volume', want: volid })),
    find: async (outside) => ((await absent(outside)).length === 0 ? volids : []),
    check,
    fetch: check,
  }
}

function missingVolume(name: string, node: string, volids: readonly string[]): OrionError {
  const [first = ''] = volids
  return new OrionError(`image ${name}: ${volids.join(' and ')} ${volids.length > 1 ? 'are' : 'is'} not on ${node}`, {
    code: 'E_IMAGE',
    suggestions: [
      `upload the file to storage ${storageOf(first)} of ${node} (web interface: ${storageOf(first)} → ${contentOf(first) === 'iso' ? 'ISO Images' : 'content'}), then run again`,
    ],
  })
}
