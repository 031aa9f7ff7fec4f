// orion-guard on a simulated host: checks, arms a real timer, swaps, activates, waits for the confirmation, puts back.
import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '../refusal.ts'
import { confirm, follow, type Guarding, label, quiet, restore, stateOf, swap } from './guard-course.ts'
import { encoded, place, preview, seconds, shown, snapshot, stageUndo, statesText } from './guard-store.ts'
import { reload } from './ifreload.ts'
import { INTERFACES } from './interfaces-file.ts'
import { failed, type Io, type Machine, type Output, ok } from './machine.ts'
import type { Run } from './scripts.ts'
import { type GuardedChange, textAt } from './state.ts'

export interface GuardHost {
  /** `orion-guard SUB …` */
  command(args: readonly string[], io: Io): Promise<Output>
  /** As the boot unit does: what is armed is put back, what is staged refused. */
  boot(): void
  /** Is a change under way? */
  isBusy(): boolean
  /** Forgets the timers: the host goes down as it is. */
  close(): void
}

export function makeGuardHost(machine: Machine, run: Run): GuardHost {
  const guarding: Guarding = { machine, run, timers: new Map(), activated: new Set() }
  return {
    command: (args, io) => command(guarding, args, io),
    boot: () => boot(guarding),
    isBusy: () => guarding.timers.size > 0,
    close() {
      for (const timer of guarding.timers.values()) timer.abort()
      guarding.timers.clear()
    },
  }
}

async function command(guarding: Guarding, [sub = 'help', ...args]: readonly string[], io: Io): Promise<Output> {
  const { machine } = guarding
  const [id = ''] = args
  const change = machine.host.guard.find((entry) => entry.id === id)
  if (sub === 'states') return statesText(machine)
  if (sub === 'list') return shown(machine, undefined)
  if (sub === 'show') return shown(machine, id)
  if (sub === 'stage-undo') return stageUndo(machine, args, await io.input())
  if (sub === 'boot') {
    boot(guarding)
    return ok()
  }
  if (!['start', 'follow', 'confirm', 'restore'].includes(sub))
    return failed(64, 'usage: orion-guard start | follow | confirm | restore | states')
  if (!change) return failed(66, `orion-guard: no change ${id}`)
  if (sub === 'start') return start(guarding, change, io)
  if (sub === 'follow') return follow(guarding, change, Number(args[1] ?? 600))
  if (sub === 'confirm') return confirm(guarding, change)
  return restoreNow(guarding, change, args.slice(1).join(' ') || 'asked for')
}

async function start(guarding: Guarding, change: GuardedChange, io: Io): Promise<Output> {
  const { machine } = guarding
  const { host, world } = machine
  const busy = host.guard.find((entry) => entry.state === 'armed' && entry !== change)
  if (busy) {
    if ((busy.deadlineMs ?? 0) > world.now()) {
      host.guard = host.guard.filter((entry) => entry !== change)
      world.changed()
      const until = seconds(busy.deadlineMs ?? 0)
      return { code: 75, stdout: `busy ${encoded(busy.by)} ${until} ${seconds(world.now())}\n` }
    }
    await restore(guarding, busy, 'not confirmed')
  }
  const wrong = await check(guarding, change, io)
  if (wrong !== undefined) {
    Object.assign(change, { state: 'refused', reason: wrong })
    world.changed()
    return { code: 4, stdout: `refused ${encoded(wrong)}\n` }
  }
  io.print('checked\n')
  arm(guarding, change)
  void swap(guarding, change, io).catch((error) => restore(guarding, change, `orion lab: ${textOf(error)}`))
  return ok(`armed ${seconds(change.deadlineMs ?? 0)} ${seconds(world.now())}\n`)
}

async function check({ machine, run }: Guarding, change: GuardedChange, io: Io): Promise<string | undefined> {
  // The checks' own world: whatever they write there is gone with it.
  const there = { ...machine, host: preview(machine.host, change), networkChanged: () => undefined }
  for (const argv of change.check) {
    const { code, stdout = '', stderr = '' } = await run(there, argv, quiet(io))
    const said = `${stderr}${code === 0 ? '' : stdout}`.trim()
    if (code !== 0) return `${label(argv)} ended with ${code}: ${said}`
    if (change.strict && stderr.trim() !== '') return `${label(argv)} warns: ${stderr.trim()}`
  }
  return undefined
}

function arm(guarding: Guarding, change: GuardedChange): void {
  const { world, host } = guarding.machine
  snapshot(host, change)
  const windowMs = change.window * 1000
  Object.assign(change, { state: 'armed', deadlineMs: world.now() + windowMs })
  world.changed()
  const timer = new AbortController()
  guarding.timers.set(change.id, timer)
  sleep(windowMs, undefined, { signal: timer.signal }).then(
    () => restore(guarding, change, 'not confirmed'),
    () => undefined,
  )
}

async function restoreNow(guarding: Guarding, change: GuardedChange, reason: string): Promise<Output> {
  if (change.state === 'staged') Object.assign(change, { state: 'refused', reason })
  else await restore(guarding, change, reason)
  const { stdout = '' } = stateOf(guarding, change)
  const isBack = change.state === 'restored' || change.state === 'refused'
  return { code: isBack ? 0 : 1, stdout }
}

function boot({ machine: { host, world } }: Guarding): void {
  for (const change of host.guard) {
    if (change.state === 'armed') {
      place(host, change.old)
      if (textAt(host, INTERFACES) !== undefined) reload(host)
    }
    const state = { armed: 'restored', staged: 'refused' } as const
    if (change.state === 'armed' || change.state === 'staged') {
      Object.assign(change, { state: state[change.state], reason: 'restarted' })
    }
  }
  world.changed()
}
