// The pages of `orion mesh drill`: what would be cut, and how long each pair of gateways took to find another way.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, getTime, indent } from './text.ts'

export interface DrillLines {
  readonly what: string
  readonly at: string
  readonly ports: readonly number[]
  readonly routing: 'bgp' | 'static'
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly after?: string }[]
  /** So many of the pairs are measured. */
  readonly measured: number
  readonly seconds: number
  /** In the rehearsal lab: times are computed, not measured. */
  readonly lab: boolean
}

export interface PairLine {
  readonly from: string
  readonly to: string
  readonly before: string
  readonly wanted?: string
  readonly after?: string
  readonly state: 'moved' | 'lost' | 'unhurt' | 'unknown'
  readonly silentMs?: number
  readonly movedMs?: number
  readonly isBack: boolean
}

/** So many names in a sentence. */
const MOST_NAMES = 8
/** With BFD a way is another one in less than this. */
const SLOW_MS = 3_000

/** Before anything is cut. Pure. Ends without a line feed. */
export function renderDrill(drill: DrillLines, look: Look): string {
  const { what, at, ports, routing, pairs, measured, seconds, lab } = drill
  const paint = getPaint(look)
  const alone = pairs.filter(({ after }) => after === undefined)
  const where = lab ? 'in the lab: links and times are modelled' : `on ${at}, which ends it by itself`
  const shown = ports.length > MOST_NAMES ? count(ports.length, 'UDP port') : `UDP ${ports.join(', ')}`
  const some = measured < pairs.length ? `, ${measured} of them measured` : ''
  return [
    ...indent(`${what} is cut for ${seconds} s ${where} (${shown})`, '', look.width).map((line) => paint.bold(line)),
    ...indent(
      `${count(pairs.length, 'way')} between gateways ${pairs.length === 1 ? 'goes' : 'go'} over it${some}.`,
      '',
      look.width,
    ),
    ...warn(alone.length > 0 && routing === 'bgp', `no other way by design: ${listOf(alone)}`, look),
    ...warn(
      routing === 'static',
      'routing is static: nothing finds another way, and all of them are out until the end',
      look,
    ),
  ].join('\n')
}

function warn(isSo: boolean, text: string, look: Look): string[] {
  return isSo ? indent(text, '! ', look.width).map((line) => getPaint(look).yellow(line)) : []
}

function listOf(pairs: readonly { readonly from: string; readonly to: string }[]): string {
  const names = pairs.slice(0, MOST_NAMES).map(({ from, to }) => `${from} to ${to}`)
  return pairs.length > MOST_NAMES ? `${names.join(', ')} and ${pairs.length - MOST_NAMES} more` : names.join(', ')
}

const columns: readonly Column<PairLine>[] = [
  { head: 'FROM', get: ({ from }) => from },
  { head: 'TO', get: ({ to }) => to },
  { head: 'BEFORE', get: ({ before, to }) => nameOf(before, to) },
  { head: 'WHILE CUT', get: whileCut, colour: colourOf },
  {
    head: 'SILENT',
    get: ({ silentMs, state }) => timeOf(state === 'unhurt' ? 0 : silentMs),
    right: true,
    colour: slowColour,
  },
  { head: 'MOVED AFTER', get: ({ movedMs }) => timeOf(movedMs), right: true },
  {
    head: 'AS BEFORE',
    get: ({ isBack }) => (isBack ? 'yes' : 'not yet'),
    colour: ({ isBack }) => (isBack ? undefined : 'yellow'),
  },
]

const nameOf = (next: string, to: string): string => (next === to ? 'direct' : next)
const timeOf = (ms: number | undefined): string => (ms === undefined ? '-' : getTime(ms))

function whileCut({ state, after, to }: PairLine): string {
  if (state === 'lost') return 'none'
  if (state === 'unknown') return '?'
  return after === undefined ? '-' : nameOf(after, to)
}

/** A way that by design is the only one may be lost. */
function colourOf({ state, wanted }: PairLine): 'green' | 'yellow' | 'red' | 'dim' {
  if (state === 'unknown') return 'dim'
  return state === 'lost' ? (wanted === undefined ? 'yellow' : 'red') : 'green'
}

function slowColour({ silentMs = 0, state }: PairLine): 'yellow' | undefined {
  return state === 'moved' && silentMs > SLOW_MS ? 'yellow' : undefined
}

/** After it. Pure. Ends without a line feed. */
export function renderResults(drill: DrillLines, pairs: readonly PairLine[], look: Look): string {
  const paint = getPaint(look)
  const of = (isSo: (pair: PairLine) => boolean) => pairs.filter(isSo)
  const lost = of(({ state, wanted }) => state === 'lost' && wanted !== undefined)
  const alone = of(({ state, wanted }) => state === 'lost' && wanted === undefined)
  const wrong = (list: readonly PairLine[], text: string) =>
    list.length === 0 ? [] : indent(`${text}: ${listOf(list)}`, '✖ ', look.width).map((line) => paint.red(line))
  const away = of(({ state, isBack }) => state !== 'unknown' && !isBack)
  const unknown = of(({ state }) => state === 'unknown')
  return [
    paint.bold(`${clean(drill.what)}${drill.lab ? ', modelled' : ''}: ${summaryOf(pairs)}`),
    ...(pairs.length === 0 ? [] : [renderTable(columns, pairs, look)]),
    ...wrong(lost, 'never came back while it was cut'),
    ...warn(alone.length > 0, `no other way by design: ${listOf(alone)}`, look),
    ...warn(away.length > 0, `not as before yet: ${listOf(away)}`, look),
    ...warn(unknown.length > 0, `not measured, as no answer came before either: ${listOf(unknown)}`, look),
  ].join('\n')
}

/** `12 ways moved, the slowest silent for 0.9 s`. */
function summaryOf(pairs: readonly PairLine[]): string {
  const moved = pairs.filter(({ state }) => state === 'moved' || state === 'unhurt')
  if (pairs.length === 0) return 'no way goes over it'
  if (moved.length === 0) return 'no way moved'
  const slowest = Math.max(...moved.map(({ silentMs = 0 }) => silentMs))
  return `${count(moved.length, 'way')} moved, silent for ${getTime(slowest)} at most`
}
