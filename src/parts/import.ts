// From what was found to a site file that says the same: networks, nodes, storages, guests, devices. Pure.
import type { Discovery, FoundGuest } from '../site/discovery.ts'
import type { SiteDraft } from '../site/schema/schema.ts'
import { deviceEntries } from './import-devices.ts'
import { guestEntry } from './import-guest.ts'
import { newNames, toLabel } from './import-names.ts'
import { type Entry, networksOf } from './import-network.ts'
import { nodeEntry } from './import-node.ts'
import { newNotes } from './import-notes.ts'
import { storageEntry } from './import-storage.ts'

export interface ImportOptions {
  /** Name of the site; default: that of the cluster, or of the node. */
  readonly site?: string
  /** Where the first node answers; the others where they said. */
  readonly address: string
  /** Which guests; default: all but templates. */
  readonly guests?: (guest: FoundGuest) => boolean
}

/** A site file to be. */
export interface Imported {
  readonly value: SiteDraft
  /** Path → comment. */
  readonly comments: Readonly<Record<string, string>>
  /** What has no words in a site file, one line each. */
  readonly warnings: readonly string[]
}

/** `found`: the nodes of one cluster, the first one that was asked for first; its view of the cluster counts. */
export function importSite(found: readonly Discovery[], options: ImportOptions): Imported {
  const [first] = found
  if (first === undefined) throw new TypeError('nothing was found to import')
  const notes = newNotes()
  for (const gap of found.flatMap(({ gaps }) => gaps)) notes.note('', gap)
  const nodes = found.map(({ node }) => node)
  const chosen = first.guests.filter((guest) => isChosen(guest, nodes, options, (text) => notes.note('', text)))
  const nameOf = newNames(nodes)
  const names = new Map(chosen.map(({ vmid, name }) => [vmid, nameOf(name, String(vmid))]))
  const networks = networksOf(found, chosen, notes)
  const storage = Object.fromEntries(
    first.storages.flatMap((one): [string, Entry][] => {
      const entry = storageEntry(one, nodes, notes)
      return entry === undefined ? [] : [[one.name, entry]]
    }),
  )
  const place = { networks, storages: new Set(Object.keys(storage)), namesNode: nodes.length > 1, notes }
  const guests = chosen.map(({ vmid }) => names.get(vmid) ?? '')
  const value: Entry = {
    site: options.site ?? (toLabel(first.cluster ?? first.node) || 'imported'),
    ...sayOnce('domain', found),
    ...sayOnce('timezone', found),
    nodes: Object.fromEntries(
      found.map((node) => [
        node.node,
        nodeEntry(node, networks, node === first ? options.address : node.address, notes),
      ]),
    ),
    ...filled('networks', Object.fromEntries([...networks.values()].map(({ name, entry }) => [name, entry]))),
    ...filled('storage', storage),
    ...filled(
      'guests',
      Object.fromEntries(
        chosen.map((guest, at) => [guests[at], guestEntry(guest, { ...place, name: guests[at] ?? '' })]),
      ),
    ),
    ...filled('devices', deviceEntries(found, chosen, names, notes)),
  }
  // What is written is what the schema reads, and is read again before anybody uses it.
  return { value: value as SiteDraft, comments: notes.comments(), warnings: notes.warnings() }
}

const filled = (key: string, entry: Entry): Entry => (Object.keys(entry).length === 0 ? {} : { [key]: entry })

/** One value for the whole site: only where every node has the same. */
function sayOnce(key: 'domain' | 'timezone', found: readonly Discovery[]): Entry {
  const values = new Set(found.map((node) => node[key]))
  const [value] = values
  return values.size === 1 && value !== undefined ? { [key]: value } : {}
}

function isChosen(
  guest: FoundGuest,
  nodes: readonly string[],
  { guests }: ImportOptions,
  note: (text: string) => void,
): boolean {
  if (guests !== undefined && !guests(guest)) return false
  const what = `${guest.name} (${guest.vmid} on ${guest.node}) is left out and stays as it is`
  if (guest.isTemplate) note(`${what}: it is a template`)
  else if (!nodes.includes(guest.node)) note(`${what}: its node was not read`)
  else return true
  return false
}
