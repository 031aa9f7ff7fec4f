// The page of `orion bootstrap show`: the site as a tree, with its tunnels and BGP sessions as lines down the page.
import { getPaint, type Look } from './paint.ts'
import { BLANK, CELL, type Cell, drawCells, isNarrow, toneOf } from './picture-cells.ts'
import { describe, type Entry, type FrameLines, type LaneLine, labelOf, renderFrame } from './picture-frame.ts'
import { clean, cut, wrap } from './text.ts'

export interface WireLine extends LaneLine {
  readonly hub?: string
  /** Ids of rows or frames, `guest:router`. */
  readonly members: readonly string[]
}

export interface PictureLines {
  readonly site: string
  readonly summary: string
  readonly wires: readonly WireLine[]
  /** Without a title: not around anything. */
  readonly groups: readonly {
    readonly title: string
    readonly notes: readonly string[]
    readonly frames: readonly FrameLines[]
  }[]
}

const EMPTY: Entry = { cells: [], text: '' }

/** Pure. Ends without a line feed. */
export function renderPicture({ site, summary, wires, groups }: PictureLines, look: Look): string {
  const paint = getPaint(look)
  const isDrawn = isNarrow(wires, look)
  const inner = { ...look, width: look.width - (isDrawn ? wires.length * CELL : 0) }
  const entries = groups.flatMap(({ title, notes, frames }) => {
    const indent = title === '' ? 0 : 1
    const head = title === '' ? [] : [EMPTY, ...describe({ title, notes }, { look: inner, indent: 0 })]
    const body = frames.flatMap((frame) => [
      ...gapBefore(frame, indent),
      ...renderFrame(frame, { look: inner, indent }),
    ])
    return [...head, ...body]
  })
  const title = [
    paint.bold(cut(clean(site), look.width)),
    ...wrap(clean(summary), look.width).map((line) => paint.dim(line)),
  ]
  if (!isDrawn) return [...title, ...joinLines(entries, [], look), '', ...listWires(wires, look)].join('\n')
  return [...title, ...(wires.length > 0 ? [''] : []), ...joinLines(entries, wires, look)].join('\n')
}

/** A node that has nothing on it stands close to the title of its cluster, and to others of the kind. */
function gapBefore({ lanes, rows }: FrameLines, indent: number): readonly Entry[] {
  return indent > 0 && lanes.length + rows.length === 0 ? [] : [EMPTY]
}

/** The entries with the wires at their left: each from its head to the last of its members. */
function joinLines(entries: readonly Entry[], wires: readonly WireLine[], look: Look): string[] {
  const known = wires.map(({ members }) => new Set(members))
  const isAt = (entry: Entry, wire: number) => entry.thing !== undefined && known[wire]?.has(entry.thing) === true
  const ends = wires.map((_, at) => entries.findLastIndex((entry) => isAt(entry, at)))
  const through = ({ tone }: WireLine): Cell => ({ mark: 'through', tone })
  const heads = wires.map((wire, at) => {
    const cells: readonly Cell[] = [...wires.slice(0, at).map(through), { mark: 'head', tone: wire.tone }]
    return drawLine(cells, labelOf(wire, { ...look, width: look.width - cells.length * CELL - 1 }), look)
  })
  const body = entries.map((entry, line) => {
    const own = wires.map((wire, at): Cell => {
      if (line > (ends[at] ?? -1)) return BLANK
      if (!isAt(entry, at)) return through(wire)
      return { mark: entry.thing === wire.hub ? 'hub' : 'stop', tone: wire.tone }
    })
    return drawLine([...own, ...entry.cells], entry.text, look)
  })
  return [...heads, ...body]
}

function drawLine(cells: readonly Cell[], text: string, look: Look): string {
  return [...(cells.length > 0 ? [drawCells(cells, look)] : []), text].join(' ').trimEnd()
}

/** Where there is no room for them at the left. */
function listWires(wires: readonly WireLine[], look: Look): string[] {
  const paint = getPaint(look)
  const nameOf = (id: string) => id.slice(id.indexOf(':') + 1)
  return wires.flatMap(({ label, note, tone, members }) => {
    const head = wrap(clean([label, note].filter((text) => text !== '').join(', ')), look.width)
    const lines = wrap(clean(members.map(nameOf).join(', ')), look.width - CELL)
    return [...head.map((line) => paint[toneOf(tone)](line)), ...lines.map((line) => `  ${line}`)]
  })
}
