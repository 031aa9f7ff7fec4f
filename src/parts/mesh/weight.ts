// How much of the traffic a gateway takes that joins the mesh: 0 to 100, in a file that the plan keeps.
import { MESH_DIR } from './link-paths.ts'
import type { Gateway, LinkKind } from './model.ts'

/** Included by the mesh's bird.conf; `orion bootstrap join` changes it. */
export const WEIGHT_FILE = `${MESH_DIR}/weight.conf`

const FULL = 100

const HEAD =
  '# Made by orion: 0 = only the own address is announced, 100 = everything. In between our networks, link by link.'

/** Classes of links in the order in which a joining gateway announces its networks over them. */
const CLASSES: readonly LinkKind[] = ['bypass', 'hub', 'direct']

/** Pure; 100 where the text has none, or one that makes no sense. */
export function weightOf(text: string | undefined): number {
  const found = Number(/^\s*define\s+WEIGHT\s*=\s*(\d{1,3})\s*;/m.exec(text ?? '')?.[1] ?? FULL)
  return found > FULL ? FULL : found
}

/** Errors: RangeError for what is no whole number from 0 to 100. */
export function weightFile(weight: number): string {
  if (!Number.isInteger(weight) || weight < 0 || weight > FULL) throw new RangeError('a weight is 0 to 100')
  return [HEAD, `define WEIGHT = ${weight};`, ''].join('\n')
}

/**
 * For each link of a gateway, by its interface, the least weight with which its networks are announced on it: weight W opens the
 * first ceil(W/100 · n) of the n classes that it has links of. Pure.
 */
export function opensAt({ links }: Pick<Gateway, 'links'>): ReadonlyMap<string, number> {
  const classes = CLASSES.filter((kind) => links.some(({ link }) => link.kinds.has(kind)))
  return new Map(
    links.map((end) => {
      const place = classes.findIndex((kind) => end.link.kinds.has(kind))
      return [end.interface, Math.floor((FULL * place) / classes.length) + 1]
    }),
  )
}
