// What can go wrong with a host, in words for people.
import { OrionError, pickTelling } from '../errors.ts'
import { getTail } from './mask.ts'

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a person may see of a command: the program and its subcommand, never further arguments. */
export function getTitle(argv: readonly string[]): string {
  const [program = '', first = '', , name = ''] = argv
  if (program === 'sh' && first === '-c' && name) return name
  const short = program.split('/').at(-1) ?? program
  return /^[a-z][a-z-]{0,30}$/.test(first) ? `${short} ${first}` : short
}

/** The connection broke while this was under way. */
export function lost(host: string, what: string, cause: unknown): OrionError {
  const why = cause === undefined ? '' : `: ${errorText(cause)}`
  return new OrionError(`The connection to ${host} broke during ${what}, which may or may not have happened${why}`, {
    code: 'E_HOST_LOST',
    recheck: true,
    cause,
  })
}

export function timedOut(host: string, what: string, limitMs: number, suggestions: readonly string[] = []): OrionError {
  const seconds = Math.round(limitMs / 100) / 10
  return new OrionError(`${host}: ${what} was not over after ${seconds} s and was ended`, {
    code: 'E_HOST_TIMEOUT',
    recheck: true,
    suggestions,
  })
}

/** The server opened no session for it, again and again. */
export function noSession(host: string, what: string, cause: unknown): OrionError {
  return new OrionError(`${host} opens no session for ${what}: ${errorText(cause)}`, {
    code: 'E_HOST_COMMAND',
    suggestions: ['Is MaxSessions in its sshd_config 1 or more?'],
    cause,
  })
}

export function saidTooMuch(host: string, what: string, bytes: number): OrionError {
  const message = `${host}: ${what} said more than ${bytes / 1024 / 1024} MiB and was not listened to any longer`
  return new OrionError(message, { code: 'E_HOST_COMMAND', recheck: true })
}

export function interrupted(host: string, what: string): OrionError {
  return new OrionError(`Interrupted: ${what} on ${host}`, { code: 'E_INTERRUPTED', recheck: true })
}

/** `code`, `said`: of a sudo that was asked for nothing but itself. A shell says 127 of a program that is not there. */
export function notRoot(host: string, user: string, { code, said }: { code: number; said: string }): OrionError {
  const because = getTail(said, [], 1).map((line) => ` (${line})`)
  const why = code === 127 ? `sudo is not installed on ${host}` : `sudo refuses without a password${because.join('')}`
  return new OrionError(`${user} is not root on ${host}, and ${why}`, {
    code: 'E_HOST_SUDO',
    suggestions: [
      `on ${host}, as root: apt install sudo; echo '${user} ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user}; chmod 0440 /etc/sudoers.d/${user}`,
      'or log in as root: ssh.user in the site file',
    ],
  })
}

interface Failed {
  readonly title: string
  readonly code: number
  readonly stderr: string
}

/** Last lines of a program among which those that matter are looked for. */
const LISTENED = 200

/** A program ended with a code that is an error. */
export function commandFailed(host: string, { title, code, stderr }: Failed, secrets: readonly string[]): OrionError {
  const said = pickTelling(getTail(stderr, secrets, LISTENED)).map((line) => `\n  ${line}`)
  const what = code === 127 ? `${title} is not there` : `${title} ended with code ${code}`
  return new OrionError(`${host}: ${what}${said.join('')}`, { code: 'E_HOST_COMMAND' })
}
