// Takes out of an imported site file what its own rules refuse: others may have built what nobody would write down.
import { parseSite } from '../site/load.ts'
import type { SiteDraft } from '../site/schema/schema.ts'
import type { Located, Path, Site } from '../site/site.ts'
import { SiteError } from '../site/site-error.ts'
import { writeSite } from '../site/write.ts'
import type { Imported } from './import.ts'
import { clean } from './import-notes.ts'

/** Each round takes something out, so it ends; so many would be a file of nothing. */
const MOST_ROUNDS = 60

/** What is left, and the site that it is. Errors: E_SITE where nothing of it can be read. */
export async function withoutMistakes(imported: Imported, file: string): Promise<{ imported: Imported; site: Site }> {
  let now = imported
  for (let round = 0; ; round++) {
    try {
      return { imported: now, site: await parseSite(writeSite(now.value), file) }
    } catch (error) {
      if (!(error instanceof SiteError) || round >= MOST_ROUNDS) throw error
      const wrong = error.findings.filter(({ severity }) => severity === 'error')
      const next = prune(now, wrong)
      if (next === undefined) throw error
      now = next
    }
  }
}

/** undefined = nothing of it can be taken out. */
function prune(imported: Imported, wrong: readonly Located[]): Imported | undefined {
  const value = structuredClone(imported.value)
  const isWeighed = Object.values(imported.value.nodes).some(({ hardware }) => hardware !== undefined)
  const left = wrong.flatMap(({ path, message }) => {
    // More memory or cores than the node has: what the node has is the word to take back, once for all of its guests.
    const gone = isWeighed && isOfSize(path) ? dropHardware(value) : takeOut(value, path)
    return gone === undefined ? [] : [{ at: gone, text: clean(`left out, as it stands in no site file: ${message}`) }]
  })
  return left.length === 0 ? undefined : withNotes({ ...imported, value }, left)
}

/** The same with more to say. `at`: where in the file; the nearest thing above that is still there gets the comment. */
export function withNotes(imported: Imported, notes: readonly { at: Path; text: string }[]): Imported {
  const comments: Record<string, string> = { ...imported.comments }
  const warnings = [...imported.warnings]
  for (const { at, text } of notes) {
    const path = at.join('.')
    if (!warnings.includes(`${path}: ${text}`)) warnings.push(`${path}: ${text}`)
    const place = nearest(imported.value, at).join('.')
    const line = place === path ? text : `${at.slice(nearest(imported.value, at).length).join('.')}: ${text}`
    comments[place] = [...(comments[place]?.split('\n') ?? []).filter((one) => one !== line), line].join('\n')
  }
  return { ...imported, comments, warnings }
}

function nearest(value: unknown, path: Path): Path {
  for (let length = path.length; length > 0; length--)
    if (childAt(value, path.slice(0, length)) !== undefined) return path.slice(0, length)
  return path.slice(0, 1)
}

function childAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  )
}

/** What a thing cannot be without: then all of it goes. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  guests: ['id', 'memory', 'node', 'adopted'],
  networks: ['bridge', 'vlan'],
  storage: ['type', 'content', 'path', 'pool', 'vgname', 'thinpool', 'server', 'export', 'share', 'datastore'],
  devices: ['node', 'ids', 'guest'],
}

/** Deletes what a finding means, and returns where that was; undefined = nothing is there. */
export function takeOut(value: SiteDraft, path: Path): Path | undefined {
  const [section, name, key, ...rest] = path
  if (section === 'nodes' && name !== undefined) return ofNode(value, name, key, rest)
  if (name === undefined || section === undefined)
    return section === 'domain' || section === 'timezone' ? remove(value, [section]) : undefined
  if (key === undefined || NEEDED[section]?.includes(String(key))) return removeThing(value, section, name)
  if (section === 'guests' && key === 'nics') return ofNic(value, [section, name, key, ...rest])
  return remove(value, [section, name, key]) ?? removeThing(value, section, name)
}

const isOfSize = ([section, , key]: Path): boolean => section === 'guests' && (key === 'memory' || key === 'cores')

function dropHardware(value: SiteDraft): Path {
  for (const name of Object.keys(value.nodes)) remove(value, ['nodes', name, 'hardware'])
  return ['nodes']
}

function ofNode(
  value: SiteDraft,
  name: string | number,
  key: string | number | undefined,
  rest: Path,
): Path | undefined {
  if (key === undefined || key === 'address') return undefined
  const path = ['nodes', name, key, ...rest.slice(0, 1)]
  const gone = remove(value, path) ?? remove(value, ['nodes', name, key])
  const node = value.nodes[String(name)]
  // A file that the site file does not say whole is not orion's to write.
  if (gone !== undefined && node !== undefined && ['ports', 'bonds', 'addresses'].includes(String(key)))
    node.keepInterfaces = true
  return gone
}

/** First its addresses, then the NIC. */
function ofNic(value: SiteDraft, path: Path): Path | undefined {
  const [section = '', name = '', key = '', network] = path
  if (network === undefined) return remove(value, [section, name, key])
  const nic = [section, name, key, network]
  const gone = ['gateway', 'gateway6', 'ipv4', 'ipv6'].map((one) => remove(value, [...nic, one]))
  return gone.some((one) => one !== undefined) ? nic : remove(value, nic)
}

/** With what refers to it, so that one mistake is one loss. */
function removeThing(value: SiteDraft, section: string | number, name: string | number): Path | undefined {
  const gone = remove(value, [section, name])
  if (section === 'networks') {
    for (const guest of Object.keys(value.guests ?? {})) remove(value, ['guests', guest, 'nics', name])
    for (const [node, entry] of Object.entries(value.nodes)) {
      const mentioned = ['ports', 'addresses'].map((key) => remove(value, ['nodes', node, key, name]))
      if (mentioned.some((path) => path !== undefined)) entry.keepInterfaces = true
    }
  }
  if (section === 'guests')
    for (const [device, entry] of Object.entries(value.devices ?? {}))
      if (entry.guest === name) remove(value, ['devices', device])
  return gone
}

function remove(value: SiteDraft, path: Path): Path | undefined {
  const parent = childAt(value, path.slice(0, -1))
  const last = path.at(-1)
  if (last === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, last))
    return undefined
  Reflect.deleteProperty(parent, last)
  return path
}
