// One call of the API as it goes over the wire: path, query or body, and what a message may say about it.
import { OrionError } from '../errors.ts'
import { getSecrets } from './redaction.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With the query string. */
  readonly path: string
  /** Form of a POST or PUT. */
  readonly body?: string
  /** Method and path with its ids, for people: never a query or a body. */
  readonly title: string
  /** Texts that no message may repeat. */
  readonly secrets: readonly string[]
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const
const PREFIX = '/api2/json'

/**
 * Takes what proxmox-api's proxy hands over: path with ids, the template with `*` in their places, and parameters (unchanged).
 * Errors: E_PVE_PARAMETERS for an id that would change the path, or a value that has no form.
 */
export function toRequest(
  verb: string,
  path: string,
  template: string,
  params: Readonly<Record<string, unknown>> = {},
): Request {
  const method = METHODS.find((known) => known === verb.toUpperCase())
  if (method === undefined) throw wrong(`${verb} is no method of the API`)
  const safe = encodePath(path, template)
  const title = `${method} ${safe.slice(PREFIX.length).replace(/%40/g, '@').replace(/%3A/g, ':')}`
  const form = encodeParams(params, title)
  const base = { method, title, secrets: getSecrets(params) }
  // pveproxy answers 501 to a DELETE with a body; its parameters go where those of a GET go.
  if (method === 'POST' || method === 'PUT') return { ...base, path: safe, body: form }
  return { ...base, path: form === '' ? safe : `${safe}?${form}` }
}

/**
 * The path with every id encoded anew. The proxy escapes `/` in an id and nothing else, so `a?b` would cut the path and
 * `..` would climb.
 */
export function encodePath(path: string, template: string): string {
  const segments = path.split('/')
  const model = template.split('/')
  if (segments.length !== model.length) throw wrong(`the path ${JSON.stringify(template)} does not fit its template`)
  return segments
    .map((segment, index) => (model[index] === '*' ? encodeId(segment, template) : encodeFixed(segment, template)))
    .join('/')
}

// Named by the caller's code, so only a slip could be wrong here; it must not climb either.
function encodeFixed(segment: string, template: string): string {
  return segment === '' ? '' : encodeId(segment, template)
}

function encodeId(segment: string, template: string): string {
  const id = segment.replaceAll('%2F', '/')
  if (id === '' || id === '.' || id === '..' || /\p{Surrogate}|\p{Cc}/u.test(id)) {
    throw wrong(`${JSON.stringify(id)} is no possible id in ${template.slice(PREFIX.length)}`)
  }
  return encodeURIComponent(id)
}

// Repeated keys are the API's arrays; booleans are 0 and 1 in forms (`true` is refused).
function encodeParams(params: Readonly<Record<string, unknown>>, title: string): string {
  return Object.entries(params)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => [key, one] as const))
    .flatMap(([key, value]) => (value === undefined ? [] : [encodeParam(key, value, title)]))
    .join('&')
}

function encodeParam(key: string, value: unknown, title: string): string {
  const text = toText(value)
  if (text === undefined || /\p{Surrogate}/u.test(key + text)) {
    throw wrong(`the parameter ${JSON.stringify(key)} of ${title} is no text, number, boolean or list of them`)
  }
  return `${encodeURIComponent(key)}=${encodeURIComponent(text)}`
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value)
  return undefined
}

function wrong(message: string): OrionError {
  return new OrionError(`Not sent to Proxmox VE: ${message}`, { code: 'E_PVE_PARAMETERS' })
}
