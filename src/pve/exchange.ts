// One HTTP request and its answer, with one time limit over all of it and the knowledge whether it may have been sent.
import type { Dispatcher } from 'undici'

export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** From the first byte of the connection to the last byte of the answer. */
  readonly timeoutMs: number
  /** A larger answer is cut off and marked. */
  readonly maxBytes: number
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** With this, a request that was sent goes on after `signal` until this one: for writes. */
  readonly late?: AbortSignal
}

export interface Answer {
  readonly status: number
  /** The reason phrase; a 401 says nothing elsewhere. */
  readonly reason: string
  readonly contentType: string
  readonly text: string
  readonly tooLarge: boolean
}

/** No whole answer came. `sent` is false only where not one byte of the request can have left. */
export class Unanswered extends Error {
  readonly sent: boolean

  constructor(sent: boolean, cause: Error) {
    super(cause.message, { cause })
    this.name = 'Unanswered'
    this.sent = sent
  }
}

/** Sends once and never again. Errors: Unanswered, whose cause is the connection's error, the time limit or the abort. */
export function exchange(dispatcher: Dispatcher, outgoing: Outgoing): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body, timeoutMs, signal, late } = outgoing
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      late?.removeEventListener('abort', end)
    }
    const handler = new Receiver(
      outgoing.maxBytes,
      (answer) => {
        finish()
        resolve(answer)
      },
      (error) => {
        finish()
        reject(error)
      },
    )
    const timer = setTimeout(() => handler.stop(new Error(`no whole answer within ${timeoutMs / 1000} s`)), timeoutMs)
    const end = () => handler.stop(new Error('interrupted'))
    const onAbort = () => {
      if (late === undefined || late.aborted || !handler.sent) end()
      else late.addEventListener('abort', end, { once: true })
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    // A pool that was closed meanwhile reports it to the handler.
    dispatcher.dispatch({ method, path, headers, body: body ?? null }, handler)
  })
}

/** undici's view of one request: collects the answer, settles once. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: Unanswered) => void
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #stopped: Error | undefined
  #size = 0
  #head = { status: 0, reason: '', contentType: '' }

  constructor(maxBytes: number, resolve: (answer: Answer) => void, reject: (error: Unanswered) => void) {
    this.#maxBytes = maxBytes
    this.#resolve = resolve
    this.#reject = reject
  }

  get sent(): boolean {
    return this.#controller !== undefined
  }

  /** Gives up. A request that still waits for its connection will not be sent when that comes. */
  stop(cause: Error): void {
    this.#stopped ??= cause
    this.#reject(new Unanswered(this.sent, cause))
    this.#controller?.abort(cause)
  }

  // Called when a connection is ready and before the first byte is written to it.
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#stopped === undefined) this.#controller = controller
    else controller.abort(this.#stopped)
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>, reason = '') {
    this.#head = { status, reason, contentType: String(headers['content-type'] ?? '') }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size <= this.#maxBytes) this.#chunks.push(chunk)
    else {
      this.#resolve({ ...this.#head, text: '', tooLarge: true })
      controller.abort(new Error('the answer is too large'))
    }
  }

  onResponseEnd(): void {
    this.#resolve({ ...this.#head, text: Buffer.concat(this.#chunks).toString('utf8'), tooLarge: false })
  }

  onResponseError(_: unknown, error: Error): void {
    this.#reject(new Unanswered(this.sent, error))
  }
}
