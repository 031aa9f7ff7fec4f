// A node on the page of `orion bootstrap show`: its networks as lines down from their names, and its guests beside them.
import { getPaint, type Look } from './paint.ts'
import { BLANK, CELL, type Cell, isNarrow, toneOf } from './picture-cells.ts'
import { clean, cut, getWidth, pad, wrap } from './text.ts'

/** A line down the page. */
export interface LaneLine {
  readonly label: string
  readonly note: string
  /** Number of its colour. */
  readonly tone: number
}

export interface RowLine {
  readonly thing: string
  readonly title: string
  readonly tag: string
  readonly notes: readonly string[]
  /** Places in the lanes. */
  readonly stops: readonly number[]
}

export interface FrameLines {
  readonly thing?: string
  readonly title: string
  readonly notes: readonly string[]
  readonly lanes: readonly LaneLine[]
  readonly rows: readonly RowLine[]
}

/** One line of the page before the wires at its left are known. */
export interface Entry {
  /** What wires of this line end at. */
  readonly thing?: string
  readonly cells: readonly Cell[]
  readonly text: string
}

export interface Place {
  /** `width`: what the wires leave of the page. */
  readonly look: Look
  /** In cells. */
  readonly indent: number
}

const MOST_TITLE = 24
const LEAST_TITLE = 8
const MOST_TAG = 16
/** With less room than this beside its name, what there is to be said of a guest stands below it. */
const LEAST_BESIDE = 24

/** The title, the heads of its lanes, its rows. */
export function renderFrame(frame: FrameLines, { look, indent }: Place): Entry[] {
  const { lanes, rows } = frame
  const drawn = isNarrow(lanes, look) ? lanes : []
  const left = Array.from({ length: indent + 1 }, () => BLANK)
  const ends = drawn.map((_, at) => rows.findLastIndex(({ stops }) => stops.includes(at)))
  const room = look.width - (left.length + drawn.length) * CELL - 1
  const columns = { titles: widest(rows, 'title', MOST_TITLE), tags: widest(rows, 'tag', MOST_TAG), room, look }
  const body = rows.flatMap((row, line) =>
    renderRow(row, columns).map((text, at): Entry => {
      const cells = drawn.map(({ tone }, lane): Cell => {
        if (at === 0 && row.stops.includes(lane)) return { mark: 'stop', tone }
        const isThrough = line + (at === 0 ? 0 : 1) <= (ends[lane] ?? -1)
        return { mark: isThrough ? 'through' : 'none', tone }
      })
      return { ...(at === 0 && { thing: row.thing }), cells: [...left, ...cells], text }
    }),
  )
  return [...describe(frame, { look, indent }), ...renderHeads(lanes, { left, drawn, ends, look }), ...body]
}

interface Heads {
  readonly left: readonly Cell[]
  readonly drawn: readonly LaneLine[]
  /** The last row of each lane, -1 where it has none. */
  readonly ends: readonly number[]
  readonly look: Look
}

function renderHeads(lanes: readonly LaneLine[], { left, drawn, ends, look }: Heads): Entry[] {
  return lanes.map((lane, at) => {
    const isBare = (ends[at] ?? -1) < 0
    const before = drawn.slice(0, at).map(({ tone }, other): Cell => {
      return (ends[other] ?? -1) < 0 ? BLANK : { mark: 'through', tone }
    })
    const cells: readonly Cell[] = [...left, ...before, { mark: isBare ? 'alone' : 'head', tone: lane.tone }]
    return { cells, text: labelOf(lane, { ...look, width: look.width - cells.length * CELL - 1 }) }
  })
}

/** Name and note of a lane in its colour, on one line. */
export function labelOf({ label, note, tone }: LaneLine, look: Look): string {
  const paint = getPaint(look)
  const name = cut(clean(label), look.width)
  const room = look.width - getWidth(name) - 2
  const rest = room < LEAST_TITLE ? '' : cut(clean(note), room)
  return paint[toneOf(tone)](name) + (rest === '' ? '' : `  ${paint.dim(rest)}`)
}

/** A title with what is to be said about it. */
export function describe(
  { thing, title, notes }: Pick<FrameLines, 'thing' | 'title' | 'notes'>,
  place: Place,
): Entry[] {
  const paint = getPaint(place.look)
  const cells = Array.from({ length: place.indent }, () => BLANK)
  const room = place.look.width - place.indent * CELL - 1
  const name = cut(clean(title), room)
  const beside = room - getWidth(name) - 2
  const isBeside = beside >= LEAST_BESIDE
  const [first = '', ...more] = isBeside ? wrapNotes(notes, beside) : ['', ...wrapNotes(notes, room - CELL)]
  const lines = [`${paint.bold(name)}  ${paint.dim(first)}`, ...more.map((line) => `  ${paint.dim(line)}`)]
  return lines.map((text, at) => ({ ...(at === 0 && thing !== undefined && { thing }), cells, text }))
}

function widest(rows: readonly RowLine[], key: 'title' | 'tag', most: number): number {
  return Math.min(most, Math.max(0, ...rows.map((row) => getWidth(clean(row[key])))))
}

interface Columns {
  readonly titles: number
  readonly tags: number
  readonly room: number
  readonly look: Look
}

/** The notes beside title and tag, or below them. */
function renderRow({ title, tag, notes }: RowLine, { titles, tags, room, look }: Columns): string[] {
  const paint = getPaint(look)
  const name = cut(clean(title), Math.max(room - tags - 4, LEAST_TITLE))
  const head = `${paint.bold(pad(name, titles))}  ${paint.dim(pad(cut(clean(tag), tags), tags))}  `
  const beside = room - getWidth(head)
  if (beside < LEAST_BESIDE) return [head, ...wrapNotes(notes, room - CELL).map((line) => `  ${line}`)]
  const [first = '', ...more] = wrapNotes(notes, beside)
  return [head + first, ...more.map((line) => ' '.repeat(getWidth(head)) + line)]
}

/** Wrapped between the notes, and within one only where it alone is too wide. No notes are no lines. */
function wrapNotes(notes: readonly string[], width: number): string[] {
  if (notes.length === 0) return []
  const whole = notes.map((note) => clean(note).replaceAll(' ', '\u00a0')).join(', ')
  return wrap(whole, width).map((line) => line.replaceAll('\u00a0', ' '))
}
