// Where an image lies: on which storage, under which name, and where that comes from.
import { OrionError } from '../errors.ts'
import type { Content, Image, Site, Storage } from '../site/site.ts'

export interface ImagePlace {
  readonly storage: Storage
  readonly content: Content
}

/** What every installation of Proxmox VE has, where the site file does not say otherwise. */
const LOCAL: Storage = {
  name: 'local',
  type: 'dir',
  content: ['iso', 'vztmpl', 'backup'],
  nodes: [],
  shared: false,
  options: { path: '/var/lib/vz' },
}

const CONTENT = { url: 'import', template: 'vztmpl' } as const

/**
 * The storage that keeps an image for a node: the site's first one there that takes its kind of content.
 * Errors: E_IMAGE where none does.
 */
export function imagePlace(site: Site, image: Image & { kind: 'url' | 'template' }, node: string): ImagePlace {
  const content = CONTENT[image.kind]
  const declared = site.storage.some(({ name }) => name === LOCAL.name) ? site.storage : [...site.storage, LOCAL]
  const storage = declared.find((one) => one.content.includes(content) && isOn(one, node))
  if (storage !== undefined) return { storage, content }
  throw new OrionError(`image ${image.name} has no place on ${node}: no storage of the site takes ${content}`, {
    code: 'E_IMAGE',
    suggestions: [`add ${content} to the content of a storage (a directory, not a ZFS pool) of ${node}`],
  })
}

/**
 * What to ask a storage for, so that one request tells of every image of the site on it: the content type where there is but
 * one; undefined = all content.
 */
export function contentToList(site: Site, storage: string, node: string): Content | undefined {
  const found = new Set(site.images.flatMap((image) => contentsOn(site, image, storage, node)))
  const [only] = found
  return found.size === 1 ? only : undefined
}

function contentsOn(site: Site, image: Image, storage: string, node: string): readonly (Content | undefined)[] {
  if (image.kind === 'url' || image.kind === 'template') {
    const content = CONTENT[image.kind]
    return placeOf(site, content, node)?.name === storage ? [content] : []
  }
  const volids = image.kind === 'volume' ? [image.volume] : [image.iso, image.drivers ?? image.iso]
  return volids.filter((volid) => storageOf(volid) === storage).map(contentOf)
}

const FOLDERS: readonly Content[] = ['iso', 'import', 'vztmpl', 'snippets']

/** `local:iso/x.iso` says its content; `local-zfs:vm-9000-disk-0` is a disk and does not. */
export function contentOf(volid: string): Content | undefined {
  const folder = /^[^:]+:([a-z]+)\//.exec(volid)?.[1]
  return FOLDERS.find((one) => one === folder)
}

function placeOf(site: Site, content: Content, node: string): Storage | undefined {
  return site.storage.find((one) => one.content.includes(content) && isOn(one, node))
}

/** Is this storage on that node? An empty list means all. */
export function isOn(storage: Storage, node: string): boolean {
  return storage.nodes.length === 0 || storage.nodes.includes(node)
}

/** Storages that every node sees with the same volumes in it. */
export function isShared({ shared, type }: Storage): boolean {
  return shared || ['nfs', 'cifs', 'rbd', 'cephfs', 'pbs'].includes(type)
}

/** The first storage of a volume id: `local:iso/x.iso` → `local`. */
export function storageOf(volid: string): string {
  return volid.split(':')[0] ?? ''
}

const SUFFIXES = /\.(qcow2|raw|vmdk|img)$/i

/**
 * The name under which a downloaded disk is kept. Proxmox VE imports by extension (in lower case) and does not know `.img`, which the
 * distributions' cloud images use for qcow2. Two images of one name keep apart by the image's own name. Errors: E_IMAGE.
 */
export function imageFile(site: Pick<Site, 'images'>, image: Image & { kind: 'url' }): string {
  const base = baseName(image.url)
  if (!SUFFIXES.test(base)) throw unknownSuffix(image)
  const twin = site.images.some(
    (other) => other.kind === 'url' && other.url !== image.url && baseName(other.url) === base,
  )
  const name = twin ? `${image.name}-${base}` : base
  const ending = name.slice(name.lastIndexOf('.')).toLowerCase()
  return `${name.slice(0, -ending.length)}${ending === '.img' ? '.qcow2' : ending}`.replaceAll(/[^\w.-]/g, '_')
}

/** The last part of an address's path, e.g. `debian-13-genericcloud-amd64.qcow2`. */
export function baseName(url: string): string {
  const path = new URL(url).pathname
  const name = path.slice(path.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(name)
  } catch {
    return name // A stray % is legal in an address.
  }
}

function unknownSuffix(image: Image & { kind: 'url' }): OrionError {
  const ova = /\.ova$/i.test(image.url)
  return new OrionError(`image ${image.name}: Proxmox VE cannot import ${baseName(image.url)} as a disk`, {
    code: 'E_IMAGE',
    suggestions: [
      'take a .qcow2, .img, .raw or .vmdk image',
      ova
        ? 'an appliance holds several files: upload it, then name its disk as volume: STORAGE:import/FILE.ova/DISK.vmdk'
        : 'for a packed one: unpack it and upload it, then name it as volume: STORAGE:import/FILE',
    ],
  })
}
