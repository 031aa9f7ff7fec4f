// Where something stands in the text.

/** Offsets, [start, end). */
export type Range = readonly [number, number]

/** Offsets of a node; [0, 0] of one that is not there. */
export function rangeOf(node: unknown): Range {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : [0, 0]
}
