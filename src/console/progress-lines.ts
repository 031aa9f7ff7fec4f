// Progress for logs and CI: one plain line per event, each with its time and the step that it is about.
import type { EngineEvent } from '../engine/events.ts'
import { write } from './output.ts'
import type { Progress } from './progress.ts'
import { getLabel, getProbeLabel, getTime, toLine } from './text.ts'

const WORDS = {
  done: 'done',
  kept: 'as wanted already',
  failed: 'failed',
  blocked: 'not tried',
  interrupted: 'interrupted',
  'not-tried': 'not tried',
} as const

/** Lines begin with the seconds since the start: a log of CI has its own clock. `now` in milliseconds, for tests. */
export function showLines(stream: NodeJS.WritableStream, now: () => number = () => performance.now()): Progress {
  const start = now()
  let out: Promise<void> = Promise.resolve()
  return {
    on: (event) => {
      const line = getLine(event)
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
export function getLine(event: EngineEvent): string | undefined {
  if (event.kind === 'step-started') return `${getLabel(event)}: ${event.verb}`
  if (event.kind === 'step-news') {
    if (event.news.kind === 'task') return undefined
    return `${getLabel(event)}: ${event.news.kind === 'warning' ? 'warning: ' : ''}${toLine(event.news.text)}`
  }
  if (event.kind === 'step-ended') {
    const why = event.problem ? `: ${toLine(event.problem.message)}` : ''
    return `${getLabel(event)}: ${WORDS[event.outcome]} (${getTime(event.ms)})${why}`
  }
  // What is ok stands on the page that follows; what is not is worth knowing at once.
  if (event.kind === 'probe-ended' && event.state !== 'ok') return `${getProbeLabel(event)}: ${event.state}`
  return undefined
}
