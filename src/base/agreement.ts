// The yes before anything is changed: by --yes, or typed at a terminal.
import { OrionError } from '../errors.ts'
import type { Session } from './session.ts'

interface Asked {
  readonly question: string
  readonly yes: boolean | undefined
  /** One JSON document is wanted: no question is asked. */
  readonly json: boolean
  readonly session: Pick<Session, 'outside'>
}

/** Returns where the answer is yes. Errors: E_CONFIRM for a no, and where nobody can be asked. */
export async function agree({ question, yes, json, session }: Asked): Promise<void> {
  if (yes) return
  if (json) {
    const suggestions = ['add --yes']
    throw new OrionError('--json asks no question, so nothing was changed', { code: 'E_CONFIRM', suggestions })
  }
  const { confirm } = await import('../console/ask.ts')
  if (await confirm(question, { signal: session.outside.signal })) return
  throw new OrionError('nothing was changed', { code: 'E_CONFIRM' })
}
