// A container (LXC) of the site.
import { OrionError } from '../errors.ts'
import type { Outside, Resource, ResourceId, Wishes } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { containerOptions } from './container-options.ts'
import { bindMounts, containerVolumes } from './container-volumes.ts'
import { guestResource } from './guest.ts'
import { statedRows } from './guest-adopted.ts'
import { withDevices } from './guest-devices-rows.ts'
import type { GuestState } from './guest-state.ts'
import { findImage } from './image-find.ts'
import { guestImage } from './vm.ts'
import { surplusNics } from './vm-nics.ts'

/** Takes a guest of kind `ct`. Errors: E_IMAGE where its image is no container template. */
export function container(
  site: Site,
  guest: Guest,
  options: { readonly wishes: Wishes; readonly needs: readonly ResourceId[] },
): Resource<GuestState> {
  const image = guestImage(site, guest)
  const isTemplate = image?.kind === 'template' || image?.kind === 'volume'
  if (!isTemplate && !guest.adopted) throw noTemplate(guest)
  const rows = statedRows(site, guest, containerOptions(guest, site))
  const origin = async (outside: Outside) => {
    if (!isTemplate) throw noTemplate(guest)
    const ostemplate = await findImage(site, image, guest.node, outside.pve.cluster(guest.node))
    if (ostemplate === undefined) throw missingTemplate(guest, image.name)
    return { ostemplate }
  }
  return guestResource({
    site,
    guest,
    ...options,
    disks: containerVolumes(guest),
    rows: (have) => [...withDevices(site, guest, rows, have), ...bindMounts(guest, have), ...surplusNics(guest, have)],
    origin,
  })
}

function noTemplate({ name, image }: Guest): OrionError {
  return new OrionError(
    `${name} is a container and ${image === undefined ? 'names no image' : `${image} is no container template`}`,
    {
      code: 'E_IMAGE',
      suggestions: ['name an image with a template (of the appliance index) or a volume (STORAGE:vztmpl/FILE)'],
    },
  )
}

function missingTemplate({ name, node }: Guest, image: string): OrionError {
  return new OrionError(`${name} cannot be created: no template for image ${image} is on ${node}`, {
    code: 'E_IMAGE',
    suggestions: [`apply with the image: orion vm apply --only ${image} --only ${name}`],
  })
}
