// Words of the picture: counts, sizes and lists.
import type { Fact } from './model.ts'

/** `1 node`, `2 nodes`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}

/** `512 MiB`, `2 GiB`, `2.5 GiB`. */
export function sizeOf(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Number((mib / 1024).toFixed(1))} GiB`
}

/** With commas; undefined for none. */
export function joined(words: readonly (string | number)[]): string | undefined {
  return words.length === 0 ? undefined : words.join(', ')
}

/** An address without its prefix length. */
export const bare = (cidr: string): string => cidr.replace(/\/\d+$/, '')

/** What is known, in the order given. */
export function facts(known: Readonly<Record<string, string | undefined>>): readonly Fact[] {
  return Object.entries(known).flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [[label, value]],
  )
}
