// One guarded change on its way on a simulated host: swapped in, activated, followed, confirmed or put back.
import { setTimeout as sleep } from 'node:timers/promises'
import { add, encoded, place, seconds } from './guard-store.ts'
import { type Io, type Machine, type Output, ok } from './machine.ts'
import type { Run } from './scripts.ts'
import type { GuardedChange } from './state.ts'

/** Between the answer `armed` and the swap, at pace 1; the answer must get away first. */
const SWAP_MS = 300
const LEAST_SWAP_MS = 50
const FOLLOW_MS = 20

export interface Guarding {
  readonly machine: Machine
  readonly run: Run
  readonly timers: Map<string, AbortController>
  /** Changes whose programs have all ended well. */
  readonly activated: Set<string>
}

/** Programs that the guard runs have no input, and nobody who listens. */
export function quiet(io: Io): Io {
  return { ...io, input: async () => Buffer.alloc(0), print: () => undefined }
}

/** A command line as people may see it: of `sh -c TEXT NAME …` the name. */
export function label(argv: readonly string[]): string {
  const [program, option, , name = 'sh'] = argv
  return program === 'sh' && option === '-c' ? name : argv.join(' ')
}

export async function swap(guarding: Guarding, change: GuardedChange, io: Io): Promise<void> {
  await sleep(Math.max(LEAST_SWAP_MS, SWAP_MS * guarding.machine.world.pace))
  if (change.state !== 'armed' || !guarding.timers.has(change.id)) return
  place(guarding.machine.host, change.files)
  guarding.machine.world.changed()
  const wrong = await activate(guarding, change, io)
  if (change.state !== 'armed' || !guarding.timers.has(change.id)) return
  if (wrong === undefined) guarding.activated.add(change.id)
  else await restore(guarding, change, wrong)
}

async function activate({ machine, run }: Guarding, change: GuardedChange, io: Io): Promise<string | undefined> {
  for (const argv of change.activate) {
    const { code, stdout = '', stderr = '' } = await run(machine, argv, { ...quiet(io), phase: 'swap' })
    if (code !== 0) return `${label(argv)} ended with ${code}: ${`${stderr}${stdout}`.trim()}`
    if (change.state !== 'armed') break
  }
  return undefined
}

const NOBODY: Io = {
  input: async () => Buffer.alloc(0),
  print: () => undefined,
  connection: '',
  phase: 'put-back',
}

/** The old files come back, and the programs run once more. */
export async function restore(guarding: Guarding, change: GuardedChange, reason: string): Promise<void> {
  if (change.state !== 'armed') return
  const { machine, run, timers, activated } = guarding
  timers.get(change.id)?.abort()
  timers.delete(change.id)
  activated.delete(change.id)
  place(machine.host, change.old)
  Object.assign(change, { state: 'restored', reason })
  machine.world.changed()
  for (const argv of change.activate) await run(machine, argv, NOBODY)
}

export async function follow(guarding: Guarding, change: GuardedChange, limit: number): Promise<Output> {
  const endMs = Date.now() + limit * 1000
  while (change.state === 'armed' && !guarding.activated.has(change.id) && Date.now() < endMs) await sleep(FOLLOW_MS)
  return stateOf(guarding, change)
}

export function stateOf({ machine, activated }: Guarding, change: GuardedChange): Output {
  const state = change.state !== 'armed' ? change.state : activated.has(change.id) ? 'active' : 'working'
  const until = change.deadlineMs === undefined ? '-' : seconds(change.deadlineMs)
  const code = { active: 0, confirmed: 0, restored: 4, refused: 4, working: 1, staged: 1 }[state]
  const line = ['state', state, until, seconds(machine.world.now()), encoded(change.reason)].join(' ')
  return { code, stdout: `${line}\n` }
}

export function confirm(guarding: Guarding, change: GuardedChange): Output {
  const { machine, timers, activated } = guarding
  if (change.state === 'armed' && activated.has(change.id)) {
    timers.get(change.id)?.abort()
    timers.delete(change.id)
    Object.assign(change, { state: 'confirmed' })
    add(machine.host, change)
    machine.world.changed()
  }
  return change.state === 'confirmed' ? ok('confirmed\n') : stateOf(guarding, change)
}
