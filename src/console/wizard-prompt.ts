// The wizard's questions on a terminal: one at a time, cleared when it is answered, and Esc goes back.
import { OrionError } from '../errors.ts'
import type { Terminal } from './ask.ts'
import { getLook } from './output.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getWidth, indent, pad } from './text.ts'

/** What is put. Texts from a host are made harmless here. */
export interface Prompt {
  readonly kind: 'select' | 'search' | 'checkbox' | 'input' | 'list'
  readonly message: string
  readonly help?: string
  readonly choices?: readonly { readonly value: string; readonly name?: string; readonly about?: string }[]
  readonly offer?: string | readonly string[]
  /** A text that was refused, to be mended. */
  readonly typed?: string
  /** Why the last answer to it could not be. */
  readonly problems?: readonly string[]
}

/** Somebody pressed Esc. */
export const BACK = Symbol('back')

export type Answered = string | readonly string[] | typeof BACK

/** A hyphen is how nothing is typed, as an empty line takes what is offered. */
const NOTHING = '-'
const PAGE = 12
const PROBLEMS = 6
/** Cursor, check box, and the margin of the list. */
const MARK = 4

/** The answer, or BACK. Errors: E_INTERRUPTED on Ctrl-C, and where the signal is aborted. */
export async function prompt(question: Prompt, { input, output, signal }: Terminal): Promise<Answered> {
  const { createPromptModule } = await import('inquirer')
  if (signal?.aborted) throw interrupted()
  const leave = new AbortController()
  const stop = () => leave.abort()
  let isBack = false
  const onKey = (_: string | undefined, key: { readonly name?: string } | undefined) => {
    if (key?.name !== 'escape') return
    isBack = true
    leave.abort()
  }
  signal?.addEventListener('abort', stop)
  input.on('keypress', onKey)
  try {
    // As if it were typed again: what is offered stays what an empty line takes.
    if (question.typed) input.unshift(clean(question.typed))
    const ask = createPromptModule({ input, output, signal: leave.signal, clearPromptOnDone: true })
    const { answer } = await ask<{ answer: string | string[] }>([toQuestion(question, lookOf(output))])
    return toAnswer(question, answer)
  } catch (error) {
    if (isBack) return BACK
    if (error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name)) throw interrupted(error)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    input.removeListener('keypress', onKey)
  }
}

/** Yes or no; yes is the default. Errors: E_INTERRUPTED on Ctrl-C. */
export async function confirmYes(message: string, terminal: Terminal): Promise<boolean> {
  const choices = [{ value: 'yes' }, { value: 'no', about: 'begin anew' }]
  return (await prompt({ kind: 'select', message, choices, offer: 'yes' }, terminal)) !== 'no'
}

function toAnswer({ kind, offer }: Prompt, answer: string | string[]): string | readonly string[] {
  if (kind !== 'input' && kind !== 'list') return answer
  const typed = String(answer).trim()
  if (typed === '' && offer !== undefined) return offer
  if (kind === 'input') return typed === NOTHING ? '' : typed
  const names = typed.split(',').map((one) => one.trim())
  return typed === NOTHING ? [] : names.filter((one) => one !== '')
}

type Question = Parameters<ReturnType<typeof import('inquirer').createPromptModule>>[0]
type One = Extract<Question, readonly unknown[]>[number]

function toQuestion(question: Prompt, look: Look): One {
  const { kind, choices = [], offer } = question
  const base = { name: 'answer', message: toMessage(question, look) }
  const shown = toChoices(choices, look)
  const page = { pageSize: PAGE, loop: false }
  if (kind === 'select') return { ...base, ...page, type: 'select', choices: shown, default: offer } as One
  if (kind === 'checkbox') {
    const checked = shown.map((one) => ({ ...one, checked: (offer ?? []).includes(one.value) }))
    return { ...base, ...page, type: 'checkbox', choices: checked } as One
  }
  if (kind === 'search') {
    const first = shown.filter(({ value }) => value === offer)
    const all = [...first, ...shown.filter(({ value }) => value !== offer)]
    const find = (term: string | undefined) => all.filter(({ value }) => fits(value, term ?? ''))
    return { ...base, pageSize: PAGE, type: 'search', source: find } as One
  }
  const text = typeof offer === 'string' ? offer : (offer ?? []).join(', ')
  return { ...base, type: 'input', default: text === '' ? undefined : text, prefill: 'tab' } as One
}

const fits = (value: string, term: string): boolean =>
  value.toLowerCase().replaceAll('_', ' ').includes(term.toLowerCase().replaceAll('_', ' ').trim())

/** The question, what is known about it, and what was wrong: in a terminal of its width. */
function toMessage({ kind, message, help, problems = [] }: Prompt, look: Look): string {
  const paint = getPaint(look)
  const below = [
    ...(help === undefined ? [] : indent(help, '  ', look.width).map((line) => paint.dim(line))),
    ...shortened(problems)
      .flatMap((problem) => indent(problem, '  ! ', look.width))
      .map((line) => paint.red(line)),
  ]
  const head = paint.bold(clean(message))
  if (below.length === 0) return head
  return [head, ...below, ...(kind === 'input' || kind === 'list' || kind === 'search' ? [' >'] : [])].join('\n')
}

/** One answer may go against many things, and the question is to stay on the screen. */
const shortened = (problems: readonly string[]): readonly string[] =>
  problems.length <= PROBLEMS
    ? problems
    : [...problems.slice(0, PROBLEMS - 1), `… and ${problems.length - PROBLEMS + 1} more`]

function toChoices(choices: NonNullable<Prompt['choices']>, look: Look) {
  const paint = getPaint(look)
  const widest = Math.min(28, Math.max(0, ...choices.map(({ value, name = value }) => getWidth(clean(name)))))
  return choices.map(({ value, name = value, about = '' }) => {
    const label = clean(name)
    const room = look.width - MARK - Math.max(widest, getWidth(label)) - 2
    const more = about === '' ? '' : paint.dim(cut(clean(about), Math.max(8, room)))
    return { value, name: more === '' ? label : `${pad(label, widest)}  ${more}`, short: label }
  })
}

const lookOf = (output: NodeJS.WritableStream): Look => getLook(output as NodeJS.WriteStream)

function interrupted(cause?: unknown): OrionError {
  return new OrionError('interrupted at the question', { code: 'E_INTERRUPTED', cause })
}
