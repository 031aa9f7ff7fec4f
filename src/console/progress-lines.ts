// Progress for logs and CI: one plain line per event, each with its time and the step that it is about.
import type { EngineEvent, StepStarted } from '../engine/events.ts'
import { write } from './output.ts'
import type { Progress } from './progress.ts'
import { count, getAbout, getLabel, getProbeLabel, getTime, isLong, toLine } from './text.ts'

const WORDS = {
  done: 'done',
  kept: 'as wanted already',
  failed: 'failed',
  blocked: 'not tried',
  interrupted: 'interrupted',
  'not-tried': 'not tried',
} as const

interface LinesOptions {
  /** The logs of tasks, too. */
  readonly verbose?: boolean
  /** Milliseconds, for tests. */
  readonly now?: () => number
}

/** Lines begin with the seconds since the start: a log of CI has its own clock. */
export function showLines(stream: NodeJS.WritableStream, options: LinesOptions = {}): Progress {
  const { verbose = false, now = () => performance.now() } = options
  const start = now()
  let out: Promise<void> = Promise.resolve()
  return {
    on: (event) => {
      const line = getLine(event, verbose)
      if (line === undefined) return
      const text = line + (process.env.DEBUG ? getStack(event) : '')
      const seconds = ((now() - start) / 1000).toFixed(1).padStart(6)
      out = out.then(() => write(stream, `${seconds}s  ${text}`))
    },
    pause: () => out.then(() => () => {}),
    stop: () => out,
  }
}

function getStack(event: EngineEvent): string {
  const thrown = event.kind === 'step-ended' ? event.thrown : undefined
  return thrown instanceof Error ? `\n${thrown.stack}` : ''
}

/** The line of one event; undefined where it is not worth one. */
export function getLine(event: EngineEvent, verbose = false): string | undefined {
  if (event.kind === 'step-started') return `${getLabel(event)}: ${event.verb}${getOutlook(event)}`
  if (event.kind === 'step-news') {
    if (event.news.kind === 'task' || (event.news.kind === 'log' && !verbose)) return undefined
    if (event.news.kind === 'log') return `${getLabel(event)}: | ${toLine(event.news.text)}`
    return `${getLabel(event)}: ${event.news.kind === 'warning' ? 'warning: ' : ''}${toLine(event.news.text)}`
  }
  if (event.kind === 'step-ended') {
    const why = event.problem ? `: ${toLine(event.problem.message)}` : ''
    return `${getLabel(event)}: ${WORDS[event.outcome]} (${getTime(event.ms)})${why}`
  }
  // What is ok stands on the page that follows; what is not is worth knowing at once.
  if (event.kind === 'verify-again') return getAgain(event)
  if (event.kind === 'probe-ended' && event.state !== 'ok') return `${getProbeLabel(event)}: ${event.state}`
  return undefined
}

/** ` (about 2 min; 5 steps wait for it)`. */
function getOutlook({ lastMs, waiting = 0 }: StepStarted): string {
  const parts = [...(isLong(lastMs) ? [`about ${getAbout(lastMs)}`] : [])]
  if (waiting > 0) parts.push(`${count(waiting, 'step')} ${waiting === 1 ? 'waits' : 'wait'} for it`)
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}

/** `3 checks are not green yet: looking again, for 58 s at most`. */
export function getAgain({ waiting, leftMs }: Extract<EngineEvent, { kind: 'verify-again' }>): string {
  const are = waiting === 1 ? 'is' : 'are'
  return `${count(waiting, 'check')} ${are} not green yet: looking again, for ${Math.round(leftMs / 1000)} s at most`
}
