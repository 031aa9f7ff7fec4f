// One guarded change from the moment it lies staged on the host: armed, activated, proved and confirmed over new connections.
import { OrionError } from '../errors.ts'
import { errorText } from './failure.ts'
import type { ChangeOptions } from './guard.ts'
import { type Answer, parseAnswers } from './guard-answer.ts'
import { busy, getClock, interrupted, refused, rolledBack, stands, unknown, unseen } from './guard-failure.ts'
import { codeOf, hasNoWay, isFinal, limited, mayHaveBegun, overNew } from './guard-way.ts'
import type { Host, Output } from './host.ts'

export const GUARD = '/usr/local/sbin/orion-guard'

export interface Flight {
  readonly id: string
  readonly name: string
  readonly host: Host
  /** The same connection, for what must still be done after Ctrl-C. */
  readonly late: Host
  readonly windowSeconds: number
  /** How long the checkers may take, together. */
  readonly checkMs: number
  /** How long after its time the host is still looked for. */
  readonly marginMs: number
  readonly options: ChangeOptions
}

/** What is known of the host's timer; in ms of this process's clock. */
interface Time {
  began: number
  end: number
  /** The confirmation was sent, and no answer came: only the host knows which was first, it or the timer. */
  asked: boolean
  /** Why it could not be reached or asked the last time. */
  trouble: Error | undefined
}

const FOLLOW_SECONDS = 5
/** What a proof and the confirmation have at least. */
const MINIMUM_MS = 5000
/** How often it may be seen half done, with nobody working on it, before it is put back. */
const PATIENCE = 3

/** Returns when the change stands. Errors: as Guard.change. */
export async function fly(flight: Flight): Promise<void> {
  const began = performance.now()
  const time: Time = { began, end: began + flight.windowSeconds * 1000, asked: false, trouble: undefined }
  try {
    await arm(flight, time)
    await activate(flight, time)
    await confirm(flight, time)
    flight.options.note('confirmed')
  } catch (error) {
    throw codeOf(error) === 'E_INTERRUPTED' ? await giveUp(flight, time) : error
  }
}

const about = ({ host, name }: Flight) => ({ host: host.name, name })
const clock = ({ end }: Time): string => getClock((end - performance.now()) / 1000)

/** Check, arm, and the swap begins. Where the connection breaks meanwhile, `activate` finds out. */
async function arm(flight: Flight, time: Time): Promise<void> {
  const { host, id, checkMs, options } = flight
  let output: Output
  try {
    output = await host.run([GUARD, 'start', id], { accept: [0, 1, 4, 75], timeoutMs: checkMs })
  } catch (error) {
    if (!mayHaveBegun(error)) throw error
    time.end = performance.now() + flight.windowSeconds * 1000
    return options.note('the connection broke while it was armed')
  }
  for (const answer of parseAnswers(output.stdout)) {
    if (answer.kind === 'busy') throw busy(about(flight), answer.by, answer.leftSeconds)
    if (answer.kind === 'refused') throw refused(about(flight), answer.reason)
    if (answer.kind === 'checked') options.note('checked')
    if (answer.kind === 'armed') {
      Object.assign(time, { began: performance.now(), end: performance.now() + answer.leftSeconds * 1000 })
      options.note(`armed: ${host.name} puts it back at ${clock(time)} unless confirmed`)
    }
  }
  if (output.code !== 0) throw refused(about(flight), output.stderr.trim() || `orion-guard ended with ${output.code}`)
}

/** Waits until the new files are in force; first over the connection that is there. */
async function activate(flight: Flight, time: Time): Promise<void> {
  let left = PATIENCE
  const look = async (host: Host): Promise<true | undefined> => {
    const timeoutMs = (FOLLOW_SECONDS + 2) * 1000
    const answer = await ask(host, ['follow', flight.id, String(FOLLOW_SECONDS)], timeoutMs)
    if (answer?.leftSeconds !== undefined) time.end = performance.now() + answer.leftSeconds * 1000
    if (answer?.state === 'active' || answer?.state === 'confirmed') return true
    if (answer?.state === 'restored' || answer?.state === 'refused') throw putBackByItself(flight, time, answer)
    if (answer?.state !== 'working') left -= 1
    if (left === 0) throw await putBack(flight, host, 'the change was not carried through')
    return undefined
  }
  const old = await limited(3000, look(flight.host)).catch((error: unknown) => {
    if (isFinal(error) || !(error instanceof Error)) throw error
    time.trouble = error
  })
  if (old) return
  await goOn(flight, time, look, () => (FOLLOW_SECONDS + 3) * 1000)
}

/** Asks the part's own health check over a new connection each time, and confirms over the same. */
async function confirm(flight: Flight, time: Time): Promise<void> {
  const half = time.began + (time.end - time.began) / 2
  await goOn(flight, time, attempt, () => Math.max(MINIMUM_MS, time.end - performance.now()))

  async function attempt(host: Host): Promise<true | undefined> {
    const problems = await flight.options.prove(host).catch((error: unknown) => {
      if (hasNoWay(error)) throw error
      return [errorText(error)]
    })
    if (problems.length > 0) {
      if (performance.now() < half) return undefined
      throw await putBack(flight, host, problems.join('\n'))
    }
    time.asked = true
    const { stdout } = await host.run([GUARD, 'confirm', flight.id], { accept: [0, 1, 4], timeoutMs: 15_000 })
    const [answer] = parseAnswers(stdout)
    if (answer) time.asked = false
    if (answer?.kind === 'confirmed') return true
    throw answer?.kind === 'state' && answer.state === 'restored'
      ? putBackByItself(flight, time, answer)
      : await putBack(flight, host, 'the change was not carried through')
  }
}

/** The host was first: what kept us from confirming is the better half of the reason. */
function putBackByItself(flight: Flight, { trouble }: Time, { reason }: Pick<StateAnswer, 'reason'>): OrionError {
  const seen = trouble === undefined ? [] : [`before that, seen from here: ${errorText(trouble)}`]
  return rolledBack(about(flight), [reason, ...seen].join('\n'))
}

/** Has it put back at once. Returns the error to throw; its reason is ours, also where the timer was first. */
async function putBack(flight: Flight, host: Host, reason: string): Promise<OrionError> {
  flight.options.note(`${host.name} puts it back`)
  const answer = await ask(host, ['restore', flight.id, reason], 90_000)
  if (answer?.state === 'restored' || answer?.state === 'refused') return rolledBack(about(flight), reason)
  if (answer?.state === 'confirmed') return stands(about(flight), reason)
  throw new OrionError(`${host.name} has not put ${flight.name} back yet`, { code: 'E_HOST_LOST' })
}

async function ask(host: Host, argv: readonly string[], timeoutMs: number): Promise<StateAnswer | undefined> {
  const { stdout } = await host.run([GUARD, ...argv], { accept: [0, 1, 4], timeoutMs })
  return parseAnswers(stdout).find((answer) => answer.kind === 'state')
}
type StateAnswer = Extract<Answer, { kind: 'state' }>

/** Over one new connection after the other, as long as the host may still be seen. Errors: unseen, after that. */
async function goOn(
  flight: Flight,
  time: Time,
  attempt: (host: Host) => Promise<true | undefined>,
  limitMs: () => number,
): Promise<void> {
  const isOver = () => performance.now() > time.end + flight.marginMs
  const cause = await overNew(flight.host, attempt, {
    limitMs,
    isOver,
    failed: (error) => {
      time.trouble = error
    },
  })
  if (cause) throw time.asked ? unknown(about(flight), cause) : unseen(about(flight), clock(time), cause)
}

/** Ctrl-C: put back at once if the connection is there, else it is the host's. */
async function giveUp(flight: Flight, time: Time): Promise<OrionError> {
  const { late, id } = flight
  const answer = await limited(10_000, ask(late, ['restore', id, 'interrupted'], 8000)).catch(() => undefined)
  if (answer?.state === 'confirmed') return interrupted(about(flight), 'the change stands')
  if (answer?.state === 'restored' || answer?.state === 'refused')
    return interrupted(about(flight), `${late.name} is as before`)
  if (time.asked) return interrupted(about(flight), `whether ${late.name} was still told to keep it could not be seen`)
  return interrupted(about(flight), `${late.name} puts it back by itself at ${clock(time)}`)
}
