// Answers as a file: read for a run without a terminal, and written at the end of one with.
import { OrionError } from '../../errors.ts'
import { readDocument } from '../../site/document.ts'
import { SiteError } from '../../site/site-error.ts'
import { displayName, readSource } from '../../site/source.ts'
import { isAnswer } from './draft-file.ts'
import type { Answer, Answers } from './question.ts'
import { isMap } from './value.ts'

/** What stands in a file, and the ids behind which there is no answer: those are told with all else that is wrong. */
export interface Given {
  readonly answers: Answers
  readonly unusable: readonly string[]
}

/** YAML or JSON: the id of a question → a text or number, or a list of them. Errors: E_USAGE where nothing can be read. */
export async function readAnswers(file: string): Promise<Given> {
  const name = displayName(file)
  const document = readDocument(await readText(file), name)
  const broken = document.findings.map(({ line, column, message }) => `${name}:${line}:${column}  ${message}`)
  if (broken.length > 0) throw refuse(name, broken)
  const { value } = document
  if (!isMap(value)) throw refuse(name, [`${name} is not a map: a line for each answer, such as site: home`])
  const answers = Object.entries(value).map(([id, given]) => [id, toAnswer(given)] as const)
  const unusable = answers.flatMap(([id, given]) => (given === undefined ? [id] : []))
  const usable = answers.flatMap(([id, given]) => (given === undefined ? [] : [[id, given] as const]))
  return { answers: Object.fromEntries(usable), unusable }
}

/** Of a missing file as of a site file, in its own words. */
async function readText(file: string): Promise<string> {
  try {
    return await readSource(file)
  } catch (error) {
    if (!(error instanceof SiteError)) throw error
    throw new OrionError(error.summary.replace('The site file', 'the answers file'), {
      code: 'E_USAGE',
      suggestions: ['orion bootstrap init --save-answers FILE makes one'],
    })
  }
}

/** Numbers and yes or no as words: YAML makes those of `200` and `true`. */
function toAnswer(value: unknown): Answer | undefined {
  const words = Array.isArray(value) ? value.map(toWord) : toWord(value)
  return isAnswer(words) ? words : undefined
}

const toWord = (value: unknown): unknown =>
  value === null ? '' : typeof value === 'number' || typeof value === 'boolean' ? String(value) : value

/** All of them in one error, each on its line. */
export function refuse(name: string, wrong: readonly string[]): OrionError {
  const head = `${name} has ${wrong.length === 1 ? 'an answer' : `${wrong.length} answers`} that cannot be used`
  return new OrionError([head, ...wrong.map((line) => `  ${line}`)].join('\n'), {
    code: 'E_USAGE',
    suggestions: ['orion bootstrap init --save-answers FILE writes the answers of a session with its questions'],
  })
}

/** The text of an answers file: a line each, in the order in which they were asked, the question above it. */
export function toAnswersText(answers: Answers, messages: Readonly<Record<string, string>>): string {
  const lines = Object.entries(answers).flatMap(([id, given]) => [
    ...(messages[id] === undefined ? [] : [`# ${messages[id].replace(/[\p{Cc}\u2028\u2029]/gu, ' ')}`]),
    // JSON's texts are YAML's: nothing in an answer can end its line.
    `${/^[\w.-]+$/.test(id) ? id : JSON.stringify(id)}: ${JSON.stringify(given)}`,
  ])
  return `# Answers of orion bootstrap init: orion bootstrap init --answers THIS-FILE\n${lines.join('\n')}\n`
}
