// Answers that did not come: reads are tried again, a write never is.
import { OrionError } from '../errors.ts'
import { type Answer, Unanswered } from './exchange.ts'
import { redact } from './redaction.ts'
import { TRANSIENT } from './refusal.ts'
import type { Request } from './request.ts'
import { interrupted, pause, type Stop } from './stop.ts'

/** A read is tried so often, and not again when the budget is used up. */
const TRIES = 4
const RETRY_MS = 150
const BUDGET_MS = 15_000

/** Tries a read again while it is a matter of the connection or of a node that does not answer; waits longer each time. */
export async function patiently<T extends Answer>(
  request: Request,
  cluster: string,
  stop: Stop,
  once: () => Promise<T>,
): Promise<T> {
  const until = Date.now() + BUDGET_MS
  for (let tries = 1; ; tries += 1) {
    const last = tries >= TRIES || Date.now() > until
    try {
      const answer = await once()
      if (last || !TRANSIENT.has(answer.status)) return answer
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      if (last || Date.now() > until) throw toUnreachable(request, error, cluster)
    }
    await pause(RETRY_MS * 3 ** (tries - 1) * (0.5 + Math.random()), stop.now, `${request.title} was being tried again`)
  }
}

function toUnreachable(request: Request, error: Unanswered, cluster: string): OrionError {
  const problem = error.sent ? 'does not answer' : 'cannot be reached'
  return new OrionError(`${cluster} ${problem} (${request.title}): ${redact(error.message, request.secrets)}`, {
    code: 'E_PVE_UNREACHABLE',
    suggestions: ['Are the address and port in the site file right, and does pveproxy run there?'],
    cause: error.cause,
  })
}

/** A write without an answer: never sent again from here. */
export function toLost(request: Request, error: Unanswered, cluster: string, stop: Stop): OrionError {
  if (!error.sent) return toUnreachable(request, error, cluster)
  if (stop.now.aborted) return interrupted(`${request.title} was sent, and may or may not have happened`, true)
  return new OrionError(
    `${cluster}: no answer to ${request.title}, which may or may not have happened: ${redact(error.message, request.secrets)}`,
    { code: 'E_PVE_LOST', recheck: true, cause: error.cause },
  )
}
