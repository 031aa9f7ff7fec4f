// What orion bgp migrate says of the state of a move, and what is next.
type Daemon = 'bird' | 'gobgp'

/** As parts/bgp/migration.ts has it. */
export interface Status {
  readonly router: string
  readonly edge: Daemon
  readonly isOpen: boolean
  readonly progress:
    | { readonly to: Daemon; readonly step: string; readonly since: string; readonly at: string }
    | undefined
  readonly watch:
    | {
        readonly leftSeconds: number
        readonly reports: number
        readonly bad: readonly string[]
        readonly last: string | undefined
      }
    | undefined
  /** Files that only the daemon needs that is not at the edge. */
  readonly leftovers: readonly string[]
}

interface State {
  readonly status: Status
  readonly to: Daemon
  /** Steps that are still to be done. */
  readonly left: readonly string[]
  /** Of the site file. */
  readonly wanted: Daemon | undefined
}

const NAMES = { bird: 'BIRD', gobgp: 'GoBGP' } as const
/** So many of the reports that were not good are shown. */
const MOST_BAD = 5

/** First how it is, then what is next; the commands are still to be completed. */
export function doneText({ status, to, left, wanted }: State): readonly string[] {
  const { router, edge, watch, leftovers } = status
  const isGoingOn = watch !== undefined && watch.leftSeconds > 0
  const head = `${NAMES[edge]} is at the edge of ${router}${isGoingOn ? `, watched for ${durationText(watch.leftSeconds)} more` : ''}.`
  const again = `orion bgp migrate --to ${to}`
  if (isGoingOn) return [head, 'How it goes: orion bgp migrate status', `After the watch, to clean up: ${again}`]
  const back =
    to === edge || leftovers.length === 0 ? [] : [`To leave it instead, and clean up: orion bgp migrate --to ${edge}`]
  if (left.length > 0) return [head, `Next, ${left[0]}: ${again}`, ...back]
  if (wanted === edge) return [head]
  return [head, `Set daemon: ${edge} under bgp in the site file. Then look: orion bgp plan`]
}

/** A page of at most 80 columns, but for what the router reports itself. */
export function renderStatus(
  { router, edge, isOpen, progress, watch, leftovers }: Status,
  next: readonly string[],
): string {
  const row = (name: string, text: string) => `  ${name.padEnd(6)} ${text}`
  const last = watch?.last
  return [
    `${router}: ${NAMES[edge]} is at the edge`,
    ...(isOpen ? [row('open', 'a change waits for its confirmation; the router may take it back')] : []),
    ...(progress === undefined
      ? [row('move', 'none was begun')]
      : [row('move', `to ${NAMES[progress.to]}, begun ${timeText(progress.since)}`), row('step', stepText(progress))]),
    ...(watch === undefined ? [] : [row('watch', watchText(watch))]),
    ...(last === undefined ? [] : [row('last', last)]),
    ...(leftovers.length === 0 ? [] : [row('left', leftText(edge, leftovers.length))]),
    ...(watch?.bad.slice(-MOST_BAD).map((text) => row('bad', text)) ?? []),
    ...next,
    '',
  ].join('\n')
}

function stepText({ step, at }: NonNullable<Status['progress']>): string {
  return `${step}, done ${timeText(at)}`
}

function watchText({ leftSeconds, reports, bad }: NonNullable<Status['watch']>): string {
  const left = leftSeconds > 0 ? `${durationText(leftSeconds)} more` : 'over'
  return `${left}; ${reports} ${reports === 1 ? 'report' : 'reports'}, ${bad.length} of them not good`
}

function leftText(edge: Daemon, count: number): string {
  const other = edge === 'bird' ? NAMES.gobgp : NAMES.bird
  return `${count} ${count === 1 ? 'file' : 'files'} that only ${other} needs; there may be passwords in ${count === 1 ? 'it' : 'them'}`
}

function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

function durationText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}
