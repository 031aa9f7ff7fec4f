// A site for tests of cores: one node with a realtime guest, others, and a storage for snippets.
import type { Guest, Node, Site } from '../../../src/site/site.ts'
import { node, site, storage, vm } from '../../site/site-builder.ts'

export const TRADING: Partial<Guest> = { cores: 4, pin: { cores: 4, exclusive: true, realtime: true } }

export const guest = (name: string, vmid: number, parts: Partial<Guest> = {}): Guest =>
  vm(name, vmid, {}, { node: 'n1', ...parts })

/** `floor` (200, realtime), `brain` (100); more guests as given. */
export function coresSite(guests: readonly Guest[] = [], own: Partial<Node> = {}): Site {
  return site({
    nodes: [node('n1', own)],
    storage: [
      storage('disks'),
      storage('local', { type: 'dir', content: ['snippets'], options: { path: '/var/lib/vz/' } }),
    ],
    guests: [guest('brain', 100), guest('floor', 200, TRADING), ...guests],
  })
}
