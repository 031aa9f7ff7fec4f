// Progress in a terminal: what is running and for how long, the last things that ended, and a count. By listr2.
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { EngineEvent } from '../engine/events.ts'
import type { Progress } from './progress.ts'
import { clean, cut, getClock, getLabel, getTime } from './text.ts'

/** How many ended things stay in sight while it runs. */
const WINDOW = 8
/** Up to so many things, all of them stand there in the end. */
const MOST_KEPT = 60

/** One line of the view: a task of listr2 that ends when we say so. */
interface Line {
  show(title: string): void
  /** Takes it out of sight. */
  hide(): void
  end(failed: boolean): void
}

interface Running {
  readonly line: Line | undefined
  readonly label: string
  readonly since: number
  doing: string
}

/** The three things that take time, one after another, each with its own view. */
interface Phase {
  readonly title: string
  total: number
  done: number
  failed: number
  readonly since: number
  readonly running: Map<string, Running>
  readonly ended: Line[]
  readonly bad: Line[]
  readonly view: View
}

export function showLive(stream: NodeJS.WriteStream): Progress {
  let phase: Phase | undefined
  let before: Promise<void> = Promise.resolve()
  const timer = setInterval(() => phase && refresh(phase, stream), 1000)
  timer.unref()
  const close = (): void => {
    if (!phase) return
    refresh(phase, stream)
    before = phase.view.close(phase.failed > 0 || phase.done < phase.total)
    phase = undefined
  }
  const open = (title: string, total: number): Phase => {
    close()
    const view = makeView(stream, total, before, title === 'Working')
    return { title, total, done: 0, failed: 0, since: performance.now(), running: new Map(), ended: [], bad: [], view }
  }
  const on = (event: EngineEvent): void => {
    if (event.kind === 'plan-progress' && phase?.title !== 'Looking') phase = open('Looking', event.total)
    if (event.kind === 'apply-started') phase = open('Working', event.total)
    if (event.kind === 'verify-started') phase = open('Checking', event.total)
    if (!phase) return
    take(phase, event, stream)
    refresh(phase, stream)
    if (event.kind === 'plan-progress' && event.done === event.total) close()
  }
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    close()
    await before
  }
  return { on, stop }
}

function take(phase: Phase, event: EngineEvent, stream: NodeJS.WriteStream): void {
  if (event.kind === 'plan-progress') phase.done = event.done
  if (event.kind === 'probe-ended') {
    phase.done += 1
    if (event.state === 'failed' || event.state === 'unknown') phase.failed += 1
    finish(phase, phase.view.next(), `${clean(event.title)}: ${event.state}`, event.state === 'failed', stream)
  }
  if (event.kind === 'step-started') {
    const label = getLabel(event)
    phase.running.set(event.id, { line: phase.view.next(), label, since: performance.now(), doing: '' })
  }
  if (event.kind === 'step-news' && event.news.kind !== 'task') {
    const running = phase.running.get(event.id)
    if (running) running.doing = clean(event.news.text)
  }
  if (event.kind !== 'step-ended') return
  const failed = event.outcome === 'failed' || event.outcome === 'interrupted'
  phase.done += 1
  if (failed) phase.failed += 1
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

function refresh({ title, total, done, failed, running, since, view }: Phase, stream: NodeJS.WriteStream): void {
  const now = performance.now()
  const most = Math.max(total, done + running.size)
  const busy = running.size > 0 ? `, ${running.size} running` : ''
  const bad = failed > 0 ? `, ${failed} failed` : ''
  view.head(trim(`${title}: ${done} of ${most}${bad}${busy}, ${getClock(now - since)}`, stream))
  for (const { line, label, since: start, doing } of running.values()) {
    line?.show(trim(`${label}  ${getClock(now - start)}${doing ? `  ${doing}` : ''}`, stream))
  }
}

/** listr2 wraps at the width of stdout, which may be a file: cut to our own. */
function trim(text: string, { columns = 80 }: NodeJS.WriteStream): string {
  return cut(text, Math.min(columns, process.stdout.columns ?? 80) - 6)
}

/** listr2 draws with each event of each task; the eye needs ten frames a second, which its spinner draws anyway. */
class CalmRenderer extends DefaultRenderer {
  /** Also where stdout is a file: this view goes to stderr, which is a terminal. */
  static override nonTTY = true
  private drawn = 0

  override update(): void {
    const now = performance.now()
    if (now - this.drawn < 80) return
    this.drawn = now
    super.update()
  }
}

interface View {
  head(title: string): void
  next(): Line | undefined
  /** Ends all lines; resolves when the terminal is free. */
  close(failed: boolean): Promise<void>
}

/**
 * listr2 takes no tasks while it runs, so it gets as many as there can be. It draws what stands in `list.tasks`: of thousands only
 * the few in sight stay there, since it draws all of them with each event. With `stay` the view stands there in the end; else a
 * page follows that says the same.
 */
function makeView(stream: NodeJS.WriteStream, total: number, before: Promise<void>, stay: boolean): View {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) })
  const list = new Listr([], {
    concurrent: true,
    exitOnError: false,
    collectErrors: false,
    registerSignalListeners: false, // Else listr2 ends the process on Ctrl-C.
    renderer: CalmRenderer,
    rendererOptions: { logger, showErrorMessage: false, collapseErrors: true, clearOutput: !stay },
  })
  const ends = Array.from({ length: total + 1 }, makeEnd)
  for (const { promise } of ends) list.add({ title: '', task: () => promise })
  const all = list.tasks
  const seen = all.slice(0, 1)
  const run = (): Promise<unknown> => {
    list.tasks = seen // What is drawn, taken at once …
    const running = list.run()
    list.tasks = all // … and what is run, taken a moment later.
    return running
  }
  const ended = before.then(run).catch(() => {})
  const getLine = (at: number): Line => ({
    show: (title) => {
      const task = all[at]
      if (task) task.title = title
    },
    hide: () => void seen.splice(0, seen.length, ...seen.filter((task) => task !== all[at])),
    end: (failed) => ends[at]?.end(failed),
  })
  let used = 0
  return {
    head: (title) => getLine(0).show(title),
    next: () => {
      const task = all[used + 1]
      if (!task) return undefined
      used += 1
      seen.push(task)
      return getLine(used)
    },
    close: async (failed) => {
      if (used <= MOST_KEPT) seen.splice(0, seen.length, ...all)
      getLine(0).end(failed)
      for (const { end } of ends) end(false)
      await ended
      if (stay) stream.write('\n')
    },
  }
}

interface End {
  readonly promise: Promise<void>
  end(failed: boolean): void
}

function makeEnd(): End {
  let end: End['end'] = () => {}
  const promise = new Promise<void>((resolve, reject) => {
    end = (failed) => (failed ? reject(new Error('failed')) : resolve())
  })
  promise.catch(() => {}) // listr2 looks at it later than it may fail.
  return { promise, end }
}
