// A gateway of the mesh, or a node beside one, as a host: a guest may not run, and is reached through its node.
import type { Outside } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { guestHost } from '../../resources/guest-host.ts'
import type { Site } from '../../site/site.ts'

/** By its name. Errors of the host: those of a guest that does not run, and of Outside. */
export function reachOf(site: Site): NonNullable<FileSet['reach']> {
  return (name: string, outside: Outside) => {
    const guest = site.guests.find((one) => one.name === name)
    return guest ? guestHost(site, guest, outside) : outside.host(name)
  }
}
