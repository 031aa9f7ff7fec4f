// Which way each gateway reaches each other: a square of names while it fits, else only what is not as wanted.
import type { MeshPage, WayLine } from './mesh-table.ts'
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, getWidth } from './text.ts'

/** Beyond this many ways that differ, the table would hide the rest of the page. */
const MOST_ROWS = 20
const GAP = 2

/** Pure. Ends without a line feed. */
export function renderWays(page: MeshPage, look: Look): string {
  if (page.gateway !== undefined) return renderOwn(page, look)
  const square = toSquare(page)
  return getSquareWidth(square) <= look.width ? renderSquare(square, look) : renderOther(page.ways, look)
}

interface Square {
  readonly names: readonly string[]
  readonly rows: readonly { readonly from: string; readonly cells: readonly (WayLine | undefined)[] }[]
}

function toSquare({ gateways, ways }: MeshPage): Square {
  const names = gateways.map(({ name }) => name)
  const byPair = new Map(ways.map((way) => [`${way.from} ${way.to}`, way]))
  return { names, rows: names.map((from) => ({ from, cells: names.map((to) => byPair.get(`${from} ${to}`)) })) }
}

const CORNER = 'FROM / TO'

/** Each column is as wide as the longest name may be in it. */
function getSquareWidth({ names }: Square): number {
  const widest = Math.max(...names.map(getWidth), 'direct'.length)
  return Math.max(CORNER.length, widest) + names.length * (widest + GAP)
}

function renderSquare({ names, rows }: Square, look: Look): string {
  type Row = Square['rows'][number]
  const columns = names.map(
    (to, at): Column<Row> => ({
      head: clean(to),
      get: ({ from, cells }) => (from === to ? '.' : nextOf(cells[at])),
      colour: ({ from, cells }) => (from === to ? 'dim' : colourOf(cells[at])),
    }),
  )
  return renderTable<Row>([{ head: CORNER, get: ({ from }) => from }, ...columns], rows, look)
}

/** `direct`, the gateway that it goes over first, `none`; `?`: nobody was there to ask. */
function nextOf(way: WayLine | undefined): string {
  if (way === undefined) return '?'
  const [next] = way.now
  return next === undefined ? 'none' : next === way.to ? 'direct' : next
}

function colourOf(way: WayLine | undefined): 'red' | 'yellow' | 'dim' | undefined {
  if (way === undefined) return 'dim'
  const [next] = way.now
  return next === undefined ? 'red' : next === way.wanted ? undefined : 'yellow'
}

function renderOther(ways: readonly WayLine[], look: Look): string {
  const other = ways.filter(({ now: [next], wanted }) => next !== wanted)
  const head = `${ways.length - other.length} of ${count(ways.length, 'way')} as wanted`
  const rest = other.length > MOST_ROWS ? [`and ${other.length - MOST_ROWS} more`] : []
  const columns: readonly Column<WayLine>[] = [
    { head: 'FROM', get: ({ from }) => from },
    { head: 'TO', get: ({ to }) => to },
    { head: 'GOES OVER', get: pathOf, colour: colourOf },
    { head: 'WANTED', get: ({ wanted, to }) => (wanted === to ? 'direct' : (wanted ?? '-')) },
  ]
  const table = other.length === 0 ? [] : [renderTable(columns, other.slice(0, MOST_ROWS), look)]
  return [getPaint(look).bold(head), ...table, ...rest].join('\n')
}

/** All of it: `van-1 > kel-1`, `direct`, `none`. Where a gateway on it did not answer, nobody knows how it goes on. */
function pathOf({ now, to }: WayLine): string {
  if (now.length === 0) return 'none'
  if (now[0] === to) return 'direct'
  return `${now.filter((name) => name !== to).join(' > ')}${now.at(-1) === to ? '' : ' > ?'}`
}

function renderOwn({ gateway, gateways, ways }: MeshPage, look: Look): string {
  const routes = new Map(gateways.map((line) => [line.name, line.routes]))
  const columns: readonly Column<WayLine>[] = [
    { head: 'TO', get: ({ to }) => to, whole: true },
    { head: 'GOES OVER', get: pathOf, colour: colourOf },
    { head: 'WANTED', get: ({ wanted, to }) => (wanted === to ? 'direct' : (wanted ?? '-')) },
    { head: 'ROUTES', get: ({ to }) => (routes.get(to) ?? []).join(', ') || '-' },
  ]
  return renderTable(
    columns,
    ways.filter(({ from }) => from === gateway),
    look,
  )
}
