// A virtual machine of the site.
import { OrionError } from '../errors.ts'
import type { Resource, ResourceId, Wishes } from '../resource.ts'
import type { Guest, Image, Site } from '../site/site.ts'
import { guestResource } from './guest.ts'
import { statedRows } from './guest-adopted.ts'
import { withDevices } from './guest-devices-rows.ts'
import type { GuestState } from './guest-state.ts'
import { imageFile, imagePlace } from './image-place.ts'
import { vmDisks } from './vm-disks.ts'
import { surplusNics } from './vm-nics.ts'
import { vmOptions } from './vm-options.ts'

/** Takes a guest of kind `vm`. Errors: E_IMAGE for an image that no VM can come from. */
export function vm(
  site: Site,
  guest: Guest,
  options: { readonly wishes: Wishes; readonly needs: readonly ResourceId[] },
): Resource<GuestState> {
  const image = guestImage(site, guest)
  const rows = statedRows(site, guest, vmOptions(guest, site, image))
  return guestResource({
    site,
    guest,
    ...options,
    disks: vmDisks(guest, diskSource(site, guest, image)),
    rows: (have) => [...withDevices(site, guest, rows, have), ...surplusNics(guest, have)],
    origin: async () => ({}),
  })
}

/** The image that a guest names; undefined = none. Errors: E_IMAGE. */
export function guestImage(site: Site, guest: Guest): Image | undefined {
  if (guest.image === undefined) return undefined
  const image = site.images.find(({ name }) => name === guest.image)
  if (image !== undefined) return image
  throw new OrionError(`${guest.name} wants image ${guest.image}, which the site file does not have`, {
    code: 'E_IMAGE',
  })
}

// A cloud image's volume is known before it is fetched: its storage and file name follow from the site file.
function diskSource(site: Site, guest: Guest, image: Image | undefined) {
  if (image === undefined || image.kind === 'iso') return undefined
  if (image.kind === 'volume') return { volid: image.volume, image: image.name }
  if (image.kind === 'url') {
    const { storage, content } = imagePlace(site, image, guest.node)
    return { volid: `${storage.name}:${content}/${imageFile(site, image)}`, image: image.name }
  }
  throw new OrionError(`${guest.name} is a virtual machine and cannot come from container template ${image.name}`, {
    code: 'E_IMAGE',
    suggestions: ['name a url, volume or iso image, or make it a container: kind: ct'],
  })
}
