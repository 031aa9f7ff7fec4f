// Questions to the operator, before anything is changed. Without a terminal nothing is asked and nothing is agreed to.
import { OrionError } from '../errors.ts'

/** Where questions are put; for tests. */
export interface Terminal {
  /** Aborted on Ctrl-C, which a terminal sends as a signal until the question itself reads its keys. */
  readonly signal?: AbortSignal
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

const here: Terminal = { input: process.stdin, output: process.stderr }

type Asking = Partial<Terminal>

/** Yes or no; no is the default. Errors: E_CONFIRM without a terminal, E_INTERRUPTED on Ctrl-C. */
export async function confirm(question: string, asking: Asking = {}): Promise<boolean> {
  const terminal = { ...here, ...asking }
  refuseNobody(
    terminal,
    'there is no terminal to ask in, so nothing was changed',
    'use --yes to go ahead without a question',
  )
  const { yes } = await ask<{ yes: boolean }>(
    { type: 'confirm', name: 'yes', message: question, default: false },
    terminal,
  )
  return yes
}

/** The same about something on the way, where no answer is a no: false without a terminal. Errors: E_INTERRUPTED on Ctrl-C. */
export async function askYes(question: string, asking: Asking = {}): Promise<boolean> {
  return isThere({ ...here, ...asking }) && (await confirm(question, asking))
}

/** The name of what goes must be typed. Errors: E_CONFIRM for another name or without a terminal, E_INTERRUPTED on Ctrl-C. */
export async function typeName(name: string, message: string, asking: Asking = {}): Promise<void> {
  const terminal = { ...here, ...asking }
  refuseNobody(
    terminal,
    `there is no terminal to type the name ${name} in, so nothing was done`,
    `use --confirm ${name}`,
  )
  const { typed } = await ask<{ typed: string }>({ type: 'input', name: 'typed', message }, terminal)
  refuseOther(name, typed)
}

/** A text that is not shown while it is typed; undefined without a terminal, or where nothing was typed. Errors: E_INTERRUPTED on Ctrl-C. */
export async function askHidden(message: string, asking: Asking = {}): Promise<string | undefined> {
  const terminal = { ...here, ...asking }
  if (!isThere(terminal)) return undefined
  const { typed } = await ask<{ typed: string }>({ type: 'password', name: 'typed', message }, terminal)
  return typed === '' ? undefined : typed
}

/** For --confirm NAME as well. Errors: E_CONFIRM for another name. */
export function refuseOther(name: string, typed: string): void {
  if (typed.trim() === name) return
  throw new OrionError(`the name typed is not ${name}, so nothing was done`, { code: 'E_CONFIRM' })
}

/** A question that goes into a file (`2>log`) is seen by nobody. */
const isThere = ({ input, output }: Terminal): boolean => input.isTTY === true && output.isTTY === true

function refuseNobody(terminal: Terminal, message: string, suggestion: string): void {
  if (!isThere(terminal)) throw new OrionError(message, { code: 'E_CONFIRM', suggestions: [suggestion] })
}

interface Question {
  readonly type: 'confirm' | 'input' | 'password'
  readonly name: string
  readonly message: string
  readonly default?: boolean
}

async function ask<T extends object>(question: Question, { input, output, signal }: Terminal): Promise<T> {
  const { createPromptModule } = await import('inquirer')
  if (signal?.aborted) throw interrupted()
  const prompt = createPromptModule({ input, output, ...(signal ? { signal } : {}) })
  try {
    return (await prompt([question])) as T
  } catch (error) {
    if (error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name)) {
      throw interrupted(error)
    }
    throw error
  }
}

function interrupted(cause?: unknown): OrionError {
  return new OrionError('interrupted at the question, so nothing was changed', { code: 'E_INTERRUPTED', cause })
}
