// The page of a command with --watch, drawn anew each second; where there is no terminal, a line per change.
import { makeView } from './live-view.ts'
import { getLook, printOut } from './output.ts'
import { getPaint, type Look } from './paint.ts'

const EVERY_MS = 1_000
/** Of listr2, before each line. */
const MARGIN = 4
/** Head, cursor, and what the shell shows of itself. */
const SPARE = 4

export interface LivePage {
  /** The first line. */
  head(look: Look): string
  /** At most `most` lines below it. */
  lines(look: Look, most: number): readonly string[]
  /** What changed since it was last asked, a line each. */
  changes(): readonly string[]
}

export interface Live {
  stop(): Promise<void>
}

/** Draws until it is stopped. */
export async function showLive(page: LivePage, stream: NodeJS.WriteStream = process.stderr): Promise<Live> {
  return stream.isTTY === true ? showMoving(page, stream) : await showChanges(page)
}

function showMoving(page: LivePage, stream: NodeJS.WriteStream): Live {
  const view = makeView(stream, 0, Promise.resolve(), false)
  const draw = (): void => {
    const look = getLook(stream)
    const inner = { ...look, width: look.width - MARGIN }
    const most = Math.max(8, (stream.rows ?? 24) - SPARE)
    const head = `${page.head(inner)}  ${getPaint(look).dim(`${clock()}, Ctrl-C ends`)}`
    view.head([head, ...page.lines(inner, most)].join('\n'))
  }
  draw()
  const timer = setInterval(draw, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await view.close(false)
    },
  }
}

async function showChanges(page: LivePage): Promise<Live> {
  const tell = async (): Promise<void> => {
    const now = clock()
    for (const text of page.changes()) await printOut(`${now} ${text}`)
  }
  await tell()
  const timer = setInterval(() => void tell(), EVERY_MS)
  return { stop: async () => clearInterval(timer) }
}

const clock = (): string => new Date().toTimeString().slice(0, 8)
