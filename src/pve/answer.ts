// What a successful answer carries: the envelope around the data.
import { OrionError } from '../errors.ts'
import type { Answer } from './exchange.ts'
import type { Request } from './request.ts'

export interface Envelope {
  readonly data: unknown
  /** How many there are altogether, where the answer is a part (task logs). */
  readonly total?: number
}

/**
 * Reads a 2xx answer. Errors: E_PVE_ANSWER for anything but JSON with `data`; recheck for a write, which was done in
 * spite of the answer.
 */
export function parseEnvelope(request: Request, answer: Answer, cluster: string): Envelope {
  const fail = (why: string) =>
    new OrionError(`${cluster} answered ${request.title} with ${why}`, {
      code: 'E_PVE_ANSWER',
      recheck: request.method !== 'GET',
      suggestions: ['Does the address lead to the API of Proxmox VE (port 8006), or to something in front of it?'],
    })
  if (answer.tooLarge) throw fail('more than orion reads at once')
  if (!/^application\/json\b/i.test(answer.contentType))
    throw fail(`${answer.contentType || 'no content type'}, not JSON`)
  const body = parseJson(answer.text)
  if (typeof body !== 'object' || body === null || !('data' in body)) throw fail('JSON that cannot be read')
  return 'total' in body && typeof body.total === 'number'
    ? { data: body.data, total: body.total }
    : { data: body.data }
}

/** The value of a JSON text, undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
