// A frame of the drawing: its title, its lanes downward with a head each, and its rows beside them, in as many columns as look well.
import type { Block, Part, Rect } from './geometry.ts'
import { cut, fill, LINE, put, shift, widthOf } from './geometry.ts'
import type { Frame, Lane, Row } from './model.ts'

/** Of a row's box. */
const CARD = 356
const PAD = 10
const GAP = 6
const COLUMN_GAP = 22
/** From lane to lane. */
export const STEP = 16
/** Height of a lane's head. */
export const HEAD = 18
const MAX_NOTES = 3
/** A frame is about so much wider than high. */
const RATIO = 1.6
/** More would have to be scrolled to the side. */
const MAX_COLUMNS = 5

/** The frame at the origin. Rows in `wired` are in the first column, where wires get at them from the left. */
export function layFrame(frame: Frame, wired: ReadonlySet<string>): Block {
  const lanes = frame.lanes.length * STEP
  const rows = frame.rows.map((row) => layRow(row, lanes))
  const columns = distribute(rows, wired, lanes + CARD)
  const width = PAD * 2 + Math.max(1, columns.length) * (lanes + CARD + COLUMN_GAP) - COLUMN_GAP
  const notes = fill(frame.notes, width - PAD * 2, 2)
  const top = PAD + LINE * (1 + notes.length) + GAP
  const placed = columns.map((column, at) =>
    shift(layColumn(frame.lanes, column, at === 0), PAD + at * (lanes + CARD + COLUMN_GAP), top),
  )
  const height = top + Math.max(0, ...placed.map((block) => block.height)) + (rows.length > 0 ? PAD : 0)
  const y = PAD + LINE - 5
  const title = cut(frame.title, 'name', width - PAD * 2)
  const part: Part = {
    ...(frame.thing !== undefined && { thing: frame.thing }),
    kind: 'frame',
    box: { x: 0, y: 0, width, height },
    texts: [put(title, 'name', PAD, y), ...notes.map((line, at) => put(line, 'note', PAD, y + LINE * (at + 1), true))],
    lines: [],
    dots: [],
  }
  const anchors = [
    ...(frame.thing === undefined ? [] : [{ thing: frame.thing, x: 0, y: PAD + LINE / 2 }]),
    ...placed.flatMap((block) => block.anchors),
  ]
  return { width, height, parts: [part, ...placed.flatMap((block) => block.parts)], anchors }
}

/** A row before it has its place in a column. */
interface LaidRow {
  readonly row: Row
  readonly height: number
  /** At the origin of its column's line. */
  readonly block: Block
}

function layRow(row: Row, x: number): LaidRow {
  const room = CARD - PAD * 2
  const tag = cut(row.tag, 'note', room / 2)
  const title = cut(row.title, 'name', room - widthOf(tag, 'note') - PAD)
  const notes = fill(row.notes, room, MAX_NOTES)
  const height = GAP * 2 + LINE * (1 + notes.length)
  const y = GAP + LINE - 5
  const texts = [
    put(title, 'name', x + PAD, y),
    put(tag, 'note', x + PAD + widthOf(title, 'name') + PAD, y, true),
    ...notes.map((line, at) => put(line, 'note', x + PAD, y + LINE * (at + 1), true)),
  ]
  const box: Rect = { x, y: 0, width: CARD, height }
  const [first] = row.stops
  const lines = first === undefined ? [] : [{ x1: laneX(first), y1: STOP, x2: x, y2: STOP }]
  const tone = row.tone === undefined ? {} : { tone: row.tone }
  const part: Part = { thing: row.thing, kind: 'row', ...tone, box, texts, lines, dots: [] }
  const anchor = { thing: row.thing, x, y: height - GAP - LINE / 2 }
  return { row, height, block: { width: x + CARD, height, parts: [part], anchors: [anchor] } }
}

/** Where a row touches its lanes: beside its title; wires end below that. */
const STOP = GAP + LINE / 2

const laneX = (at: number): number => at * STEP + STEP / 2

/** Heads, rows, and the lanes from their heads to their last stop. A lane that nothing is on has its head in the first column only. */
function layColumn(lanes: readonly Lane[], rows: readonly LaidRow[], isFirst: boolean): Block {
  const width = lanes.length * STEP + CARD
  const shown = lanes.flatMap((_, at) => (isFirst || rows.some(({ row }) => row.stops.includes(at)) ? [at] : []))
  const tops: number[] = []
  let y = shown.length === 0 ? 0 : shown.length * HEAD + GAP
  for (const { height } of rows) {
    tops.push(y)
    y += height + GAP
  }
  const placed = rows.map(({ block }, at) => shift(block, 0, tops[at] ?? 0))
  const drawn = shown.flatMap((at, head) => {
    const stops = rows.flatMap(({ row }, index) => (row.stops.includes(at) ? [(tops[index] ?? 0) + STOP] : []))
    const dots = stops.map((stop) => ({ x: laneX(at), y: stop, isHub: false }))
    const lane = lanes[at]
    return lane === undefined ? [] : [layLane(lane, { x: laneX(at), y: head * HEAD, dots, room: width - laneX(at) })]
  })
  const parts = [...placed.flatMap((block) => block.parts), ...drawn]
  return { width, height: Math.max(0, y - GAP), parts, anchors: placed.flatMap((block) => block.anchors) }
}

interface LanePlace {
  readonly x: number
  readonly y: number
  readonly dots: Part['dots']
  /** For the words beside its head. */
  readonly room: number
}

/** A lane with its head, down to its last stop. */
export function layLane({ thing, tone, label, note }: Lane, { x, y, dots, room }: LanePlace): Part {
  const [left, base] = [x + PAD, y + HEAD / 2 + 4]
  const name = cut(label, 'note', room - PAD)
  const rest = room - PAD * 2 - widthOf(name, 'note')
  const more =
    rest > 40 && note !== ''
      ? [put(cut(note, 'note', rest), 'note', left + widthOf(name, 'note') + PAD, base, true)]
      : []
  const end = Math.max(y + HEAD, ...dots.map((dot) => dot.y))
  const lines = [
    { x1: x, y1: y + HEAD / 2, x2: x, y2: end },
    { x1: x, y1: y + HEAD / 2, x2: x + PAD - 4, y2: y + HEAD / 2 },
  ]
  return { thing, kind: 'lane', tone, texts: [put(name, 'note', left, base), ...more], lines, dots }
}

/** Rows in columns of like height; how many, so that the frame has the shape of a screen. */
function distribute(
  rows: readonly LaidRow[],
  wired: ReadonlySet<string>,
  width: number,
): readonly (readonly LaidRow[])[] {
  const total = rows.reduce((sum, { height }) => sum + height + GAP, 0)
  const columns = Math.min(MAX_COLUMNS, Math.max(1, Math.round(Math.sqrt((total * RATIO) / width))))
  if (columns === 1) return rows.length === 0 ? [] : [rows]
  const isWired = ({ row }: LaidRow) => wired.has(row.thing)
  const sorted = [...rows.filter(isWired), ...rows.filter((row) => !isWired(row))]
  const result: LaidRow[][] = [[]]
  let height = 0
  for (const row of sorted) {
    const isFull = height + row.height / 2 > total / columns && result.length < columns
    if (isFull && !isWired(row)) {
      result.push([])
      height = 0
    }
    result.at(-1)?.push(row)
    height += row.height + GAP
  }
  return result
}
