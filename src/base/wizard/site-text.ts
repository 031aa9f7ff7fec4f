// The text of the site file that the wizard ends with: the value, and beside it what a person who opens it wants to know.
import type { SiteDraft } from '../../site/schema/schema.ts'
import { writeSite } from '../../site/write.ts'
import { nodesOf } from './node-questions.ts'
import type { Draft } from './question.ts'
import { get, keysOf, type Path, pathsOf, textAt } from './value.ts'

const HEAD = [
  'Written by orion bootstrap init. What it says must exist: orion bootstrap plan shows what differs,',
  'orion bootstrap makes it so. It is yours to edit; orion never writes to it by itself.',
]

/** By the place; every one that is there gets its line. */
const COMMENTS: readonly (readonly [Path, string])[] = [
  [['access'], 'The role, user and token that orion makes for itself.'],
  [['nodes'], 'Proxmox VE hosts: where SSH and the API (8006) answer, their ports and own addresses.'],
  [['networks'], 'A bridge each; guests get their addresses here.'],
  [['networks', '*', 'isolated'], 'reaches the internet at most, and no other network of the site'],
  [['storage'], 'By their names in Proxmox VE. Disks of guests need content images (VMs) and rootdir (containers).'],
  [['images'], 'What the disks of new guests begin as; downloads are checked against the checksum.'],
  [['defaults'], 'For every guest and node that does not say otherwise.'],
  [['guests'], 'Virtual machines, and containers (kind: ct). A range of ids makes that many.'],
  [['devices'], 'Passed through to guests: orion gpu doctor says what the hardware allows.'],
  [['keeper'], 'A guard on the node itself: it sheds guests in this order when it gets too hot.'],
  [['firewall'], 'From, to, ports: what is not listed is dropped; replies pass.'],
  [['bgp'], 'The AS number and the prefixes must be your own.'],
  [['bgp', 'peers', '*', 'password'], 'where the secret is found: never the secret itself'],
  [['mesh'], 'WireGuard between sites, and for people: orion mesh client add NAME --new-key'],
  [['backup'], 'Jobs of vzdump.'],
]

/** Pure. */
export function toSiteText(draft: Draft, schema: string): string {
  const placed = COMMENTS.flatMap(([pattern, comment]) =>
    pathsOf(draft.value, pattern).map((path) => [path.join('.'), comment] as const),
  )
  const comments = Object.fromEntries([...placed, ...nodesOf(draft).flatMap((node) => nodeComment(draft, node))])
  return writeSite(draft.value as SiteDraft, { head: HEAD, comments, schema })
}

/** What the node said, of which the file holds only the names: `eno1 aa:bb:…`. */
function nodeComment(draft: Draft, { key, name }: { readonly key: string; readonly name: string }): [string, string][] {
  const found = draft.found[key]
  if (found === undefined) return []
  const { version, topology, ports } = found
  const model = topology.model === undefined ? '' : `, ${topology.model}`
  const used = new Set(
    keysOf(draft.value, 'nodes', name, 'ports').map((network) => textAt(draft.value, 'nodes', name, 'ports', network)),
  )
  const told = ports.filter((port) => used.has(port.name)).map((port) => `${port.name} ${port.mac}`)
  const own: [string, string] = [`nodes.${name}`, `Proxmox VE ${version}${model}`]
  const isThere = get(draft.value, ['nodes', name, 'ports']) !== undefined && told.length > 0
  return isThere ? [own, [`nodes.${name}.ports`, told.join(', ')]] : [own]
}
