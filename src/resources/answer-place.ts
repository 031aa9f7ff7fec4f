// Where the answers for Windows Setup lie: beside the disc that Windows is installed from, and in a drive of their own.
import { OrionError } from '../errors.ts'
import type { Guest, Image, Site, Storage } from '../site/site.ts'
import { storageOf } from './image-place.ts'

/** SATA: Setup reads it without a driver, and every machine type has it. */
export const ANSWER_DRIVE = 'sata0'

/** What a directory storage is called where the site file does not describe it: that of every installation of Proxmox VE. */
const LOCAL: Pick<Storage, 'type' | 'options'> = { type: 'dir', options: { path: '/var/lib/vz' } }

/** The volume that holds the answers of one guest, e.g. `local:iso/orion-answer-120.iso`. */
export function answerVolume({ vmid }: Pick<Guest, 'vmid'>, { iso }: Image & { kind: 'iso' }): string {
  return `${storageOf(iso)}:iso/orion-answer-${vmid}.iso`
}

export interface AnswerPlace {
  readonly storage: string
  readonly volid: string
  /** The same as a file of the node. */
  readonly path: string
}

/** Errors: E_IMAGE where that storage is no folder that orion knows. */
export function answerPlace(site: Pick<Site, 'images' | 'storage'>, guest: Guest): AnswerPlace {
  const image = site.images.find(({ name }) => name === guest.image)
  if (image?.kind !== 'iso')
    throw new OrionError(`${guest.name} has answers for Windows Setup, and no disc to install from`, {
      code: 'E_IMAGE',
      suggestions: ['name an image with iso'],
    })
  const storage = storageOf(image.iso)
  const folder = folderOf(
    site.storage.find(({ name }) => name === storage) ?? (storage === 'local' ? LOCAL : undefined),
  )
  if (folder === undefined)
    throw new OrionError(`the answers for ${guest.name} have no place: orion does not know the folder of ${storage}`, {
      code: 'E_IMAGE',
      suggestions: [`describe ${storage} in the site file (type dir, with path), or put ${image.iso} on local`],
    })
  const volid = answerVolume(guest, image)
  return { storage, volid, path: `${folder}/template/iso/${volid.slice(volid.indexOf('/') + 1)}` }
}

/** Where Proxmox VE has the files of a storage; undefined where it has none. */
function folderOf(storage: (Pick<Storage, 'type' | 'options'> & { readonly name?: string }) | undefined) {
  if (storage === undefined) return undefined
  const { path } = storage.options
  if (typeof path === 'string' && path.startsWith('/')) return path.replace(/\/+$/, '')
  return storage.type === 'nfs' || storage.type === 'cifs' ? `/mnt/pve/${storage.name}` : undefined
}
