// The drawing as SVG 1.1: without script, readable in light and dark, each thing with its facts as a title.
import { template } from '../../render.ts'
import type { Part, Text } from './geometry.ts'
import { layPicture } from './layout.ts'
import { escapeMarkup } from './markup.ts'
import type { Picture, Thing } from './model.ts'

/** Number of colours in templates/picture/svg-style.eta. */
const TONES = 8

/** A file of its own. */
export function renderSvg(picture: Picture): string {
  const style = template('picture/svg-style')({}).trimEnd().split('\n')
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...svgLines(picture, { head: ['<style>', ...style, '</style>'], isTitled: true }),
  ]
  return `${lines.join('\n')}\n`
}

/** The element alone, line by line; `data-thing` is the thing's place in the picture's list. */
export function svgLines(
  picture: Picture,
  { head, isTitled }: { head: readonly string[]; isTitled: boolean },
): readonly string[] {
  const { width, height, parts } = layPicture(picture, isTitled)
  const size = `width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}"`
  const numbers = new Map(picture.things.map(({ id }, at) => [id, at]))
  const known: Known = { numbers, things: picture.things }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" ${size} role="img">`,
    `<title>${escapeMarkup(`${picture.site}: ${picture.summary}`)}</title>`,
    '<desc>Made by orion bootstrap show</desc>',
    ...head,
    `<rect class="paper" width="${round(width)}" height="${round(height)}"/>`,
    ...parts.flatMap((part) => partLines(part, known)),
    '</svg>',
  ]
}

interface Known {
  readonly numbers: ReadonlyMap<string, number>
  readonly things: readonly Thing[]
}

function partLines(part: Part, { numbers, things }: Known): readonly string[] {
  const { kind, tone, box, texts, lines, dots } = part
  const number = part.thing === undefined ? undefined : numbers.get(part.thing)
  const thing = number === undefined ? undefined : things[number]
  const classes = [kind, ...(tone === undefined ? [] : [`tone-${tone % TONES}`])].join(' ')
  return [
    `<g class="${classes}"${number === undefined ? '' : ` data-thing="${number}"`}>`,
    ...(thing && kind !== 'stub' ? [`<title>${escapeMarkup(titleOf(thing))}</title>`] : []),
    ...(box ? [boxLine(box, kind, tone)].flat() : []),
    ...lines.map(({ x1, y1, x2, y2 }) => `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}"/>`),
    ...dots.map(
      ({ x, y, isHub }) =>
        `<circle cx="${round(x)}" cy="${round(y)}" r="${isHub ? 6 : 4.5}"${isHub ? ' class="hub"' : ''}/>`,
    ),
    ...texts.map(textLine),
    '</g>',
  ]
}

const RADII = { heading: 0, group: 10, frame: 8, stub: 0, row: 5, lane: 0 } as const

/** A row of a network has its colour as a bar at the left. */
function boxLine(
  { x, y, width, height }: NonNullable<Part['box']>,
  kind: Part['kind'],
  tone: number | undefined,
): string[] {
  const place = (wide: number) => `x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(height)}"`
  const radius = RADII[kind]
  return [
    `<rect ${place(width)} rx="${radius}"/>`,
    ...(kind === 'row' && tone !== undefined ? [`<rect class="bar" ${place(4)}/>`] : []),
  ]
}

function textLine({ text, size, isQuiet, x, y }: Text): string {
  return `<text class="${size}${isQuiet ? ' quiet' : ''}" x="${round(x)}" y="${round(y)}">${escapeMarkup(text)}</text>`
}

/** `container redis` with a line for each fact; a line break is no sign of the text here. */
function titleOf({ kind, name, facts }: Thing): string {
  return [`${kind} ${name}`, ...facts.map(([label, value]) => `${label}: ${value}`)].join('; ')
}

const round = (number: number): string => String(Math.round(number * 10) / 10)
