// A part of the site file as one question: as it is, changed in detail, or left out.
import type { Choice, Draft, Question } from './question.ts'
import { without } from './references.ts'
import { get, type Path, type Value } from './value.ts'

export type Stance = 'as it is' | 'change' | 'leave out' | 'add'

interface Section {
  readonly id: string
  readonly section: string
  readonly message: string
  /** What is there, in a few words: `17 guests`. */
  readonly what: string
  readonly path: Path
  /** Without it there is only `as it is` and `leave out`. */
  readonly canChange?: boolean
  readonly canLeave?: boolean
  readonly help?: string
  readonly places?: readonly Path[]
}

/** Nothing where the site file has nothing at the path: it may have gone with what it needed. */
export function sectionQuestion(
  draft: Draft,
  { id, section, message, what, path, canChange = true, canLeave = true, ...more }: Section,
): Question[] {
  if (get(draft.value, path) === undefined) return []
  const choices: Choice[] = [
    { value: 'as it is', about: what },
    ...(canChange ? [{ value: 'change', about: 'one by one' }] : []),
    ...(canLeave ? [{ value: 'leave out' }] : []),
  ]
  const { help, places } = more
  return [
    {
      id,
      section,
      kind: 'select',
      message,
      choices,
      offer: 'as it is',
      isAsked: true,
      apply: (value: Value) => value,
      tolerates: (answer) => answer === 'change',
      ...(help === undefined ? {} : { help }),
      ...(places === undefined ? {} : { places }),
      ...(canLeave ? { apply: (value: Value, answer) => (answer === 'leave out' ? without(value, path) : value) } : {}),
    },
  ]
}

/** What was said about a section; undefined = nothing yet. */
export const stanceOn = (draft: Draft, id: string): Stance | undefined => draft.answers[id] as Stance | undefined
