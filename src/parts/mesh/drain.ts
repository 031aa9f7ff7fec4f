// The file that says which links of a gateway are drained: traffic is asked away from a link before it is touched.
import { protocolOf } from './bird-names.ts'
import { MESH_DIR } from './link-paths.ts'
import type { Gateway, LinkEnd } from './model.ts'

/** Included by the mesh's bird.conf; a rotation of key pairs changes it, and the plan keeps what it says while that is open. */
export const DRAIN_FILE = `${MESH_DIR}/drain.conf`

const HEAD = '# Made by orion: 1 = traffic is asked away from this link (RFC 8326), while its keys change.'

/** The constant of a link's end, 0 or 1. */
export function drainOf(end: Pick<LinkEnd, 'interface'>): string {
  return `DRAIN_${protocolOf(end)}`
}

/** Interfaces of links of this gateway that the text of the file drains. Pure. */
export function drainedOf({ links }: Pick<Gateway, 'links'>, text: string | undefined): readonly string[] {
  const drained = new Set([...(text ?? '').matchAll(/^\s*define\s+(\w+)\s*=\s*1\s*;/gm)].map(([, name]) => name))
  return links.filter((end) => drained.has(drainOf(end))).map((end) => end.interface)
}

/**
 * The file for this gateway: what is drained in `existing` stays so while its key pair changes, which takes it back itself; nothing
 * else is. `open`: interfaces whose old key is still kept. Pure.
 */
export function drainFile(
  gateway: Pick<Gateway, 'links'>,
  existing: string | undefined,
  open: readonly string[] = [],
): string {
  return render(
    gateway,
    drainedOf(gateway, existing).filter((name) => open.includes(name)),
  )
}

/** The same with some links, by their interfaces, drained or not. Pure. */
export function setDrain(
  gateway: Pick<Gateway, 'links'>,
  existing: string | undefined,
  { interfaces, on }: { readonly interfaces: readonly string[]; readonly on: boolean },
): string {
  const others = drainedOf(gateway, existing).filter((name) => !interfaces.includes(name))
  return render(gateway, on ? [...others, ...interfaces] : others)
}

function render({ links }: Pick<Gateway, 'links'>, drained: readonly string[]): string {
  const lines = links.map((end) => `define ${drainOf(end)} = ${drained.includes(end.interface) ? 1 : 0};`)
  return [HEAD, ...lines, ''].join('\n')
}
