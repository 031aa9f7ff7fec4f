// What happens as JSON lines on stderr, for programs (--events): each with its time, flat, one event per line.
import type { EngineEvent } from '../engine/events.ts'
import { write } from './output.ts'
import type { Progress } from './progress.ts'

/** Around the work: which run it is, what else is worth knowing, why it failed, and how it ended. */
export type RunEvent =
  | {
      readonly event: 'run-started'
      readonly orion: string
      readonly command: string
      readonly site: string
      readonly lab: boolean
    }
  | { readonly event: 'message'; readonly text: string }
  | {
      readonly event: 'error'
      readonly code: string
      readonly message: string
      readonly suggestions: readonly string[]
      readonly findings?: unknown
    }
  | { readonly event: 'run-ended'; readonly exit: number }

/** Lines in the order of the events. `now` for tests. */
export function showEvents(stream: NodeJS.WritableStream, now: () => Date = () => new Date()): Progress {
  let out: Promise<unknown> = Promise.resolve()
  return {
    on: (event) => {
      out = Promise.all([out, write(stream, toLine(flatten(event), now()))])
    },
    pause: async () => () => {},
    stop: async () => {
      await out
    },
  }
}

/** One line on stderr; ends when it is out. */
export function writeEvent(event: RunEvent, stream: NodeJS.WritableStream = process.stderr): Promise<void> {
  return write(stream, toLine(event, new Date()))
}

/** What a person would read on stderr. */
export const writeMessage = (text: string): Promise<void> => writeEvent({ event: 'message', text: text.trim() })

/** Its own fields, those of what it tells, and those of its error, beside one another; never a thrown value. Pure. */
export function flatten(event: EngineEvent): { readonly event: string } & Readonly<Record<string, unknown>> {
  const { kind, ...rest } = event
  const { news, problem, thrown: _, ...fields } = rest as Nested
  const { kind: tells, ...told } = news ?? {}
  return { event: kind, ...fields, ...(tells === undefined ? {} : { news: tells }), ...told, ...problem }
}

interface Nested extends Readonly<Record<string, unknown>> {
  readonly news?: { readonly kind: string } & Readonly<Record<string, unknown>>
  readonly problem?: Readonly<Record<string, unknown>>
}

/** Characters that a terminal would obey, or that some programs take for an end of line, as JSON escapes: the value stays the same. */
const OBEYED = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

function toLine(event: object, at: Date): string {
  const line = JSON.stringify({ at: at.toISOString(), ...event })
  return line.replaceAll(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
