// Where a new stanza goes in a file that somebody else wrote too.
import type { Segment } from './interfaces-file.ts'
import type { Wanted } from './interfaces-wanted.ts'

const GAP: Segment = { kind: 'gap', raw: '' }

/** Where a new stanza goes: after the last wanted one that comes before it in order, else before the first wanted one, else at the end. */
export function spotFor(segments: readonly Segment[], one: Wanted, wanted: readonly Wanted[]): number {
  const order = new Map(wanted.map(({ name }, index) => [name, index]))
  const own = order.get(one.name) ?? 0
  const rank = (segment: Segment) => (segment.kind === 'stanza' ? order.get(segment.name) : undefined)
  const before = segments.findLastIndex((segment) => (rank(segment) ?? Number.POSITIVE_INFINITY) < own)
  if (before >= 0) return before + 1
  const next = segments.findIndex((segment) => (rank(segment) ?? -1) > own)
  return next >= 0 ? startOf(segments, next) : endOf(segments)
}

/** Back over the `auto` line and the comments right above a stanza. */
function startOf(segments: readonly Segment[], at: number): number {
  let start = at
  while (start > 0) {
    const above = segments[start - 1]
    const belongs = above?.kind === 'start' || (above?.kind === 'gap' && above.raw.trim() !== '')
    if (!belongs) break
    start--
  }
  return start
}

/** Before the `source` lines that close the file (Proxmox's SDN stands there), and the comments right above them. */
function endOf(segments: readonly Segment[]): number {
  const last = segments.findLastIndex(({ kind }) => kind !== 'source' && kind !== 'gap')
  const source = segments.findIndex(({ kind }, index) => index > last && kind === 'source')
  return source < 0 ? segments.length : startOf(segments, source)
}

/** The segments with new ones, with one blank line to what stands before and after. */
export function insert(segments: readonly Segment[], at: number, added: readonly Segment[]): readonly Segment[] {
  const isBlank = (segment: Segment | undefined) => segment?.kind === 'gap' && segment.raw.trim() === ''
  const [above, below] = [segments[at - 1], segments[at]]
  const lead = above === undefined || isBlank(above) ? [] : [GAP]
  const tail = below === undefined || isBlank(below) ? [] : [GAP]
  return [...segments.slice(0, at), ...lead, ...added, ...tail, ...segments.slice(at)]
}
