// Hookscripts are looked at when they are set, not when they run: the script must lie in the storage already.
import { textAt } from './host/state.ts'
import { hostOf } from './network.ts'
import { failure, invalid } from './refusal.ts'
import { findVolume } from './volume.ts'
import type { GuestState, World } from './world.ts'

/** Throws what Proxmox VE's check_hookscript says: a wrong parameter of a VM, a plain error of a container. */
export function checkHookscript(world: World, { kind, node }: GuestState, volume: string): void {
  if (findVolume(world, node, volume) || isSnippet(world, node, volume)) return
  const text = `script '${volume}' does not exist`
  throw kind === 'qemu' ? invalid({ hookscript: `${text}\n` }) : failure(text)
}

/** A file that somebody has put into the folder of a storage for snippets. */
function isSnippet({ state }: World, node: string, volume: string): boolean {
  const [, name = '', file] = /^([^:]+):(snippets\/[^/]+)$/.exec(volume) ?? []
  const { content = '', path } = state.storage[name]?.options ?? {}
  if (file === undefined || path === undefined || !String(content).split(',').includes('snippets')) return false
  return textAt(hostOf(state, node), `${path}/${file}`) !== undefined
}
