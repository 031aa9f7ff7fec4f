// Answers that are there already, put one after the other: all of a file's, or those of an earlier run as far as they fit.
import { didYouMean } from '../../site/nearest.ts'
import { type Given, refuse } from './answers-file.ts'
import { answer, begin, type Course, nextQuestion, skip, type World } from './course.ts'
import type { Answers, Here } from './question.ts'
import { questionsOf } from './questions.ts'

export const isCourse = (result: Course | readonly string[]): result is Course => !Array.isArray(result)

/**
 * The whole course from a file: an answer that it does not have is the one that is offered. Errors: E_USAGE with all that is
 * missing, wrong or unknown at once; those of `look`.
 */
export async function replay(
  here: Here,
  { answers: given, unusable }: Given,
  world: World,
  name: string,
): Promise<Course> {
  const wrong = unusable.map((id) => `${id}: must be a text, a number, or a list of them`)
  const known = new Set<string>()
  let course = begin(here, given)
  for (let next = nextQuestion(course); next !== undefined; next = nextQuestion(course)) {
    for (const { id } of questionsOf(course.draft)) known.add(id)
    const { id, message, effect, offer } = next
    const taken = Object.hasOwn(given, id) ? given[id] : offer
    // What is wrong already is told before anything is connected to.
    const isIdle = (wrong.length > 0 && effect?.kind === 'look') || unusable.includes(id)
    const result = isIdle
      ? []
      : taken === undefined
        ? [`missing, and nothing can be offered: ${message}`]
        : await answer(course, next, taken, world)
    if (isCourse(result)) course = result
    else {
      wrong.push(...result.map((problem) => `${id}: ${problem}`))
      course = skip(course, next)
    }
  }
  const asked = course.draft.answers
  for (const id of Object.keys(given)) {
    if (!Object.hasOwn(asked, id)) wrong.push(`${id}: no such question here${didYouMean(id, known)}`)
  }
  if (wrong.length > 0) throw refuse(name, wrong)
  return course
}

/** The course as far as the answers of an earlier one fit. Errors: those of `look`, but for what stops it. */
export async function goOn(course: Course, earlier: Answers, world: World): Promise<Course> {
  let now = course
  for (let next = nextQuestion(now); next !== undefined; next = nextQuestion(now)) {
    const taken = Object.hasOwn(earlier, next.id) ? earlier[next.id] : undefined
    if (taken === undefined) return now
    const result = await answer(now, next, taken, world)
    if (!isCourse(result)) return now
    now = result
  }
  return now
}
