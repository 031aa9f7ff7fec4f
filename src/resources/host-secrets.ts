// The secrets that files of a host hold: read before a plan is made, so that one that cannot be had is an error of the plan.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { SecretRef } from '../site/secret.ts'
import type { HostFacts } from './host-facts.ts'

/** By a name of the caller's. */
export type SecretRefs = Readonly<Record<string, SecretRef>>

/** Their values. Errors: E_SECRET, of all that cannot be read. */
export async function readSecrets(
  title: string,
  references: SecretRefs,
  outside: Outside,
): Promise<ReadonlyMap<string, string>> {
  const read = async (reference: SecretRef): Promise<string> => {
    const value = await outside.secret?.(reference)
    if (value !== undefined) return value
    throw new OrionError(`${title} needs a secret, and there is no way to read it`, { code: 'E_SECRET' })
  }
  const rows = Object.entries(references).map(async ([name, reference]) => [name, await read(reference)] as const)
  const results = await Promise.allSettled(rows)
  const failed = results.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  if (failed.length > 0) throw together(failed)
  return new Map(results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
}

/** One error with the words of all, each once; anything but E_SECRET (Ctrl-C) goes first and alone. */
function together(errors: readonly unknown[]): unknown {
  const ours = errors.filter((error): error is OrionError => isOurs(error) && error.code === 'E_SECRET')
  const other = errors.find((error) => !ours.includes(error as OrionError))
  const [first, ...more] = ours
  if (other !== undefined || first === undefined || more.length === 0) return other ?? first
  const lines = [...new Set(ours.map(({ message }) => message))]
  const suggestions = [...new Set(ours.flatMap((error) => error.suggestions))]
  return lines.length === 1 ? first : new OrionError(lines.join('; '), { code: 'E_SECRET', suggestions })
}

/** Runs `work`, whose errors repeat no secret: a checker may have shown the line that it does not like. */
export async function withoutSecrets<T>({ secrets }: HostFacts, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const shown = [...(secrets?.values() ?? [])].filter((value) => value !== '' && message.includes(value))
    if (shown.length === 0) throw error
    const hidden = shown.reduce((text, value) => text.replaceAll(value, '***'), message)
    // Without its cause, which has the same words.
    throw new OrionError(hidden, { code: 'E_HOST_COMMAND', ...(isOurs(error) ? error : {}), cause: undefined })
  }
}

function isOurs(error: unknown): error is OrionError {
  return error instanceof Error && error.name === 'OrionError'
}
