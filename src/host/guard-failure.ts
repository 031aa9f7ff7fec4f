// How a guarded change can end badly, in words: with the host as it was, or told to become so, or not known here.
import { OrionError } from '../errors.ts'

/** What the messages are about. */
export interface About {
  /** The host's name. */
  readonly host: string
  /** The change's name. */
  readonly name: string
}

/** A time of day after so many seconds, in the operator's clock. */
export const getClock = (seconds: number): string => {
  const time = new Date(Date.now() + seconds * 1000)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `\n  ${line}`)
    .join('')

export const refused = ({ host, name }: About, reason: string): OrionError =>
  new OrionError(`${host} refused the change of ${name}; nothing was touched:${indent(reason)}`, {
    code: 'E_GUARD_REFUSED',
    suggestions: [MEND],
  })

export function busy({ host, name }: About, by: string, leftSeconds: number | undefined): OrionError {
  const until = leftSeconds === undefined ? '' : `, until ${getClock(leftSeconds)} at the latest`
  return new OrionError(`${name} on ${host} was not changed: ${by || 'somebody else'} is changing the host${until}`, {
    code: 'E_HOST_BUSY',
    suggestions: ['wait until then, and try again', `on ${host}, as root: orion-guard list`],
  })
}

export const rolledBack = ({ host, name }: About, reason: string): OrionError =>
  new OrionError(`${host} put ${name} back; it is as before:${indent(reason || 'not confirmed')}`, {
    code: 'E_ROLLED_BACK',
    suggestions: [/^(not confirmed)?(\n|$)/.test(reason) ? LOOK_AT_WAY : MEND],
  })

// The host's own timer was first: nobody came in over a new connection.
const LOOK_AT_WAY =
  'no new connection came through: does a firewall still let SSH in, is the cable in the port that the site file names, and is the address right?'
const MEND = 'put that right, and give the same command again'

/** Nobody could see it: said as it is. */
export const unseen = ({ host, name }: About, clock: string, cause: unknown): OrionError =>
  new OrionError(
    `${host} cannot be reached. It was told to put ${name} back by itself at ${clock}, which could not be seen from here`,
    {
      code: 'E_ROLLED_BACK',
      cause,
      suggestions: [LOOK_AT_WAY, `at the console of ${host}, as root: orion-guard list`],
    },
  )

/** The confirmation was sent, and then nothing was heard any more. */
export const unknown = ({ host, name }: About, cause: unknown): OrionError =>
  new OrionError(
    `${host} cannot be reached. It was being told to keep ${name}: it either does, or has put it back; which, could not be seen from here`,
    {
      code: 'E_HOST_LOST',
      cause,
      suggestions: [`at the console of ${host}, as root: orion-guard list`],
    },
  )

/** Confirmed by somebody on the host, before we could have it put back. */
export const stands = ({ host, name }: About, reason: string): OrionError =>
  new OrionError(`${name} on ${host} was confirmed by somebody on the host, so it stands, although:${indent(reason)}`, {
    code: 'E_NOT_CONVERGED',
    suggestions: [`to put back what was before: orion net undo ${host}`],
  })

export const interrupted = ({ host, name }: About, what: string): OrionError =>
  new OrionError(`Interrupted while ${name} of ${host} was changed: ${what}`, { code: 'E_INTERRUPTED', recheck: true })
