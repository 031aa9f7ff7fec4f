// The picture as a drawing: what has wires stands in the first column, beside the gutter in which the wires run. Pure.
import { HEAD, layFrame, layLane, STEP } from './frame-layout.ts'
import { type Anchor, type Block, cut, fill, LINE, type Part, put, SIZE, shift, widthOf } from './geometry.ts'
import type { Group, Picture, Wire } from './model.ts'

/** Parts in the order in which they are painted, nothing outside of width and height. Pixels. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly parts: readonly Part[]
}

const MARGIN = 20
const GAP = 16
const PAD = 12

/** No text overlaps another, no box another unless it stands in it; untitled, it begins with the wires. O(n) for n rows. */
export function layPicture({ site, summary, wires, groups }: Picture, isTitled = true): Drawing {
  const wired = new Set(wires.flatMap(({ members }) => members))
  const gutter = wires.length === 0 ? 0 : wires.length * STEP + GAP
  const heads = MARGIN + (isTitled ? SIZE.title + LINE + GAP : 0)
  const left = MARGIN + gutter
  let y = heads + (wires.length === 0 ? 0 : wires.length * HEAD + GAP)
  const laid = groups.map((group) => layGroup(group, wired))
  const wide = Math.max(0, ...laid.map((block) => block.width))
  const placed = laid.map((block) => {
    const at = shift(stretch(block, wide), left, y)
    y += block.height + GAP
    return at
  })
  const anchors = placed.flatMap((block) => block.anchors)
  const right = left + Math.max(wide, 480)
  const heading: Part = {
    kind: 'heading',
    texts: [
      put(cut(site, 'title', right - MARGIN), 'title', MARGIN, MARGIN + SIZE.title - 3),
      put(cut(summary, 'note', right - MARGIN), 'note', MARGIN, MARGIN + SIZE.title + LINE - 2, true),
    ],
    lines: [],
    dots: [],
  }
  const lanes = layWires(wires, anchors, { y: heads, right })
  const parts = [...(isTitled ? [heading] : []), ...placed.flatMap((block) => block.parts), ...lanes]
  return { width: right + MARGIN, height: y - GAP + MARGIN, parts: parts.toSorted((a, b) => depthOf(a) - depthOf(b)) }
}

const DEPTHS = { heading: 0, group: 0, frame: 1, stub: 2, row: 3, lane: 4 } as const
const depthOf = ({ kind }: Part): number => DEPTHS[kind]

/** A group that is drawn is as wide as the widest. */
function stretch(block: Block, width: number): Block {
  const parts = block.parts.map((part) =>
    part.kind === 'group' && part.box ? { ...part, box: { ...part.box, width } } : part,
  )
  return { ...block, width, parts }
}

function layGroup({ thing, title, notes, frames }: Group, wired: ReadonlySet<string>): Block {
  const laid = frames.map((frame) => {
    const block = layFrame(frame, wired)
    return { block, isWired: block.anchors.some((anchor) => wired.has(anchor.thing)) }
  })
  const columns = toColumns(laid)
  const inner = layColumns(columns)
  if (title === '') return inner
  const room = Math.max(inner.width, 200)
  const name = cut(title, 'name', room)
  const rest = room - widthOf(name, 'name') - PAD
  const note = rest > 60 ? fill(notes, rest, 1) : []
  const texts = [
    put(name, 'name', PAD, PAD + LINE - 5),
    ...note.map((line) => put(line, 'note', PAD * 2 + widthOf(name, 'name'), PAD + LINE - 5, true)),
  ]
  const top = PAD + LINE + PAD / 2
  const [width, height] = [room + PAD * 2, top + inner.height + PAD]
  const box = { x: 0, y: 0, width, height }
  const part: Part = { ...(thing !== undefined && { thing }), kind: 'group', box, texts, lines: [], dots: [] }
  const { parts, anchors } = shift(inner, PAD, top)
  const own = thing === undefined ? [] : [{ thing, x: 0, y: PAD + LINE / 2 }]
  return { width, height, parts: [part, ...parts], anchors: [...own, ...anchors] }
}

interface LaidFrame {
  readonly block: Block
  readonly isWired: boolean
}

/** Those with wires in the first column, the others each where it is shortest. */
function toColumns(laid: readonly LaidFrame[]): readonly (readonly Block[])[] {
  const area = laid.reduce((sum, { block }) => sum + (block.height + GAP) * (block.width + GAP), 0)
  const widest = Math.max(1, ...laid.map(({ block }) => block.width + GAP))
  const first = laid.filter(({ isWired }) => isWired).map(({ block }) => block)
  const others = laid.filter(({ isWired }) => !isWired).map(({ block }) => block)
  const count = Math.max(1, Math.round(Math.sqrt(area * 1.5) / widest) - (first.length > 0 ? 1 : 0))
  const columns = Array.from({ length: Math.min(count, others.length) }, () => ({ blocks: [] as Block[], height: 0 }))
  for (const block of others) {
    const shortest = columns.reduce((best, column) => (column.height < best.height ? column : best))
    shortest.blocks.push(block)
    shortest.height += block.height + GAP
  }
  return [...(first.length > 0 ? [first] : []), ...columns.map(({ blocks }) => blocks)]
}

function layColumns(columns: readonly (readonly Block[])[]): Block {
  let x = 0
  let height = 0
  const placed = columns.flatMap((blocks) => {
    let y = 0
    const column = blocks.map((block) => {
      const at = shift(block, x, y)
      y += block.height + GAP
      return at
    })
    x += Math.max(0, ...blocks.map((block) => block.width)) + GAP
    height = Math.max(height, y - GAP)
    return column
  })
  return {
    width: Math.max(0, x - GAP),
    height,
    parts: placed.flatMap((block) => block.parts),
    anchors: placed.flatMap((block) => block.anchors),
  }
}

/** Each wire at its place in the gutter; and from everything that has some, one line to the farthest of them. */
function layWires(
  wires: readonly Wire[],
  anchors: readonly Anchor[],
  { y, right }: { y: number; right: number },
): Part[] {
  const places = new Map(anchors.map((anchor) => [anchor.thing, anchor]))
  const stubs = new Map<string, Part>()
  const lanes = wires.map((wire, at) => {
    const x = MARGIN + at * STEP + STEP / 2
    const dots = wire.members.flatMap((thing) => {
      const anchor = places.get(thing)
      if (anchor === undefined) return []
      if (!stubs.has(thing)) stubs.set(thing, layStub(anchor, x))
      return [{ x, y: anchor.y, isHub: thing === wire.hub }]
    })
    return layLane(wire, { x, y: y + at * HEAD, dots, room: right - x })
  })
  return [...stubs.values(), ...lanes]
}

function layStub({ thing, x, y }: Anchor, from: number): Part {
  return { thing, kind: 'stub', texts: [], lines: [{ x1: from, y1: y, x2: x, y2: y }], dots: [] }
}
