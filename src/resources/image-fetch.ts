// Fetches images: cloud images from their address, container templates from the appliance index.
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Note, Outside } from '../resource.ts'
import type { Checksum, Image, Site } from '../site/site.ts'
import { newestTemplate } from './appliance.ts'
import { type Digest, imageDigest } from './checksum.ts'
import { findImage } from './image-find.ts'
import { imageFile, imagePlace } from './image-place.ts'

export interface ImageSetting {
  readonly site: Site
  readonly image: Image
  readonly node: string
}

/** How one kind of image is looked for and fetched. */
export interface Fetching {
  /** What a plan shows of an absent image; asked for after `check`. */
  want(): readonly Difference[]
  find(outside: Outside): Promise<readonly string[]>
  /** What is wrong before anything is fetched; thrown when planning. */
  check(outside: Outside): Promise<void>
  fetch(outside: Outside, note: Note): Promise<void>
}

// The types of proxmox-api are older than this content type.
const IMPORT: string = 'import'

/** A disk image fetched from its address, with its checksum, into content type `import`. */
export function cloudImage({ site, node }: ImageSetting, wanted: Image & { kind: 'url' }): Fetching {
  const { storage } = imagePlace(site, wanted, node)
  const filename = imageFile(site, wanted)
  // What the plan shows is what the download is checked against: the sums file is not read again when it is applied.
  const planned: { digest?: Digest } = {}
  const digest = async (outside: Outside): Promise<Digest | undefined> => {
    if (wanted.checksum === undefined) return undefined
    planned.digest ??= await imageDigest(wanted, wanted.checksum, outside)
    return planned.digest
  }
  return {
    want: () => [
      { field: 'url', want: wanted.url },
      { field: 'volume', want: `${storage.name}:import/${filename}` },
      { field: 'checksum', want: describe(wanted.checksum, planned.digest) },
    ],
    find: async (outside) => toList(await findImage(site, wanted, node, outside.pve.cluster(node))),
    async check(outside) {
      await requireImport(outside.pve.cluster(node), wanted.name)
      await digest(outside)
    },
    async fetch(outside, note) {
      const cluster = outside.pve.cluster(node)
      await waitForDownloads({ cluster, node, filename, note })
      outside.pve.forget()
      if ((await findImage(site, wanted, node, cluster)) !== undefined) return
      if (wanted.checksum === undefined)
        note({ kind: 'warning', text: `${wanted.name} has no checksum: nothing proves what was downloaded` })
      const sum = await digest(outside)
      const checked = sum && { checksum: sum.hex, 'checksum-algorithm': sum.algorithm }
      const parameters = { content: IMPORT as 'iso', filename, url: wanted.url, ...checked }
      await cluster.task(
        await cluster.api.nodes.$(node).storage.$(storage.name)['download-url'].$post(parameters),
        note,
      )
    },
  }
}

function describe(checksum: Checksum | undefined, digest: Digest | undefined): string {
  if (checksum === undefined) return 'none: it is taken unchecked'
  const sum = checksum.kind === 'digest' ? checksum : digest
  const text = sum === undefined ? '' : `${sum.algorithm}:${sum.hex.toLowerCase()}`
  return checksum.kind === 'digest' ? text : `${text} from ${checksum.url}`.trim()
}

/** A container template of Proxmox VE's appliance index: the newest that fits, unless one that fits is there. */
export function template({ site, node }: ImageSetting, wanted: Image & { kind: 'template' }): Fetching {
  const { storage } = imagePlace(site, wanted, node)
  const planned: { file?: string } = {}
  return {
    want: () => [
      { field: 'template', want: planned.file ?? wanted.template },
      { field: 'storage', want: storage.name },
    ],
    find: async (outside) => toList(await findImage(site, wanted, node, outside.pve.cluster(node))),
    async check(outside) {
      planned.file = await indexedTemplate(outside.pve.cluster(node), wanted, node)
    },
    async fetch(outside, note) {
      const cluster = outside.pve.cluster(node)
      const file = planned.file ?? (await indexedTemplate(cluster, wanted, node))
      await waitForDownloads({ cluster, node, filename: file, note })
      outside.pve.forget()
      if ((await findImage(site, wanted, node, cluster)) !== undefined) return
      await cluster.task(await cluster.api.nodes.$(node).aplinfo.$post({ storage: storage.name, template: file }), note)
    },
  }
}

async function indexedTemplate(cluster: Cluster, wanted: Image & { kind: 'template' }, node: string): Promise<string> {
  const rows = await cluster.once(`aplinfo:${node}`, () => cluster.api.nodes.$(node).aplinfo.$get())
  const file = newestTemplate(
    wanted.template,
    rows.map((row) => String(row.template)),
  )
  if (file !== undefined) return file
  throw new OrionError(`image ${wanted.name}: the appliance index of ${node} has no template ${wanted.template}`, {
    code: 'E_IMAGE',
    suggestions: [`refresh the index: pveam update on ${node}`, `see what there is: pveam available on ${node}`],
  })
}

// Content type `import` takes disk images since 8.4.
async function requireImport(cluster: Cluster, name: string): Promise<void> {
  const { major, minor, text } = await cluster.version()
  if (major > 8 || (major === 8 && minor >= 4)) return
  throw new OrionError(`image ${name}: Proxmox VE ${text} cannot keep cloud images for import; 8.4 and later can`, {
    code: 'E_IMAGE',
    suggestions: ['upgrade the node, or put the image on a storage yourself and name it: volume: STORAGE:VOLUME'],
  })
}

interface Download {
  readonly cluster: Cluster
  readonly node: string
  /** What the task is named after. Not every version names the task of a template: one without a name may be ours. */
  readonly filename: string
  readonly note: Note
}

/**
 * Waits for downloads that run already: a run that was killed leaves its own behind, and a second one beside it would fetch
 * everything twice. How such a task ends does not matter here: the storage tells.
 */
async function waitForDownloads({ cluster, node, filename, note }: Download): Promise<void> {
  const tasks = await cluster.api.nodes.$(node).tasks.$get({ source: 'active', typefilter: 'download' })
  const running = tasks.filter(
    ({ type, id, endtime }) => type === 'download' && endtime === undefined && ['', filename].includes(id ?? ''),
  )
  for (const { upid } of running) {
    try {
      await cluster.task(upid, note)
    } catch (error) {
      if (!(error instanceof OrionError && error.code === 'E_TASK')) throw error
    }
  }
}

function toList(volid: string | undefined): readonly string[] {
  return volid === undefined ? [] : [volid]
}
