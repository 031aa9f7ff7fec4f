// The lines of the site file that a finding points at, with a caret and without secrets.
import { hideUser, plain } from './finding.ts'
import type { Range } from './range.ts'

/** Characters of a line that are shown. */
const WIDTH = 120
const KEY_BLOCK = /PRIVATE KEY/

export interface SourceText {
  readonly text: string
  /** Offset of the start of each line. */
  readonly lineStarts: readonly number[]
  readonly secrets: readonly Range[]
}

/** Line and column of an offset, both from 1. */
export function positionOf(
  { lineStarts }: Pick<SourceText, 'lineStarts'>,
  offset: number,
): { line: number; column: number } {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}

/** The line of `range`, the line before it, and carets under the range as far as it is on that line. */
export function codeFrame(source: SourceText, range: Range): string {
  const { line, column } = positionOf(source, range[0])
  const current = lineAt(source, line)
  const start = Math.min(current.map(column - 1), current.text.length)
  const end = Math.max(start + 1, Math.min(current.map(column - 1 + range[1] - range[0]), current.text.length))
  const from = start > WIDTH - 20 ? start - WIDTH / 2 : 0
  const margin = String(line).length
  const rows: string[] = []
  if (line > 1) rows.push(`  ${String(line - 1).padStart(margin)} | ${cut(lineAt(source, line - 1).text, from)}`)
  rows.push(`> ${line} | ${cut(current.text, from)}`)
  const carets = Math.min(end, from + WIDTH) - start
  rows.push(
    `  ${' '.repeat(margin)} | ${' '.repeat(start - from + (from > 0 ? 1 : 0))}${'^'.repeat(Math.max(1, carets))}`,
  )
  return rows.map((row) => row.trimEnd()).join('\n')
}

function cut(text: string, from: number): string {
  const part = text.slice(from, from + WIDTH)
  return `${from > 0 ? '…' : ''}${part}${text.length > from + WIDTH ? '…' : ''}`
}

/** A line as it may be shown, and the map from its own columns (from 0) to the shown ones. */
interface Line {
  readonly text: string
  readonly map: (column: number) => number
}

/** Lines that were prepared already: a file of one long line would otherwise be read whole for each finding. */
const prepared = new WeakMap<SourceText, { readonly masks: readonly Range[]; readonly lines: Map<number, Line> }>()

function lineAt(source: SourceText, line: number): Line {
  const cache = prepared.get(source) ?? { masks: disjoint(source.secrets), lines: new Map<number, Line>() }
  prepared.set(source, cache)
  const known = cache.lines.get(line) ?? prepare(source, cache.masks, line)
  cache.lines.set(line, known)
  return known
}

/** The ranges by position, those that touch made one. */
function disjoint(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Index of the first of the disjoint ranges that ends behind `offset`. */
function firstBehind(ranges: readonly Range[], offset: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((ranges[middle]?.[1] ?? 0) > offset) high = middle
    else low = middle + 1
  }
  return low
}

function prepare(source: SourceText, secrets: readonly Range[], line: number): Line {
  const begin = source.lineStarts[line - 1] ?? 0
  const end = source.lineStarts[line] ?? source.text.length
  const raw = source.text.slice(begin, end).replace(/\r?\n$/, '')
  let text = ''
  let read = 0
  const shifts: { at: number; by: number }[] = []
  for (let index = firstBehind(secrets, begin); index < secrets.length; index++) {
    const [first, last] = secrets[index] ?? [begin + raw.length, 0]
    if (first >= begin + raw.length) break
    const [from, to] = [Math.max(0, first - begin), Math.min(raw.length, last - begin)]
    text += `${raw.slice(read, from)}***`
    shifts.push({ at: to, by: text.length - to })
    read = to
  }
  text += raw.slice(read)
  const map = (column: number) => column + (shifts.findLast(({ at }) => at <= column)?.by ?? 0)
  return { text: hideRest(plain(text.replaceAll('\t', ' '))), map }
}

function hideRest(text: string): string {
  return KEY_BLOCK.test(text) ? '***' : hideUser(text)
}
