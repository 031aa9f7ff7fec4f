// What the guard on the host answers: lines of words, free text as base64 (scripts/guard-commands.sh).
import type { GuardState } from './guard.ts'

/** Both armed. `working`: being swapped and activated; `active`: that is done, it waits for the confirmation. */
export type FlightState = GuardState['state'] | 'active' | 'working'

export type Answer =
  | { readonly kind: 'checked' | 'confirmed' | 'staged' }
  | { readonly kind: 'armed'; readonly leftSeconds: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'busy'; readonly by: string; readonly leftSeconds: number | undefined }
  | {
      readonly kind: 'state'
      readonly state: FlightState
      readonly leftSeconds: number | undefined
      readonly reason: string
    }

const STATES = ['staged', 'armed', 'confirmed', 'refused', 'restored'] as const
const isState = (word: string): word is GuardState['state'] => STATES.some((state) => state === word)

const unpack = (word = '-'): string => (word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8').trim())

/** Both are the host's clock: what is left does not depend on ours. */
const left = (until: string | undefined, now: string | undefined): number | undefined =>
  until && until !== '-' ? Math.max(0, Number(until) - Number(now)) : undefined

/** The lines of an answer; lines that are none are left out. */
export const parseAnswers = (stdout: string): readonly Answer[] => stdout.split('\n').flatMap((line) => parseLine(line))

function parseLine(line: string): readonly Answer[] {
  const [kind, first = '-', second, third, fourth] = line.split(' ')
  if (kind === 'checked' || kind === 'confirmed' || kind === 'staged') return [{ kind }]
  if (kind === 'armed') return [{ kind, leftSeconds: left(first, second) ?? 0 }]
  if (kind === 'refused') return [{ kind, reason: unpack(first) }]
  if (kind === 'busy') return [{ kind, by: unpack(first), leftSeconds: left(second, third) }]
  if (kind !== 'state' || !(first === 'active' || first === 'working' || isState(first))) return []
  return [{ kind, state: first, leftSeconds: left(second, third), reason: unpack(fourth) }]
}

/** The lines of `states`. */
export const parseStates = (stdout: string): readonly GuardState[] =>
  stdout.split('\n').flatMap((line) => {
    const [id = '', state = '', name = '', at = '', by, reason, files] = line.split(' ')
    if (!id || !isState(state)) return []
    const paths = unpack(files).split('\n').filter(Boolean)
    return [{ id, state, name, at: Number(at), by: unpack(by), reason: unpack(reason), files: paths }]
  })
