// The measures of the drawing: a font of one width, boxes, texts and lines in pixels, and text that is cut to its place. Pure.

/** Of the text, in pixels. */
export const SIZE = { title: 18, name: 13, note: 12 } as const
export type Size = keyof typeof SIZE

/** Width of a sign in parts of its size. Fonts of one width have 0.55 to 0.61. */
const ADVANCE = 0.62
/** From one line of text to the next. */
export const LINE = 17

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Text {
  readonly text: string
  readonly size: Size
  readonly isQuiet: boolean
  readonly x: number
  /** Of the line on which its signs stand. */
  readonly y: number
}

export interface Segment {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

export interface Dot {
  readonly x: number
  readonly y: number
  readonly isHub: boolean
}

/** Everything in the drawing that is one thing, at one place. */
export interface Part {
  readonly thing?: string
  readonly kind: 'heading' | 'group' | 'frame' | 'stub' | 'row' | 'lane'
  readonly tone?: number
  readonly box?: Rect
  readonly texts: readonly Text[]
  readonly lines: readonly Segment[]
  readonly dots: readonly Dot[]
}

/** Where wires end at a thing. */
export interface Anchor {
  readonly thing: string
  readonly x: number
  readonly y: number
}

/** Parts in their own frame of reference. */
export interface Block {
  readonly width: number
  readonly height: number
  readonly parts: readonly Part[]
  readonly anchors: readonly Anchor[]
}

export function shift({ parts, anchors, ...size }: Block, x: number, y: number): Block {
  const move = <Point extends { readonly x: number; readonly y: number }>(point: Point): Point => ({
    ...point,
    x: point.x + x,
    y: point.y + y,
  })
  const moved = parts.map((part) => ({
    ...part,
    ...(part.box && { box: move(part.box) }),
    texts: part.texts.map(move),
    lines: part.lines.map(({ x1, y1, x2, y2 }) => ({ x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y })),
    dots: part.dots.map(move),
  }))
  return { ...size, parts: moved, anchors: anchors.map(move) }
}

/** ASCII, and the few other signs of ours, are one wide; of everything else two is the most. */
const signWidth = (sign: string): number => (/[\u0020-\u007e\u00a0-\u024f–…←]/.test(sign) ? 1 : 2)

const columnsOf = (text: string): number => [...text].reduce((sum, sign) => sum + signWidth(sign), 0)

/** In pixels, at most. */
export const widthOf = (text: string, size: Size): number => columnsOf(text) * SIZE[size] * ADVANCE

/** Cut to a width in pixels, the cut shown by `…`. */
export function cut(text: string, size: Size, width: number): string {
  if (widthOf(text, size) <= width) return text
  const room = width / (SIZE[size] * ADVANCE) - 1
  let kept = ''
  let used = 0
  for (const sign of text) {
    used += signWidth(sign)
    if (used > room) break
    kept += sign
  }
  return `${kept}…`
}

/** Pieces with commas between them, on at most `most` lines of notes; what has no room is told by `…`. */
export function fill(pieces: readonly string[], width: number, most: number): readonly string[] {
  const lines: string[] = []
  for (const [at, piece] of pieces.entries()) {
    const text = at + 1 < pieces.length ? `${piece},` : piece
    const last = lines.at(-1)
    const longer = last === undefined ? text : `${last} ${text}`
    if (last !== undefined && widthOf(longer, 'note') <= width) lines[lines.length - 1] = longer
    else if (lines.length < most) lines.push(cut(text, 'note', width))
    else return [...lines.slice(0, -1), cut(`${lines.at(-1)} …`, 'note', width)]
  }
  return lines
}

/** A text as a part has it. */
export const put = (text: string, size: Size, x: number, y: number, isQuiet = false): Text => ({
  text,
  size,
  isQuiet,
  x,
  y,
})
