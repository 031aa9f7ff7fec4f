// Where scripts that Proxmox VE runs for guests (hookscripts) lie on a node: a storage with snippets.
import type { Site, Storage } from './site.ts'

/** Kinds of storage that are folders; those of the network are mounted by Proxmox VE itself. */
const FOLDERS: ReadonlySet<Storage['type']> = new Set(['dir', 'btrfs', 'nfs', 'cifs', 'cephfs'])

interface Snippets {
  readonly storage: string
  /** Absolute. */
  readonly folder: string
}

/** The first storage of the node that takes snippets, one of its own before one that others see too; undefined = there is none. */
export function snippetsOf(site: Pick<Site, 'storage'>, node: string): Snippets | undefined {
  const usable = site.storage.filter(
    ({ content, nodes, type }) =>
      content.includes('snippets') && FOLDERS.has(type) && (nodes.length === 0 || nodes.includes(node)),
  )
  const [found] = [...usable].sort((a, b) => Number(a.shared) - Number(b.shared))
  if (found === undefined) return undefined
  const path = (found.options.path ?? `/mnt/pve/${found.name}`).replace(/\/+$/, '')
  return { storage: found.name, folder: `${path}/snippets` }
}
