// Waiting for a host that restarts: over one new connection after the other, until it is there again and that is confirmed.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Note } from '../resource.ts'
import { BOOT_ID, parseReboot, REBOOT, type RebootState } from './host-reboot-state.ts'

export interface Return {
  readonly host: Host
  readonly note: Note
  readonly signal: AbortSignal
  readonly limitMs: number
  readonly everyMs: number
}

const CONNECT_MS = 5000
/** What the host may take to put files back, with images for the start and the loader, and to restart once more. */
const PUT_BACK_MS = 2_400_000
/** These are answers of the host, or ours; others only mean that it is away. */
const FINAL = new Set(['E_ROLLED_BACK', 'E_NOT_CONVERGED', 'E_HOST_KEY', 'E_HOST_AUTH', 'E_INTERRUPTED'])

/** Returns when it is there again in another start than `boot`, and confirmed. Errors: as hostReboot. */
export async function comeBack(wish: Return, boot: string): Promise<void> {
  const { host, note, signal, limitMs, everyMs } = wish
  const told = new Set<string>()
  const tell = (text: string) => {
    if (!told.has(text)) note({ kind: 'info', text })
    told.add(text)
  }
  let end = performance.now() + limitMs
  let last: unknown
  while (performance.now() < end) {
    if (signal.aborted) throw interrupted(host.name)
    try {
      const now = await look(wish, boot)
      if (now === 'confirmed') return tell(`${host.name} is back and confirmed`)
      if (now === 'restoring' && !told.has(BACKWARD)) end = performance.now() + PUT_BACK_MS
      tell(now === 'restoring' ? BACKWARD : now === 'there' ? 'it is back, and looks for its network' : 'it goes down')
    } catch (error) {
      if (signal.aborted) throw interrupted(host.name)
      if (!(error instanceof OrionError) || FINAL.has(error.code)) throw error
      last = error
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
  throw away(host.name, limitMs, last)
}

const BACKWARD = 'it does not come back as it was: it puts the old files back and restarts once more'

type Found = 'down' | 'there' | 'restoring' | 'confirmed'

/** Over a connection of its own: one that was there before proves nothing. */
async function look({ host }: Return, boot: string): Promise<Found> {
  const fresh = await host.fresh({ timeoutMs: CONNECT_MS })
  try {
    const { commands } = await fresh.read({ commands: { boot: [...BOOT_ID], state: [REBOOT, 'state'] } })
    const reboot = parseReboot(commands.get('state')?.stdout ?? '')
    if (reboot.state === 'restored' || reboot.state === 'failed') throw rolledBack(host.name, reboot, [MEND])
    if (reboot.state === 'restoring' || reboot.state === 'restarting') return 'restoring'
    if (reboot.state === 'confirmed') return 'confirmed'
    if (reboot.state === 'none') throw called(host.name)
    if (commands.get('boot')?.stdout.trim() === boot) return 'down'
    if (reboot.state === 'armed') return 'there'
    const { stdout } = await fresh.run([REBOOT, 'confirm'], { accept: [0, 1, 4] })
    const { state } = parseReboot(stdout)
    return state === 'confirmed' ? 'confirmed' : state === 'booted' ? 'there' : 'restoring'
  } finally {
    // Not waited for: it may hang with the host.
    fresh.close().catch(() => undefined)
  }
}

const MEND = 'put that right, and give the same command again'

/** The host went back by itself. */
export function rolledBack(name: string, { state, reason }: RebootState, suggestions: readonly string[]): OrionError {
  const why = reason || 'not confirmed'
  const text =
    state === 'failed'
      ? `${name} did not come back well from its restart, and its files could not be put back: ${why}`
      : `the restart of ${name} does not stand; it put its files back and restarted once more: ${why}`
  return new OrionError(text, { code: 'E_ROLLED_BACK', suggestions })
}

function called(name: string): OrionError {
  return new OrionError(`the restart of ${name} was called off on the host`, {
    code: 'E_NOT_CONVERGED',
    suggestions: [`on ${name}, as root: orion-reboot state`],
  })
}

function interrupted(name: string): OrionError {
  const text = `interrupted while ${name} restarts: unless it is confirmed in time, by the same command, it puts its files back`
  return new OrionError(text, { code: 'E_INTERRUPTED' })
}

function away(name: string, limitMs: number, cause: unknown): OrionError {
  const text = `${name} has not come back from its restart within ${Math.round(limitMs / 60_000)} minutes`
  return new OrionError(text, {
    code: 'E_HOST_LOST',
    cause,
    suggestions: [
      `look at its console; without its network, or unconfirmed, ${name} puts its files back by itself`,
      'when it is there again: the same command goes on',
    ],
  })
}
