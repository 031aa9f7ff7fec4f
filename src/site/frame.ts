// The lines of the site file that a finding points at, with a caret and without secrets.
import { hideUser, plain } from './finding.ts'
import type { Range } from './range.ts'

/** Characters of a line that are shown. */
const WIDTH = 120
/** A secret that YAML could not even read: the rest of its line goes, except where a map (a reference) begins. */
const SECRET_LINE =
  /(["']?[\w-]*(?:pas+w|passphrase|secret|psk|token|authkey|privatekey)[\w-]*["']?\s*:\s+)(?=[^\s{&*#])(.+)$/i
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

/** One line as it may be shown, and the map from its own columns (from 0) to the shown ones. */
function lineAt(source: SourceText, line: number): { text: string; map: (column: number) => number } {
  const begin = source.lineStarts[line - 1] ?? 0
  const end = source.lineStarts[line] ?? source.text.length
  const raw = source.text.slice(begin, end).replace(/\r?\n$/, '')
  const masks = source.secrets
    .filter(([from, to]) => from < begin + raw.length && to > begin)
    .map(([from, to]) => [Math.max(0, from - begin), Math.min(raw.length, to - begin)] as const)
    .sort((a, b) => a[0] - b[0])
  let text = ''
  let read = 0
  const shifts: { at: number; by: number }[] = []
  for (const [from, to] of masks) {
    if (to <= read) continue
    text += `${raw.slice(read, Math.max(read, from))}***`
    shifts.push({ at: to, by: text.length - to })
    read = to
  }
  text += raw.slice(read)
  const map = (column: number) => column + (shifts.findLast(({ at }) => at <= column)?.by ?? 0)
  return { text: hideRest(plain(text.replaceAll('\t', ' '))), map }
}

function hideRest(text: string): string {
  if (KEY_BLOCK.test(text)) return '***'
  const shown = text.replace(SECRET_LINE, (all, key: string, rest: string) =>
    rest.startsWith('***') ? all : `${key}***`,
  )
  return hideUser(shown)
}
