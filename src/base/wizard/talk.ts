// The wizard at a terminal: puts the questions, keeps what is answered, and goes back where somebody wants to.
import type { Terminal } from '../../console/ask.ts'
import { getLook, write } from '../../console/output.ts'
import { BACK, prompt } from '../../console/wizard-prompt.ts'
import { renderAnswer, renderBack, renderFile, renderFound, renderHeading } from '../../console/wizard-view.ts'
import { OrionError } from '../../errors.ts'
import { answer, back, type Course, nextQuestion, progressOf, type World } from './course.ts'
import type { DraftFile } from './draft-file.ts'
import { type Answer, type Answers, type Question, text } from './question.ts'
import { goOn, isCourse } from './replay.ts'

export interface Talk {
  readonly terminal: Terminal
  readonly world: World
  readonly draft: DraftFile
}

/** From a course to one with no question left. Errors: E_INTERRUPTED on Ctrl-C, with what was answered kept. */
export async function converse(talk: Talk, from: Course, earlier: Answers): Promise<Course> {
  let course = from
  let section = ''
  // What was answered once is offered again behind the way back.
  const known: Record<string, Answer> = { ...earlier }
  for (let next = nextQuestion(course); next !== undefined; next = nextQuestion(course)) {
    if (next.section !== section) await tell(talk, renderHeading(next.section, progressOf(course), lookOf(talk)))
    section = next.section
    const before = course
    course = await put(talk, course, next, known[next.id])
    await keep(talk, course)
    if (course.trail.length <= before.trail.length) {
      await tell(talk, renderBack(lookOf(talk)))
      continue
    }
    const given = course.draft.answers[next.id] ?? ''
    known[next.id] = given
    await tellAnswer(talk, next, given)
    if (next.effect?.kind === 'look') await tellFound(talk, course, next.effect.node)
  }
  return course
}

/** One that is to be carried out was told before that. */
async function tellAnswer(talk: Talk, question: Question, given: Answer): Promise<void> {
  if (!reads(question, given)) await tell(talk, renderAnswer(question.message, given, lookOf(talk)))
}

const reads = ({ effect }: Question, given: Answer): boolean => effect?.kind === 'look' && given === 'yes'

/** What was read of a node, in a few lines; nothing where it was not. */
async function tellFound(talk: Talk, { draft }: Course, node: string): Promise<void> {
  const found = draft.found[node]
  if (found !== undefined) await tell(talk, renderFound(found, lookOf(talk)))
}

/** One question until it has an answer that fits, or the course one step back. */
async function put(talk: Talk, course: Course, question: Question, earlier: Answer | undefined): Promise<Course> {
  let problems: readonly string[] = []
  let typed = ''
  let offer = earlier !== undefined && isOffered(question, earlier) ? earlier : question.offer
  for (;;) {
    const { kind, message, help, choices } = question
    const shown = { kind, message, problems, typed, ...(help ? { help } : {}), ...(choices ? { choices } : {}) }
    const given = await prompt(offer === undefined ? shown : { ...shown, offer }, talk.terminal)
    if (given === BACK && course.trail.length === 0) {
      problems = ['this is the first question: Ctrl-C leaves']
      continue
    }
    if (given === BACK) return back(course)
    if (given !== '' || question.kind !== 'input' || question.offer !== undefined) {
      const result = await attempt(talk, course, question, given)
      if (isCourse(result)) return result
      problems = result
    } else problems = ['there must be an answer']
    if (kind === 'input' || kind === 'list') typed = text(given)
    else offer = given
  }
}

/** A node that cannot be reached is a problem of the answer, and not the end. */
async function attempt(
  talk: Talk,
  course: Course,
  question: Question,
  given: Answer,
): Promise<Course | readonly string[]> {
  try {
    if (reads(question, given)) await tell(talk, `${renderAnswer(question.message, given, lookOf(talk))}\n  Reading …`)
    return await answer(course, question, given, talk.world)
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    return [error.message, ...error.suggestions]
  }
}

const isOffered = ({ choices, kind }: Question, earlier: Answer): boolean =>
  kind === 'input' || kind === 'list' || [earlier].flat().every((one) => choices?.some(({ value }) => value === one))

async function keep({ draft }: Talk, course: Course): Promise<void> {
  if (course.trail.length === 0) return draft.remove()
  await draft.write(course.draft.answers)
}

/** What to do with the answers, once there are all: undefined = the file is to be written. */
export async function review(talk: Talk, course: Course, made: Made): Promise<Course | undefined> {
  for (;;) {
    const problems = made.problems
    const choices = [
      ...(problems.length === 0 ? [{ value: 'write', name: `Write ${made.name}` }] : []),
      { value: 'see', name: 'Look at it first' },
      { value: 'change', name: 'Change an answer' },
    ]
    const given = await prompt({ kind: 'select', message: made.summary, choices, problems }, talk.terminal)
    if (given === BACK) return back(course)
    if (given === 'write') return undefined
    if (given === 'see') await tell(talk, `\n${renderFile(made.text, lookOf(talk))}\n`)
    else {
      const changed = await change(talk, course)
      if (changed !== undefined) return changed
    }
  }
}

export interface Made {
  readonly name: string
  readonly text: string
  readonly summary: string
  /** What the rules still say. */
  readonly problems: readonly string[]
}

/** One answer anew, and the ones behind it as they were, as far as they still fit. */
async function change(talk: Talk, course: Course): Promise<Course | undefined> {
  const { answers } = course.draft
  const choices = course.trail.map(({ id }) => ({ value: id, about: [answers[id] ?? ''].flat().join(', ') }))
  const id = await prompt(
    { kind: 'search', message: 'Which answer?', help: 'Type a part of its name.', choices },
    talk.terminal,
  )
  const at = course.trail.findIndex((step) => step.id === id)
  const step = course.trail[at]
  if (id === BACK || step === undefined) return undefined
  const before: Course = { draft: step.draft, trail: course.trail.slice(0, at) }
  const question = nextQuestion(before)
  if (question === undefined) return undefined
  const told = await put(talk, before, question, answers[question.id])
  if (told.trail.length <= at) return undefined
  await tellAnswer(talk, question, told.draft.answers[question.id] ?? '')
  const rest = await goOn(told, answers, talk.world)
  await keep(talk, rest)
  return rest
}

export const tell = ({ terminal }: Pick<Talk, 'terminal'>, text: string): Promise<void> => write(terminal.output, text)
const lookOf = ({ terminal }: Talk) => getLook(terminal.output as NodeJS.WriteStream)
