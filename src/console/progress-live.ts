// Progress in a terminal: what is running and for how long, the last things that ended, and a count. By listr2.
import type { EngineEvent, StepStarted } from '../engine/events.ts'
import { type Line, makeView, type View } from './live-view.ts'
import type { Progress } from './progress.ts'
import { cut, getAbout, getClock, getLabel, getProbeLabel, getTime, getWidth, isLong, toLine } from './text.ts'

/** How many ended things stay in sight while it runs. */
const WINDOW = 8

interface Running {
  line: Line | undefined
  readonly label: string
  readonly since: number
  doing: string
  /** How long it took last time, and how much waits for it. */
  readonly outlook: string
}

/** The three things that take time, one after another, each with its own view. */
interface Phase {
  readonly title: string
  total: number
  done: number
  failed: number
  /** Checks that are looked at again. */
  waiting: number
  readonly since: number
  readonly running: Map<string, Running>
  readonly ended: Line[]
  readonly bad: Line[]
  view: View
}

export function showLive(stream: NodeJS.WriteStream): Progress {
  let phase: Phase | undefined
  let before: Promise<void> = Promise.resolve()
  const timer = setInterval(() => phase && refresh(phase, stream), 1000)
  timer.unref()
  const show = (title: string, total: number): View => makeView(stream, total, before, title === 'Working')
  const close = (): void => {
    if (!phase) return
    refresh(phase, stream)
    before = phase.view.close(phase.failed > 0 || phase.done < phase.total)
    phase = undefined
  }
  const open = (title: string, total: number): Phase => {
    close()
    const view = show(title, total)
    return {
      title,
      total,
      done: 0,
      failed: 0,
      waiting: 0,
      since: performance.now(),
      running: new Map(),
      ended: [],
      bad: [],
      view,
    }
  }
  let stopped = false
  const on = (event: EngineEvent): void => {
    // After Ctrl-C a look that was under way may still end: it must not open the view again.
    if (stopped) return
    if (event.kind === 'plan-progress' && phase?.title !== 'Looking') phase = open('Looking', event.total)
    if (event.kind === 'apply-started') phase = open('Working', event.total)
    if (event.kind === 'verify-started') phase = open('Checking', event.total)
    if (!phase) return
    take(phase, event, stream)
    refresh(phase, stream)
    if (event.kind === 'plan-progress' && event.done === event.total) close()
  }
  const stop = async (): Promise<void> => {
    stopped = true
    clearInterval(timer)
    close()
    await before
  }
  /** The view that goes on is made at once, and draws nothing before the terminal is its own again. */
  const pause = async (): Promise<() => void> => {
    let resume: () => void = () => {}
    const free = new Promise<void>((resolve) => {
      resume = resolve
    })
    const closed = phase ? phase.view.close(false) : before
    before = closed.then(() => free)
    if (phase) {
      phase.view = show(phase.title, phase.total)
      for (const running of phase.running.values()) running.line = phase.view.next()
      refresh(phase, stream)
    }
    await closed
    return resume
  }
  return { on, pause, stop }
}

function take(phase: Phase, event: EngineEvent, stream: NodeJS.WriteStream): void {
  if (event.kind === 'plan-progress') phase.done = event.done
  if (event.kind === 'verify-again') phase.waiting = event.waiting
  if (event.kind === 'probe-ended') {
    phase.done += 1
    if (event.state === 'failed' || event.state === 'unknown') phase.failed += 1
    finish(phase, phase.view.next(), `${getProbeLabel(event)}: ${event.state}`, event.state === 'failed', stream)
  }
  if (event.kind === 'step-started') {
    const label = getLabel(event)
    const outlook = getOutlook(event)
    phase.running.set(event.id, { line: phase.view.next(), label, since: performance.now(), doing: '', outlook })
  }
  if (event.kind === 'step-news' && event.news.kind !== 'task') {
    const running = phase.running.get(event.id)
    if (running) running.doing = toLine(event.news.text)
  }
  if (event.kind !== 'step-ended') return
  const failed = event.outcome === 'failed' || event.outcome === 'interrupted'
  phase.done += 1
  if (event.outcome === 'failed') phase.failed += 1
  const { line } = phase.running.get(event.id) ?? {}
  phase.running.delete(event.id)
  finish(phase, line, `${getLabel(event)}  ${event.outcome}, ${getTime(event.ms)}`, failed, stream)
}

/** The last few of what ended stay in sight, and as many of what failed. */
function finish(
  phase: Phase,
  line: Line | undefined,
  title: string,
  failed: boolean,
  stream: NodeJS.WriteStream,
): void {
  if (!line) return
  line.show(trim(title, stream))
  line.end(failed)
  const ended = failed ? phase.bad : phase.ended
  ended.push(line)
  if (ended.length > WINDOW) ended.shift()?.hide()
}

function refresh(
  { title, total, done, failed, waiting, running, since, view }: Phase,
  stream: NodeJS.WriteStream,
): void {
  const now = performance.now()
  const most = Math.max(total, done + running.size)
  const late = title === 'Working' && running.size > 0 ? most - done - running.size : 0
  const busy = (running.size > 0 ? `, ${running.size} running` : '') + (late > 0 ? `, ${late} waiting` : '')
  const bad = failed > 0 ? `, ${failed} failed` : ''
  const again = waiting > 0 && done < total ? `, waiting for ${waiting}` : ''
  view.head(trim(`${title}: ${done} of ${most}${bad}${again}${busy}, ${getClock(now - since)}`, stream))
  for (const { line, label, since: start, doing, outlook } of running.values()) {
    line?.show(getRunning(label, getClock(now - start) + outlook, doing, getRoom(stream)))
  }
}

/** ` of ~2 min, 5 wait`. */
function getOutlook({ lastMs, waiting = 0 }: StepStarted): string {
  const about = isLong(lastMs) ? ` of ~${getAbout(lastMs)}` : ''
  return waiting > 0 ? `${about}, ${waiting} ${waiting === 1 ? 'waits' : 'wait'}` : about
}

const LEAST_LABEL = 20

/** What it does tells more than the end of its name, which gives way. Pure. */
export function getRunning(label: string, clock: string, doing: string, room: number): string {
  if (doing === '') return cut(`${label}  ${clock}`, room)
  const tail = `  ${clock}  ${doing}`
  return cut(cut(label, Math.max(LEAST_LABEL, room - getWidth(tail))) + tail, room)
}

/** listr2 wraps at the width of stdout, which may be a file: cut to our own. */
const getRoom = ({ columns = 80 }: NodeJS.WriteStream): number => Math.min(columns, process.stdout.columns ?? 80) - 6

const trim = (text: string, stream: NodeJS.WriteStream): string => cut(text, getRoom(stream))
