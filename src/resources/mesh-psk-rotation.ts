// A staged key of a link comes into force on both ends within seconds, and stays only where both have shaken hands with it.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import { abortPsk, askBoth, askEnd, SIDES } from './mesh-psk-exchange.ts'
import { isOpen, lookBoth, lookNow, type PskLink, type PskState, type Two } from './mesh-psk-look.ts'

export interface RotationOptions {
  readonly signal: AbortSignal
  readonly note: (text: string) => void
  readonly patience?: RotationPatience
}

/** Milliseconds. */
export interface RotationPatience {
  /** WireGuard shakes hands every 120 s where there is something to send; the session ends after 180 s. */
  readonly freshMs: number
  readonly everyMs: number
  /** So far apart the two ends may change: an end whose peer has another key loses the link at 180 s. */
  readonly apartMs: number
}

const PATIENCE: RotationPatience = { freshMs: 190_000, everyMs: 2_000, apartMs: 30_000 }

/** What was found of an earlier run: nothing, a key that was good already, or one that was taken back. */
export type Healed = 'nothing' | 'finished' | 'back'

/**
 * Puts a staged key into force. Errors: E_ROLLED_BACK with the old key in force on both; E_HOST_LOST where one does not answer: its own watch sees to it;
 * E_INTERRUPTED with the rotation open, which the hosts' watches guard until the next run.
 */
export async function applyPsk(link: PskLink, hosts: Two<Host>, id: string, options: RotationOptions): Promise<void> {
  const { apartMs } = options.patience ?? PATIENCE
  const apply = (at: 0 | 1) => askEnd(hosts, link, at, ['apply', id])
  try {
    const began = performance.now()
    await apply(0)
    const apart = performance.now() - began
    if (apart > apartMs) throw new Error(`${hosts[0].name} took ${Math.round(apart / 1000)} s`)
    await apply(1)
  } catch (error) {
    await takeBack(link, hosts, options, error)
  }
  options.note(`${link.id}: new key on both ends; a handshake takes up to 2 min`)
  await settle(link, hosts, options)
}

/** Waits for a fresh handshake on both ends of an open rotation: then it is finished, else taken back. Errors: as applyPsk. */
export async function settle(link: PskLink, hosts: Two<Host>, options: RotationOptions): Promise<void> {
  const { freshMs } = options.patience ?? PATIENCE
  const late = await untilFresh(link, hosts, options)
  if (late.length > 0) {
    const why = `${late.join(' and ')} saw no handshake with the new key in ${Math.round(freshMs / 1000)} s`
    await takeBack(link, hosts, options, new Error(why))
  }
  await askBoth(hosts, link, ['finish'])
}

/** Names of the hosts that are not fresh at the end of our patience; [] = both are. */
async function untilFresh(link: PskLink, hosts: Two<Host>, options: RotationOptions): Promise<readonly string[]> {
  const { freshMs, everyMs } = options.patience ?? PATIENCE
  for (const end = performance.now() + freshMs; ; ) {
    // One that does not answer now may do so later: the way to it may be this very link.
    const states = await Promise.allSettled(SIDES.map((at) => lookNow(hosts[at], link, link.ends[at])))
    if (options.signal.aborted) throw interrupted(link)
    const late = hosts.filter((_, at) => {
      const state = states[at]
      return state?.status !== 'fulfilled' || !isFresh(state.value)
    })
    if (late.length === 0 || performance.now() > end) return late.map(({ name }) => name)
    await sleep(everyMs, undefined, { signal: options.signal }).catch(() => undefined)
    if (options.signal.aborted) throw interrupted(link)
  }
}

/** With the new key, after it came into force here. An end that is settled already has nothing to wait for. */
function isFresh(state: PskState): boolean {
  if (!isOpen(state)) return true
  const { live, handshake, applied = Number.POSITIVE_INFINITY, isPairOpen } = state
  // A new pair begins with no handshake at all; a new preshared key may have come in the same second after one.
  return live === 'new' && (isPairOpen ? handshake >= applied : handshake > applied)
}

/**
 * Ends what an earlier run left open: finished where both ends have the same and shook hands with it, else taken back on both.
 * What is only staged is dropped. Errors: as settle, but that it was taken back is no error here.
 */
export async function healPsk(link: PskLink, hosts: Two<Host>, options: RotationOptions): Promise<Healed> {
  const [a, b] = await lookBoth(hosts, link)
  if (!isOpen(a) && !isOpen(b)) {
    if ([a, b].some(({ staged, applied }) => staged !== undefined || applied !== undefined)) await abortPsk(link, hosts)
    return 'nothing'
  }
  options.note(`${link.id}: a rotation of an earlier run is open`)
  if (!areSame(a, b)) {
    await askBoth(hosts, link, ['back'])
    return 'back'
  }
  // One that is settled cannot go back; nor shall the other.
  if (!isOpen(a) || !isOpen(b)) {
    await askBoth(hosts, link, ['finish'])
    return 'finished'
  }
  return settle(link, hosts, { ...options, patience: restOf(a, b, options.patience ?? PATIENCE) }).then(
    () => 'finished',
    (error: unknown) => {
      if (error instanceof OrionError && error.code === 'E_ROLLED_BACK') return 'back'
      throw error
    },
  )
}

/** The handshakes of both would be with the same keys. */
function areSame(a: PskState, b: PskState): boolean {
  if (a.id !== b.id) return false
  if (!a.isPairOpen && !b.isPairOpen) return true
  return a.key === b.peer && b.key === a.peer
}

function restOf(a: PskState, b: PskState, patience: RotationPatience): RotationPatience {
  const over = Math.min(...[a, b].map(({ now, applied = 0 }) => now - applied)) * 1000
  return { ...patience, freshMs: Math.max(0, patience.freshMs - over) }
}

/** Old keys on both. Errors: always; E_ROLLED_BACK only where both have said that they are back, else E_HOST_LOST. */
export async function takeBack(
  link: PskLink,
  hosts: Two<Host>,
  { signal }: RotationOptions,
  why: unknown,
): Promise<never> {
  if (signal.aborted) throw interrupted(link)
  const results = await Promise.allSettled(SIDES.map((at) => askEnd(hosts, link, at, ['back'])))
  const lost = hosts.filter((_, at) => results[at]?.status === 'rejected').map(({ name }) => name)
  const said = why instanceof Error ? why.message : String(why)
  const how =
    lost.length === 0
      ? 'the old key is in force on both'
      : `${lost.join(' and ')} did not answer and goes back by itself`
  throw new OrionError(`the new key of ${link.id} does not stand: ${said}; ${how}`, {
    code: lost.length === 0 ? 'E_ROLLED_BACK' : 'E_HOST_LOST',
    suggestions: ['orion mesh status', 'orion mesh rotate tries again'],
    cause: why,
  })
}

function interrupted(link: PskLink): OrionError {
  return new OrionError(`interrupted with a new key of ${link.id} under way: both hosts watch over it`, {
    code: 'E_INTERRUPTED',
    suggestions: ['orion mesh rotate goes on from here'],
  })
}
