// The guard of one host: makes guarded changes, undoes them, lists them.
import { randomBytes } from 'node:crypto'
import { OrionError } from '../errors.ts'
import type { Change, ChangeOptions, Guard } from './guard.ts'
import { parseAnswers, parseStates } from './guard-answer.ts'
import { getClock, refused } from './guard-failure.ts'
import { type Flight, fly, GUARD } from './guard-flight.ts'
import { packChange, toLine } from './guard-pack.ts'
import type { Host } from './host.ts'
import { script } from './script.ts'

export interface GuardOptions {
  readonly host: Host
  /** The same host, whose calls do not end by Ctrl-C: for putting things right. */
  readonly late: Host
  /** `user@machine (orion net apply)`. */
  readonly by: string
  readonly signal: AbortSignal
  /** How long after the host's own time it is still looked for; default 30 s. */
  readonly marginMs?: number
}

const MARGIN_MS = 30_000
/** As LIMIT of scripts/guard.sh, and some; how many checks an old change had is not known here. */
const CHECK_MS = 65_000
const CHECKS = 3
const NOT_THERE = 127
const UNKNOWN = 66

export function makeGuard(options: GuardOptions): Guard {
  const { host, by } = options
  const guard: Guard = {
    change: async (change, settings) => {
      const id = makeId()
      await stage(options, change, id)
      settings.note('staged')
      const { name, check, confirmWithinSeconds: windowSeconds } = change
      await fly(toFlight(options, { id, name, windowSeconds, checks: check.length }, settings))
    },
    states: async () => {
      const { stdout } = await host.run([GUARD, 'states'], { accept: [0, NOT_THERE] })
      return parseStates(stdout)
    },
    holder: async (id) => {
      const by = (await guard.states()).find((state) => state.id === id)?.by ?? ''
      const { stdout } = await host.run([GUARD, 'follow', id, '0'], { accept: [0, 1, 4, UNKNOWN, NOT_THERE] })
      const left = parseAnswers(stdout).flatMap((one) => (one.kind === 'state' ? (one.leftSeconds ?? []) : []))[0]
      return { by, leftSeconds: left, until: left === undefined ? undefined : getClock(left) }
    },
    undo: async (id, { confirmWithinSeconds, ...settings }) => {
      const name = (await guard.states()).find((state) => state.id === id)?.name ?? ''
      const newId = makeId()
      const argv = [GUARD, 'stage-undo', id, newId, String(confirmWithinSeconds)]
      const { code } = await host.run(argv, { input: toLine(by), accept: [0, 64, UNKNOWN, NOT_THERE] })
      if (code !== 0) throw unknown(host.name, id)
      settings.note('staged')
      await fly(toFlight(options, { id: newId, name, windowSeconds: confirmWithinSeconds, checks: CHECKS }, settings))
    },
  }
  return guard
}

/** Sorts by time, and no two are the same. */
function makeId(): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase()
  return `${time}-${randomBytes(3).toString('hex')}`
}

async function stage({ host, by }: GuardOptions, change: Change, id: string): Promise<void> {
  const input = await packChange(change, by)
  const argv = ['sh', '-c', await script('stage'), 'orion-stage', id]
  const { code, stderr } = await host.run(argv, { input, accept: [0, 1, 2, NOT_THERE] })
  if (code !== 0) throw refused({ host: host.name, name: change.name }, stderr.trim() || `staging ended with ${code}`)
}

type Known = Pick<Flight, 'id' | 'name' | 'windowSeconds'> & { readonly checks: number }

const toFlight = (guard: GuardOptions, { checks, ...known }: Known, options: ChangeOptions): Flight => ({
  ...known,
  host: guard.host,
  late: guard.late,
  marginMs: guard.marginMs ?? MARGIN_MS,
  checkMs: (checks + 1) * CHECK_MS,
  options,
})

const unknown = (host: string, id: string): OrionError =>
  new OrionError(`There is no confirmed change ${id} on ${host}`, {
    code: 'E_USAGE',
    suggestions: [`orion net undo ${host} --list`],
  })
