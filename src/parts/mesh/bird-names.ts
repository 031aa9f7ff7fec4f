// What the things of the mesh's BIRD are called, and where its files lie.
import { symbolOf } from '../bgp/symbol.ts'
import { MESH_DIR } from './link-paths.ts'
import type { LinkEnd } from './model.ts'

/**
 * A BIRD beside the one that may speak to providers: that one is restarted, drained and migrated for reasons of its own. The socket
 * has a folder of its own, which systemd makes and removes with the unit.
 */
export const MESH_BIRD = {
  conf: `${MESH_DIR}/bird.conf`,
  socket: '/run/orion-mesh-bird/bird.ctl',
  unit: 'orion-mesh-bird.service',
} as const

/** TCP, on link-local addresses of the mesh alone: 179 may be the other BIRD's. */
export const BGP_PORT = 1790

/** The BGP protocol of a link's end: `wg_kel_1`. Two interfaces of one host never come to the same: their names have no `_`. */
export function protocolOf(end: Pick<LinkEnd, 'interface'>): string {
  return symbolOf(end.interface)
}

/** An interface's name in a file. Errors: RangeError: made of a host name, it has no other signs. */
export function interfaceText(name: string): string {
  if (!/^[\w-]{1,15}$/.test(name)) throw new RangeError('an interface of the mesh has a name that no file can hold')
  return name
}
