// Hookscripts are looked at when they are set, not when they run: the script must lie in the storage already.
import { failure, invalid } from './refusal.ts'
import { findVolume } from './volume.ts'
import type { GuestState, World } from './world.ts'

/** Throws what Proxmox VE's check_hookscript says: a wrong parameter of a VM, a plain error of a container. */
export function checkHookscript(world: World, { kind, node }: GuestState, volume: string): void {
  if (findVolume(world, node, volume)) return
  const text = `script '${volume}' does not exist`
  throw kind === 'qemu' ? invalid({ hookscript: `${text}\n` }) : failure(text)
}
