// Lines down a page: each is a cell of two columns on every line of it, and what belongs to the text at the right goes across.
import { getPaint, type Look } from './paint.ts'

export interface Cell {
  /** `stop` and `hub` hold the text of the line; `head` begins a line, `alone` is one that nothing is on. */
  readonly mark: 'none' | 'through' | 'stop' | 'hub' | 'head' | 'alone'
  /** Number of its colour. */
  readonly tone: number
}

/** Columns of a cell. */
export const CELL = 2
export const BLANK: Cell = { mark: 'none', tone: 0 }

/** So much of the width may be lines; where there would be more they are left out, as the texts name them, too. */
const MOST = 1 / 3

export const isNarrow = (lines: readonly unknown[], { width }: Look): boolean => lines.length * CELL <= width * MOST

/** Red and yellow mean something elsewhere. */
const TONES = ['cyan', 'green', 'magenta', 'blue', 'cyanBright', 'greenBright', 'magentaBright', 'blueBright'] as const

export const toneOf = (tone: number): (typeof TONES)[number] => TONES[tone % TONES.length] ?? 'cyan'

const SIGNS = { stop: '●', hub: '◉', head: '╭─', alone: '╶─' } as const

/** A stop is joined with the text by a line to the right, across every line in between. */
export function drawCells(cells: readonly Cell[], look: Look): string {
  const paint = getPaint(look)
  const first = cells.findIndex(({ mark }) => mark === 'stop' || mark === 'hub')
  const draw = ({ mark, tone }: Cell, at: number): string => {
    const isJoined = first >= 0 && at >= first
    const joint = isJoined ? paint.dim('─') : ' '
    const colour = paint[toneOf(tone)]
    if (mark === 'none') return joint + joint
    if (mark === 'head' || mark === 'alone') return colour(SIGNS[mark])
    return colour(mark === 'through' ? (isJoined ? '┼' : '│') : SIGNS[mark]) + joint
  }
  return cells.map(draw).join('')
}
