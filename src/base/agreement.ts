// The yes before anything is changed: by --yes, or typed at a terminal.
import { OrionError } from '../errors.ts'
import type { Session } from './session.ts'

interface Asked {
  readonly question: string
  readonly yes: boolean | undefined
  /** One JSON document is wanted: no question is asked. */
  readonly json: boolean
  readonly session: Pick<Session, 'outside'> & Partial<Pick<Session, 'screen'>>
}

/** Returns where the answer is yes. Errors: E_CONFIRM for a no, and where nobody can be asked. */
export async function agree({ question, yes, json, session }: Asked): Promise<void> {
  if (yes) return
  refuseMute({ json, session }, 'nothing was changed', 'add --yes')
  const { confirm } = await import('../console/ask.ts')
  if (await confirm(question, { signal: session.outside.signal })) return
  throw new OrionError('nothing was changed', { code: 'E_CONFIRM' })
}

/** Where a program reads what orion says, no question is put. Errors: E_CONFIRM, with what that comes to, and what to type. */
export function refuseMute({ json, session }: Pick<Asked, 'json' | 'session'>, so: string, suggestion: string): void {
  const flag = json ? '--json' : session.screen?.events ? '--events' : undefined
  if (flag === undefined) return
  throw new OrionError(`${flag} asks no question, so ${so}`, { code: 'E_CONFIRM', suggestions: [suggestion] })
}
