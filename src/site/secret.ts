// Secrets: from a reference in the site file to the value, which is never printed.
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { inspect } from 'node:util'
import { OrionError } from '../errors.ts'

const MASK = '***'
const MAX_BYTES = 64 * 1024

/** A secret is never a value in the site file, only where to find it. */
export type SecretRef =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly [string, ...string[]] }

/** A value that prints as `***` however it is printed. Only `reveal()` gives it, where it is sent. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

export interface SecretOptions {
  /** The site file: paths are relative to its folder, and commands run there. */
  readonly file: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly home?: string
  /** Limit of a command in milliseconds; default 30,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * The secret that a reference stands for, without the line end behind it.
 * Errors: E_SECRET, which names the variable, file or program, and never the value or what a program printed.
 */
export async function resolveSecret(ref: SecretRef, options: SecretOptions): Promise<Secret> {
  const value =
    'env' in ref
      ? fromEnv(ref.env, options)
      : 'file' in ref
        ? await fromFile(ref.file, options)
        : await fromCommand(ref.command, options)
  return new Secret(value)
}

/** A reference as people may see it: `$NAME`, the file, or the program without its arguments. */
export function secretName(ref: SecretRef): string {
  if ('env' in ref) return `$${ref.env}`
  return 'file' in ref ? ref.file : `the command ${ref.command[0]}`
}

function fromEnv(name: string, { env = process.env }: SecretOptions): string {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined || value === '')
    throw failure(`The environment variable ${name} is not set`, `export ${name}=…`)
  return oneLine(value, `The environment variable ${name}`)
}

async function fromFile(name: string, options: SecretOptions): Promise<string> {
  const home = options.home ?? homedir()
  const path = name.startsWith('~/') ? resolve(home, name.slice(2)) : resolve(dirname(options.file), name)
  const what = `The secret file ${name}`
  let handle: Awaited<ReturnType<typeof open>> | undefined
  try {
    handle = await open(path, 'r')
    const info = await handle.stat()
    if (!info.isFile()) throw failure(`${what} is not a file`)
    // Windows has no such bits.
    if (process.platform !== 'win32' && (info.mode & 0o077) !== 0)
      throw failure(`${what} may be read by other users`, `chmod 600 ${path}`)
    if (info.size > MAX_BYTES) throw failure(`${what} is too large for a secret`)
    return oneLine(await handle.readFile('utf8'), what)
  } catch (error) {
    if (error instanceof OrionError) throw error
    throw failure(`${what} cannot be read: ${codeOf(error)}`)
  } finally {
    await handle?.close()
  }
}

async function fromCommand(
  [program, ...args]: readonly [string, ...string[]],
  options: SecretOptions,
): Promise<string> {
  const what = `The secret command ${program}`
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    cwd: dirname(options.file),
    reject: false,
    stdin: 'inherit', // a password manager may ask for its own passphrase
    stderr: 'ignore', // it could hold the secret, and nobody may see that
    maxBuffer: MAX_BYTES,
    timeout: options.timeoutMs ?? 30_000,
    forceKillAfterDelay: 1000,
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  })
  if (result.isCanceled) throw new OrionError(`${what} was interrupted`, { code: 'E_INTERRUPTED' })
  if (result.timedOut) throw failure(`${what} did not end in time`, 'Unlock your password manager first')
  if (result.code === 'ENOENT')
    throw failure(`${what} does not exist`, 'Name a program in PATH; arguments are entries of their own')
  if (result.isMaxBuffer) throw failure(`${what} printed too much for a secret`)
  if (result.failed)
    throw failure(
      `${what} failed with ${result.exitCode === undefined ? (result.signal ?? result.code ?? 'an error') : `exit code ${result.exitCode}`}`,
    )
  return oneLine((result.stdout ?? '').split('\n')[0] ?? '', what)
}

/** One line: a secret with a line break would become a line of its own in whatever it is written to. */
function oneLine(value: string, what: string): string {
  const line = value.replace(/\r?\n$/, '')
  if (line === '') throw failure(`${what} holds nothing`)
  if (/\p{Cc}/u.test(line)) throw failure(`${what} holds more than one line, or control characters`)
  return line
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

function failure(message: string, ...suggestions: string[]): OrionError {
  return new OrionError(message, { code: 'E_SECRET', suggestions })
}
