// The course of the wizard: which question is next, what an answer does, and the way back. Pure but for the rules and the world.
import type { Discovery } from '../../site/discovery.ts'
import { didYouMean } from '../../site/nearest.ts'
import type { Finding } from '../../site/site.ts'
import { adoptNode } from './node-questions.ts'
import type { Answer, Answers, Draft, Here, Question } from './question.ts'
import { list, text } from './question.ts'
import { questionsOf } from './questions.ts'
import type { Path, Value } from './value.ts'

/** Where somebody is: the draft, and how it came about. */
export interface Course {
  readonly draft: Draft
  readonly trail: readonly Step[]
}

interface Step {
  readonly id: string
  /** Before the answer. */
  readonly draft: Draft
}

/** What the wizard needs of the world; for tests, a fake one. */
export interface World {
  /** What the rules say of a site file that is not written yet. */
  check(value: Value): Promise<readonly Finding[]>
  /** Connects to a node by its name in the starting point, and reads it. Errors: E_HOST_*. */
  look(key: string, draft: Draft): Promise<Discovery>
}

export function begin(here: Here, given: Answers = {}): Course {
  const draft = { here, value: {}, answers: {}, found: {}, names: {}, findings: [], given }
  return { draft, trail: [] }
}

/** The first question that is to be asked and has no answer; undefined = none is left. */
export function nextQuestion({ draft }: Course): Question | undefined {
  return questionsOf(draft).find((one) => !Object.hasOwn(draft.answers, one.id) && isPut(one, draft))
}

/** Asked for itself, or because an answer to it will come, or because the rules speak against what stands there. */
function isPut(question: Question, draft: Draft): boolean {
  return question.isAsked || Object.hasOwn(draft.given, question.id) || problemsAt(question, draft.findings).length > 0
}

/** How many questions are answered, and how many there are as far as is known. */
export function progressOf(course: Course): { readonly done: number; readonly all: number } {
  const left = questionsOf(course.draft).filter(
    (one) => !Object.hasOwn(course.draft.answers, one.id) && isPut(one, course.draft),
  )
  return { done: course.trail.length, all: course.trail.length + left.length }
}

/** The course after an answer, or why it cannot be. Errors: those of `look`. */
export async function answer(
  course: Course,
  question: Question,
  given: Answer,
  world: World,
): Promise<Course | readonly string[]> {
  const refused = misfit(question, given) ?? question.refuse?.(given)
  if (refused !== undefined) return [refused]
  const { draft } = course
  const value = question.apply(draft.value, given)
  const told = { ...draft, value, answers: { ...draft.answers, [question.id]: given } }
  const changed = await carryOut(question, given, told, world)
  // Most answers leave everything as it is, and the rules have the same to say.
  const isSame = JSON.stringify(changed.value) === JSON.stringify(draft.value)
  const findings = isSame ? draft.findings : await world.check(changed.value)
  const problems = question.tolerates?.(given) ? [] : problemsOf(question, { ...changed, findings }, draft.findings)
  if (problems.length > 0) return problems
  return { draft: { ...changed, findings }, trail: [...course.trail, { id: question.id, draft }] }
}

/** The course with a question that has no usable answer left behind, so that the next ones can be looked at. */
export function skip({ draft, trail }: Course, { id }: Question): Course {
  return { draft: { ...draft, answers: { ...draft.answers, [id]: '' } }, trail: [...trail, { id, draft }] }
}

/** The course before its last answer; as it is where there is none. The answer is offered again. */
export function back(course: Course): Course {
  const last = course.trail.at(-1)
  return last === undefined ? course : { draft: last.draft, trail: course.trail.slice(0, -1) }
}

async function carryOut({ effect }: Question, given: Answer, draft: Draft, world: World): Promise<Draft> {
  if (effect?.kind === 'start') {
    const start = draft.here.starts.find(({ name }) => name === given)
    return start === undefined ? draft : { ...draft, start, value: start.value }
  }
  if (effect?.kind !== 'look' || given !== 'yes') return draft
  return adoptNode(draft, effect.node, await world.look(effect.node, draft))
}

/** So many choices are named in an error; of more, the nearest one. */
const MOST_NAMED = 12

/** An answer of a kind or with a word that the question does not have. */
function misfit({ kind, choices }: Question, given: Answer): string | undefined {
  if (kind !== 'checkbox' && kind !== 'list' && typeof given !== 'string') return 'must be one text, not a list'
  if (choices === undefined || kind === 'input' || kind === 'list') return undefined
  const known = choices.map(({ value }) => value)
  const wrong = (kind === 'checkbox' ? list(given) : [text(given)]).filter((one) => !known.includes(one))
  if (wrong.length === 0) return undefined
  if (known.length <= MOST_NAMED) return `${wrong.join(', ')}: not one of ${known.join(', ')}`
  return wrong.map((one) => `${one}: not one of the ${known.length} there are${didYouMean(one, known)}`).join('; ')
}

/** What the rules say against an answer: at its own places, and wherever it brought something that no later question is about. */
function problemsOf(question: Question, draft: Draft, before: readonly Finding[]): readonly string[] {
  const own = problemsAt(question, draft.findings)
  if (own.length > 0 || question.effect !== undefined) return own
  const open = questionsOf(draft).filter(({ id }) => !Object.hasOwn(draft.answers, id))
  const known = new Set(before.map(({ path }) => path.join('/')))
  const brought = draft.findings.filter(({ path }) => !known.has(path.join('/')))
  const left = brought.filter((one) => open.every((other) => problemsAt(other, [one]).length === 0))
  return problemsAt({ places: [[]] }, left)
}

/** Errors of the rules at the places of a question. */
export function problemsAt({ places = [] }: Pick<Question, 'places'>, findings: readonly Finding[]): readonly string[] {
  const here = findings.filter(
    ({ severity, path }) => severity === 'error' && places.some((place) => isWithin(path, place)),
  )
  return [...new Set(here.map(({ message }) => message))]
}

const isWithin = (path: Path, place: Path): boolean =>
  place.length <= path.length && place.every((part, at) => part === '*' || String(part) === String(path[at]))
