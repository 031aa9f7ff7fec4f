// Reads a request as pveproxy does: size limit, content types, forms and JSON, and what it refuses.
import type { IncomingMessage } from 'node:http'

/** Proxmox VE's own limit for a body. */
const BODY_LIMIT = 512 * 1024

/** A refusal outside the API: plain text with this status. */
export class PlainError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type Params = Record<string, unknown>

/** The parameters of query and body together. Errors: PlainError for what pveproxy refuses before it looks at the path. */
export async function readParams(request: IncomingMessage, query: string): Promise<Params> {
  const body = await readBody(request)
  const params = parseForm(query)
  delete params._dc // what browsers send against caches
  if (body === '') return params
  const { method = 'GET' } = request
  if (method !== 'POST' && method !== 'PUT') throw new PlainError(501, `Unexpected content for method '${method}'`)
  const type = (request.headers['content-type'] ?? '').split(/[;,]/)[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json') return { ...params, ...parseJson(body) }
  if (type === '' || type === 'application/x-www-form-urlencoded') return { ...params, ...parseForm(body) }
  throw new PlainError(506, `upload 'Content-Type '${type}' not implemented`)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // The rest is read all the same: a connection that is cut off would take the answer with it.
    if (size <= BODY_LIMIT) chunks.push(chunk)
  }
  if (size > BODY_LIMIT) throw new PlainError(501, 'for data too large')
  return Buffer.concat(chunks).toString('utf8')
}

/** A form; a key that comes again is joined with NUL, which the validator takes apart where an array belongs. */
function parseForm(text: string): Params {
  const params: Params = Object.create(null) as Params
  for (const [key, value] of new URLSearchParams(text)) {
    const known = params[key]
    params[key] = typeof known === 'string' ? `${known}\0${value}` : value
  }
  return params
}

function parseJson(text: string): Params {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new PlainError(500, 'malformed JSON string')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PlainError(500, 'not a JSON object')
  return value as Params
}
