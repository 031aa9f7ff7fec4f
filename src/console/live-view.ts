// A view of lines that change and end in a terminal, drawn by listr2; it knows nothing of what they mean.
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'

/** Up to so many lines, all of them stand there in the end. */
const MOST_KEPT = 60

/** One line of the view: a task of listr2 that ends when we say so. */
export interface Line {
  show(title: string): void
  /** Takes it out of sight. */
  hide(): void
  end(failed: boolean): void
}

export interface View {
  head(title: string): void
  next(): Line | undefined
  /** Ends all lines; resolves when the terminal is free. */
  close(failed: boolean): Promise<void>
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

/**
 * listr2 takes no tasks while it runs, so it gets as many as there can be. It draws what stands in `list.tasks`: of thousands only
 * the few in sight stay there, since it draws all of them with each event. With `stay` the view stands there in the end; else a
 * page follows that says the same.
 */
export function makeView(stream: NodeJS.WriteStream, total: number, before: Promise<void>, stay: boolean): View {
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
