// The page of `orion keeper status`: of each node its temperatures, what gave way, its disks, its watchdogs, and its alarms.
import {
  degrees,
  getAge,
  MARGIN,
  renderDisks,
  renderReadings,
  renderShed,
  type StatusLines,
} from './keeper-readings.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, count, getWidth, indent, pad } from './text.ts'

export interface WatchdogLine {
  readonly state: 'ok' | 'warning' | 'failed'
  readonly text: string
  readonly hint?: string
}

export interface KeeperLine {
  readonly node: string
  /** Its clock, epoch seconds. */
  readonly now?: number
  /** Absent = not installed. */
  readonly status?: StatusLines
  readonly watchdog?: WatchdogLine
  /** It did not answer. */
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

export interface KeeperPage {
  readonly site: string
  readonly nodes: readonly KeeperLine[]
}

/** Pure. Ends without a line feed. */
export function renderKeeper(page: KeeperPage, look: Look): string {
  return [renderHead(page, look), ...page.nodes.flatMap((line) => ['', ...renderNode(line, look)])].join('\n')
}

/** True where nothing of a node is an alarm: it answers, its Keeper runs, its disks are whole, and a watchdog is fed. */
export function isWell({ problem, status, watchdog }: KeeperLine): boolean {
  if (problem !== undefined || status === undefined || watchdog?.state === 'failed') return false
  return status.running && status.alarms.length === 0 && !status.disks.some(({ failing }) => failing)
}

/** `hive  2 nodes, all calm`. */
export function renderHead({ site, nodes }: KeeperPage, look: Look): string {
  const paint = getPaint(look)
  const bad = nodes.filter((line) => !isWell(line)).length
  const state = bad === 0 ? paint.green('calm') : paint.red(bad === nodes.length ? 'alarm' : `${bad} with an alarm`)
  return `${paint.bold(`${clean(site)}  ${count(nodes.length, 'node')}`)}, ${state}`
}

function renderNode(line: KeeperLine, look: Look): string[] {
  const { node, status, problem } = line
  const paint = getPaint(look)
  const name = paint.bold(clean(node))
  if (problem !== undefined) return [`${name}  ${paint.red('?')}`, ...renderProblem(node, problem, look)]
  const blocks =
    status === undefined
      ? []
      : [renderReadings(status, look), renderShed(status, line.now ?? 0, look), renderDisks(status, look)]
  const parts = [...blocks, renderFeeds(line, look), renderAlarms(line, look)].filter(({ length }) => length > 0)
  return [`${name}  ${headOf(line, look)}`, ...parts.flatMap((part, at) => (at === 0 ? part : ['', ...part]))]
}

// A map: a word of a host may be the name of what every object has.
const COLOURS: ReadonlyMap<string, 'green' | 'yellow' | 'red'> = new Map([
  ['cool', 'green'],
  ['hot', 'red'],
  ['shedding', 'red'],
])

/** `cool, 61 °C, limit 80 °C, looked 3 s ago`. */
function headOf({ status, now = 0, node }: KeeperLine, look: Look): string {
  const paint = getPaint(look)
  if (status === undefined) return paint.red(`no Keeper: orion keeper apply --node ${clean(node)}`)
  const { running, lastRun, state, limit, readings } = status
  const hottest = readings.flatMap(({ good, celsius }) => (good && celsius !== undefined ? [celsius] : []))
  const heat =
    hottest.length === 0
      ? ''
      : `, ${degrees(Math.max(...hottest))}${limit === undefined ? '' : `, limit ${degrees(limit)}`}`
  const ago = lastRun === 0 ? 'never looked' : `looked ${getAge(now - lastRun)} ago`
  if (!running) return paint.red(`does not run, ${ago}`)
  return `${paint[COLOURS.get(state) ?? 'yellow'](clean(state))}${heat}, ${paint.dim(ago)}`
}

/** What resets the node when it stands still: the watchdog inside, and the one outside. */
function renderFeeds({ watchdog, status }: KeeperLine, look: Look): string[] {
  const paint = getPaint(look)
  const label = (text: string) => MARGIN + pad(text, getWidth('heartbeat')) + MARGIN
  const dogs =
    watchdog === undefined
      ? []
      : indent(watchdog.text, label('watchdog'), look.width).map((line) =>
          watchdog.state === 'ok' ? line : paint[watchdog.state === 'failed' ? 'red' : 'yellow'](line),
        )
  const hint = watchdog?.hint
    ? indent(watchdog.hint, `${label('')}Try: `, look.width).map((line) => paint.cyan(line))
    : []
  const beat = status?.heartbeat
  const beats = beat ? indent(beatOf(beat), label('heartbeat'), look.width) : []
  return [...dogs, ...hint, ...beats.map((line) => (beat?.ok ? line : paint.red(line)))]
}

function beatOf({ port, ok, count: sent, answer, leftSeconds }: NonNullable<StatusLines['heartbeat']>): string {
  const left = leftSeconds === undefined ? '' : `, ${leftSeconds} s left`
  return `${port}: ${ok ? `${sent} sent` : 'cannot be written to'}${answer === undefined ? '' : `, ${answer}${left}`}`
}

function renderAlarms({ status, now = 0, node }: KeeperLine, look: Look): string[] {
  const paint = getPaint(look)
  return (status?.alarms ?? []).flatMap(({ text, since }) =>
    indent(`${node}: ${text} (${getAge(now - since)})`, '✖ ', look.width).map((line) => paint.red(line)),
  )
}

function renderProblem(
  node: string,
  { message, suggestions }: NonNullable<KeeperLine['problem']>,
  look: Look,
): string[] {
  const paint = getPaint(look)
  const text = message.includes(node) ? message : `${node}: ${message}`
  return [
    ...indent(text, '✖ ', look.width).map((line) => paint.red(line)),
    ...suggestions.flatMap((hint) => indent(hint, '  Try: ', look.width)).map((line) => paint.cyan(line)),
  ]
}
