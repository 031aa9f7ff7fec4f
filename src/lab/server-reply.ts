// What the lab sends back: Proxmox VE's envelopes, status lines and headers.
import type { ServerResponse } from 'node:http'
import { ApiError } from './route.ts'

export interface Answer {
  readonly status: number
  readonly reason: string
  /** The members of the reply; undefined = no body at all. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** The answer to an error: an ApiError as it says, anything else a 500. */
export function failure(error: unknown): Answer {
  const { status, message, errors } =
    error instanceof ApiError ? error : new ApiError(500, error instanceof Error ? `${error.stack}\n` : String(error))
  // A Perl exception ends in a line feed, and Proxmox VE passes that on; "not implemented" is no exception.
  const text = status === 501 || message.endsWith('\n') ? message : `${message}\n`
  const body = { data: null, message: text, ...(errors ? { errors } : {}) }
  return { status, reason: text.split('\n')[0] ?? '', body }
}

/** Sends an answer of the API; `extjs` says everything with status 200. */
export function reply(response: ServerResponse, format: string, { status, reason, body }: Answer): void {
  if (body === undefined) replyText(response, status, '', reason)
  else if (format === 'json') send(response, status, reason, JSON.stringify(body))
  else {
    const more = status === 200 ? { success: 1 } : { success: 0, status: String(status) }
    send(response, 200, 'OK', JSON.stringify({ ...body, ...more }))
  }
}

/** A reply outside the API's envelope. */
export function replyText(response: ServerResponse, status: number, text: string, reason = text): void {
  send(response, status, reason, text, 'text/plain')
}

function send(
  response: ServerResponse,
  status: number,
  reason: string,
  text: string,
  type = 'application/json;charset=UTF-8',
): void {
  response.writeHead(status, reason.replace(/[^\t\x20-\x7e]/g, '?'), {
    'Cache-Control': 'max-age=0',
    'Content-Length': Buffer.byteLength(text),
    'Content-Type': type,
    Pragma: 'no-cache',
    Server: 'pve-api-daemon/3.0',
    // Proxmox VE closes the connection after every error.
    ...(status >= 400 ? { Connection: 'close' } : {}),
  })
  response.end(text)
}
