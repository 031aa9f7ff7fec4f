// The way out of the process for text: pages to stdout, talk to stderr, one JSON document for --json.
import type { Look } from './paint.ts'

/** Writes a page to stdout, and ends when it is out. A reader that went away (`orion … | head`) is no error. */
export function printOut(text: string): Promise<void> {
  return write(process.stdout, text)
}

/** The same to stderr: progress, errors, questions. */
export function printError(text: string): Promise<void> {
  return write(process.stderr, text)
}

/** The one document of --json on stdout. */
export function printJson(document: unknown): Promise<void> {
  return write(process.stdout, JSON.stringify(document, null, 2))
}

/** The look that a stream asks for: NO_COLOR and FORCE_COLOR as usual, else colours only in a terminal. */
export function getLook(stream: NodeJS.WriteStream = process.stdout, env: NodeJS.ProcessEnv = process.env): Look {
  const { columns } = stream
  const width = stream.isTTY && columns ? Math.min(Math.max(columns, 40), 160) : 80
  return { width, colour: wantsColour(stream, env) }
}

function wantsColour(stream: NodeJS.WriteStream, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && TERM !== 'dumb'
}

/** Text is ended with one line feed. Waits for the text to be out: process.exit would cut a pipe short. */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  guard(stream)
  return new Promise((resolve, reject) => {
    stream.write(text.endsWith('\n') ? text : `${text}\n`, (error) => {
      if (error && !isGone(error)) reject(error)
      else resolve()
    })
  })
}

const guarded = new WeakSet<NodeJS.WritableStream>()

/** Node tells of a closed pipe twice, to the writer and as an event later on, which ends the process if nobody listens. */
function guard(stream: NodeJS.WritableStream): void {
  if (guarded.has(stream)) return
  guarded.add(stream)
  stream.on('error', () => {})
}

function isGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}
