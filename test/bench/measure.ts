// What a benchmark is made of: a median, a measured figure with its target, and a table of them.
import { readFileSync } from 'node:fs'

/** One line of the result. Without a target it is only told. */
export interface Figure {
  readonly name: string
  readonly value: number
  /** How it reads: `1.3 ×`, `212 MB`. */
  readonly unit: string
  /** The most it may be (`most`), or the least (`least`). */
  readonly most?: number
  readonly least?: number
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = low] = sorted.length % 2 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]]
  return (low + high) / 2
}

export const isMissed = ({ value, most, least }: Figure): boolean =>
  !(value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY))

const plain = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)

/** The figures as aligned text, one line each, as it stands in the README. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, most, least } = figure
    const target =
      most === undefined ? (least === undefined ? '' : `at least ${plain(least)}`) : `at most ${plain(most)}`
    return [name, `${plain(value)} ${unit}`, target, target && (isMissed(figure) ? 'MISSED' : 'ok')]
  })
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const [first, second, third] = [width(0), width(1), width(2)]
  return rows
    .map(([name = '', value = '', target = '', verdict = '']) =>
      `${name.padEnd(first)}  ${value.padStart(second)}  ${target.padEnd(third)}  ${verdict}`.trimEnd(),
    )
    .join('\n')
}

/** Names the processor, since figures of two machines do not compare. */
export function machine(): string {
  const cpuinfo = readFileSync('/proc/cpuinfo', 'utf8')
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? process.arch
  const cores = cpuinfo.match(/^processor\s*:/gm)?.length ?? 0
  return `node ${process.version}, ${cores} × ${model}`
}
