// A guest that was there before orion: only what the site file says of it is compared, and nothing else is ever changed.
import { OrionError } from '../errors.ts'
import type { Guest, Site } from '../site/site.ts'
import type { WantedDisk } from './guest-disks.ts'
import { markTags, parseTags } from './guest-identity.ts'
import type { Wanted } from './setting.ts'

/** Option of Proxmox VE → key of the site file, where they are not the same word. '' = the site file's own matter. */
const KEYS: Readonly<Record<string, string>> = {
  // What the site file calls it need not be its name: a name there is one label, and unique.
  name: '',
  hostname: '',
  bios: 'firmware',
  nameserver: 'dns',
  searchdomain: 'searchDomain',
}

const keyOf = (option: string): string =>
  KEYS[option] ?? option.replace(/^net\d+$/, 'nics').replace(/^mp\d+$/, 'mounts')

/** Of these rows those that the site file says something about; every row of a guest that is orion's own. Pure. */
export function statedRows(site: Pick<Site, 'name'>, guest: Guest, rows: readonly Wanted[]): readonly Wanted[] {
  const { adopted } = guest
  if (adopted === undefined) return rows
  return rows.flatMap((row) => {
    if (!adopted.stated.has(keyOf(row.key))) return []
    return [row.key === 'tags' ? ownTags(site, guest, row) : row]
  })
}

/** It carries no mark of ours; one that it has from earlier is neither missed nor taken away. */
function ownTags(site: Pick<Site, 'name'>, guest: Guest, row: Wanted): Wanted {
  const marks = markTags(site)
  const plain = (tags: readonly string[]) => tags.filter((tag) => !marks.includes(tag)).join(';')
  const marked = (text: string) => parseTags(text).filter((tag) => marks.includes(tag))
  return {
    ...row,
    value: plain(parseTags(guest.tags.join(';'))),
    normal: (text) => plain(parseTags(text)),
    merge: (have) => [...parseTags(guest.tags.join(';')), ...marked(have)].join(';'),
  }
}

/** A disk with a little more than whole GiB is as wanted: the site file has no smaller unit. */
export function floored(disk: WantedDisk): WantedDisk {
  return { ...disk, isFloored: true }
}

/** It is gone, and nothing could make it again as it was. */
export function adoptedGone({ name, vmid, node, kind }: Guest): OrionError {
  return new OrionError(`${name} (${vmid} on ${node}) was adopted and is not there: orion does not make it anew`, {
    code: 'E_IMMUTABLE',
    suggestions: [
      `restore it from a backup: ${kind === 'vm' ? `qmrestore FILE ${vmid}` : `pct restore ${vmid} FILE`}`,
      `or take guests.${name} out of the site file`,
    ],
  })
}

export function adoptedStays({ name, vmid, node, kind }: Guest): OrionError {
  return new OrionError(`${name} (${vmid} on ${node}) was there before orion, and is not destroyed by it`, {
    code: 'E_IMMUTABLE',
    suggestions: [
      `by hand, on ${node}: ${kind === 'vm' ? 'qm' : 'pct'} destroy ${vmid}; then take guests.${name} out of the site file`,
    ],
  })
}
