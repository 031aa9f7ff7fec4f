// The answers "no" of Proxmox VE, in its words and with the line end that its messages have.
import { ApiError } from './route.ts'

/** A semantic error, as Proxmox VE gives most of them: status 500, the text as the reason. */
export function failure(message: string): ApiError {
  return new ApiError(500, `${message}\n`)
}

/** A parameter that is wrong for another reason than its schema: status 400 with a text per parameter. */
export function invalid(errors: Readonly<Record<string, string>>): ApiError {
  const lines = Object.entries(errors).map(([parameter, text]) => [parameter, `${text.trimEnd()}\n`])
  return new ApiError(400, 'Parameter verification failed.\n', Object.fromEntries(lines))
}

/** A right that is missing: status 403. `what` is the path with privileges, or a sentence. */
export function denied(what: string): ApiError {
  return new ApiError(403, `Permission check failed (${what})\n`)
}

/** What an error says in one text, for logs and the exit status of tasks. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const errors = error instanceof ApiError ? Object.entries(error.errors ?? {}) : []
  return [error.message.trim(), ...errors.map(([parameter, text]) => `${parameter}: ${text.trim()}`)].join(' ')
}
