// What is to be said beside the moves: guests of others on the node, and backups of what stays.
import type { Outside } from '../../resource.ts'
import { clusterGuests } from '../../resources/shared-reads.ts'
import type { Site } from '../../site/site.ts'
import type { Stay } from './placing.ts'

export interface Remark {
  readonly text: string
  readonly hint?: string
}

interface Situation {
  readonly node: string
  /** No other node is in its cluster. */
  readonly isAlone: boolean
  readonly stays: readonly Stay[]
  /** VMIDs of this site's guests on it. */
  readonly here: ReadonlySet<number>
}

export async function remarksOf(site: Site, outside: Outside, situation: Situation): Promise<readonly Remark[]> {
  const { node, isAlone, stays, here } = situation
  const all = [...(await clusterGuests(outside.pve.cluster(node))).values()]
  const foreign = all.filter((guest) => guest.node === node && !here.has(guest.vmid))
  const names = foreign.map(({ name, vmid }) => `${name} (${vmid})`).join(', ')
  const left = isAlone ? `${node} is the only node of its cluster: nothing can go` : 'what stays is lost with the disk'
  return [
    ...(stays.length === 0 ? [] : [{ text: `${left}; back it up now`, hint: backupHint(site, node, stays) }]),
    ...(foreign.length === 0 ? [] : [{ text: `${names} on ${node}: not of this site, and not moved` }]),
  ]
}

/** Storages that are not on a disk of the node. */
const ELSEWHERE = new Set(['nfs', 'cifs', 'pbs', 'cephfs'])

function backupHint({ storage }: Site, node: string, stays: readonly Stay[]): string {
  const isThere = (nodes: readonly string[]) => nodes.length === 0 || nodes.includes(node)
  const takes = storage.filter(({ content, nodes }) => content.includes('backup') && isThere(nodes))
  const away = takes.find(({ type }) => ELSEWHERE.has(type))
  const ids = stays.map(({ vmid }) => vmid).join(' ')
  const where = away ? `--storage ${away.name}` : `--storage STORAGE (one that is not on ${node})`
  return `vzdump ${ids} --mode snapshot ${where}, on ${node}`
}
