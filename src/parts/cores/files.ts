// The files of a node whose guests are pinned: the program, what it reads, what keeps containers and the node's services off.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type Facts, type HostFacts, NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import type { Node, Site } from '../../site/site.ts'
import { snippetsOf } from '../../site/snippets.ts'
import { unitDrift, unitFacts } from '../router/unit.ts'
import { activateCores } from './activation.ts'
import { isWithin } from './live.ts'
import { coresLook, getLook } from './look.ts'
import { CORES_FILE, HOOK, PROGRAM, SLICES, UNIT, UNIT_FILE } from './paths.ts'
import { type GuestCores, getCores, hasPins, type NodeCores } from './wanted.ts'

const programText = template<{ file: string }>('cores/orion-cores')
const hookText = template<{ program: string }>('cores/hook')
const unitText = template<{ program: string }>('cores/unit')

/** What the resources and probes of pinned cores read of a node, in one round trip. */
export function coresWish(site: Site, node: Node): FileSet['wish'] {
  const files = [PROGRAM, CORES_FILE, UNIT_FILE, ...SLICES.map(sliceFile), ...hookFile(site, node)]
  const topics: readonly Facts[] = [NODE_NAME, { files }, coresLook, unitFacts([UNIT])]
  return wishOf(topics)
}

export function coresFiles(site: Site, node: Node, wish: FileSet['wish']): FileSet {
  return {
    host: node.name,
    name: 'cores',
    title: `pinned cores of ${node.name}`,
    needs: hookNeeds(site, node),
    wish,
    owned: true,
    files: (seen) => filesOf(site, node, seen),
    problems: (seen) => coresOf(site, node, seen).problems,
    drift: (seen) => getDrift(coresOf(site, node, seen), seen, node),
    activate: (before) =>
      activateCores(SLICES.filter((slice) => node.isolateCores || before.files.has(sliceFile(slice)))),
  }
}

/** What is wanted on this node, given what it says; a problem where it does not say it. */
export function coresOf(site: Site, node: Node, seen: HostFacts): NodeCores {
  if (isUntouched(site, node, seen)) return { guests: [], problems: [] }
  const look = getLook(seen)
  return look === undefined ? { guests: [], problems: ['its CPUs cannot be read'] } : getCores(site, node, look)
}

/** Nobody is pinned here, and nobody was: what the program reads is the first to come, and stays. Pure. */
export function isUntouched(site: Site, node: Node, { files }: HostFacts): boolean {
  return !hasPins(site, node) && !files.has(CORES_FILE)
}

function filesOf(site: Site, node: Node, seen: HostFacts): readonly WantedFile[] {
  if (isUntouched(site, node, seen)) return []
  const cores = coresOf(site, node, seen)
  const { guests, rest } = cores
  const view = { program: PROGRAM }
  const isRealtime = guests.some(({ realtime }) => realtime !== undefined)
  return [
    { path: PROGRAM, text: programText({ file: CORES_FILE }), mode: 0o755, opaque: true },
    { path: CORES_FILE, text: textOf(cores) },
    ...(rest === undefined ? gone(seen, UNIT_FILE) : [{ path: UNIT_FILE, text: unitText(view) }]),
    ...SLICES.flatMap((slice) => {
      const path = sliceFile(slice)
      return rest !== undefined && node.isolateCores ? [{ path, text: sliceText(slice, rest) }] : gone(seen, path)
    }),
    // On a shared storage it is the script of other nodes, too: never taken away.
    ...(isRealtime ? hookFile(site, node).map((path) => ({ path, text: hookText(view), mode: 0o755 })) : []),
  ]
}

function gone(seen: HostFacts, path: string): readonly WantedFile[] {
  return seen.files.has(path) ? [{ path, text: undefined }] : []
}

/** `guest VMID CPUS fifo|- OTHERS|- VCPU…`, and `rest CPUS`. */
function textOf({ guests, rest }: NodeCores): string {
  const rows = guests.filter(({ cpus }) => cpus !== '').map(rowOf)
  const lines = ['# Made by orion from the site file.', ...(rest === undefined ? [] : [`rest ${rest}`]), ...rows]
  return `${lines.join('\n')}\n`
}

function rowOf({ guest, cpus, realtime }: GuestCores): string {
  const kind = realtime === undefined ? '- -' : `fifo ${realtime.others} ${realtime.vcpus.join(' ')}`
  return `guest ${guest.vmid} ${cpus} ${kind}`
}

const sliceFile = (slice: string): string => `/etc/systemd/system/${slice}.d/90-orion-cores.conf`

function sliceText(slice: string, rest: string): string {
  const section = slice.endsWith('.scope') ? 'Scope' : 'Slice'
  return `# Made by orion from the site file.\n[${section}]\nAllowedCPUs=${rest}\n`
}

function hookFile(site: Site, { name }: Node): readonly string[] {
  const isWanted = site.guests.some(({ node, pin }) => node === name && pin?.realtime)
  const snippets = isWanted ? snippetsOf(site, name) : undefined
  return snippets === undefined ? [] : [`${snippets.folder}/${HOOK}`]
}

function hookNeeds(site: Site, node: Node): NonNullable<FileSet['needs']> {
  if (hookFile(site, node).length === 0) return []
  const snippets = snippetsOf(site, node.name)
  return snippets === undefined ? [] : [`storage:${node.cluster}/${snippets.storage}`]
}

/** Only what the host shows counts: a group that has no such limit to be had is nothing that activating mends. */
function getDrift({ rest }: NodeCores, seen: HostFacts, { isolateCores }: Node): readonly Difference[] {
  if (rest === undefined) return []
  const groups = ['lxc', ...(isolateCores ? SLICES : [])]
  const limits = groups.flatMap((name) => {
    const have = getLook(seen)?.cgroups.get(name)
    if (have === undefined || (have !== '' && isWithin(have, rest))) return []
    return [{ field: `CPUs of ${name === 'lxc' ? 'containers' : name}`, have: have || 'all', want: rest }]
  })
  return [...unitDrift(seen, [UNIT]), ...limits]
}
