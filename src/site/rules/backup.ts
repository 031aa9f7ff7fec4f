// Rule: backups lie on a storage that takes them where their guests run, and disks are copied to where they fit.
import type { Backup } from '../backup.ts'
import type { Finding, Guest, Node, Path, Site, Storage } from '../site.ts'
import { byName, groupBy } from './lookup.ts'
import { error, guestPath, warning } from './verdict.ts'

/** Proxmox VE looks a job up by an id of so many characters. */
const LONGEST_ID = 50

interface Known {
  readonly nodes: ReadonlyMap<string, Node>
  readonly storage: ReadonlyMap<string, Storage>
}

export function backups(site: Site): Finding[] {
  const known: Known = { nodes: byName(site.nodes), storage: byName(site.storage) }
  const guests = byName(site.guests)
  return [
    ...site.backup.flatMap((job) => [...identity(job), ...place(job, guests, known)]),
    ...site.guests.flatMap((guest) => replication(guest, known)),
  ]
}

function identity({ name, id }: Backup): Finding[] {
  if (id.length <= LONGEST_ID) return []
  return [error(['backup', name], `its id in Proxmox VE is ${id}, and may have ${LONGEST_ID} characters at most`)]
}

/** One finding for each node: a storage that is missing there is one mistake, however many guests it has. */
function place(job: Backup, guests: ReadonlyMap<string, Guest>, { storage: known }: Known): Finding[] {
  const path: Path = ['backup', job.name, 'storage']
  const storage = known.get(job.storage)
  if (job.guests.length === 0) return [warning(['backup', job.name], 'there is no guest to back up')]
  if (storage === undefined) return []
  if (!storage.content.includes('backup')) {
    const has = `it has ${storage.content.join(', ')}`
    return [error(path, `storage ${storage.name} does not have the content type backup (${has})`)]
  }
  const backed = job.guests.flatMap((name) => guests.get(name) ?? [])
  return [...groupBy(backed, ({ node }) => node)]
    .filter(([node]) => storage.nodes.length > 0 && !storage.nodes.includes(node))
    .map(([node, [first]]) =>
      error(path, `storage ${storage.name} is not on ${node}, where guests.${first?.name} runs`),
    )
}

function replication(guest: Guest, known: Known): Finding[] {
  const path = guestPath(guest, 'replicate')
  const seen = new Set<string>()
  return guest.replicate.flatMap(({ to }) => {
    if (seen.has(to)) return [error(path, `${to} is named twice`)]
    seen.add(to)
    const [own, other] = [known.nodes.get(guest.node), known.nodes.get(to)]
    if (own === undefined || other === undefined) return []
    if (own === other) return [error(path, `guests.${guest.name} runs on ${to} itself`)]
    if (own.cluster === other.cluster) return disks(guest, to, path, known)
    return [error(path, `${to} is of cluster ${other.cluster}, and guests.${guest.name} runs in ${own.cluster}`)]
  })
}

/** Only ZFS sends its own differences, and to a storage of the same name (pvesr). What nobody declares is passed over. */
function disks(guest: Guest, to: string, path: Path, { storage: known }: Known): Finding[] {
  const mounts = guest.mounts.flatMap(({ storage, source }) => (storage === undefined || source ? [] : [storage]))
  const names = new Set([guest.storage, ...guest.disks.map(({ storage }) => storage), ...mounts])
  return [...names].flatMap((name) => {
    const storage = known.get(name)
    if (storage === undefined) return []
    if (storage.type !== 'zfspool')
      return [error(path, `storage ${name} is of type ${storage.type}: only zfspool can be replicated`)]
    if (storage.nodes.length === 0 || storage.nodes.includes(to)) return []
    return [error(path, `storage ${name} is not on ${to}`)]
  })
}
