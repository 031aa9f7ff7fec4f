// /usr/local/sbin/orion-reboot on a simulated node: armed, restarted, looked at, confirmed, or put back and restarted once more.
import { setTimeout as sleep } from 'node:timers/promises'
import { INTERFACES } from '../host/interfaces-file.ts'
import { networkOf } from '../host/links.ts'
import { failed, type Io, type Machine, type Output, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'

/** What the program remembers in /var/lib/orion/reboot. */
export interface RebootState {
  state: 'none' | 'armed' | 'booted' | 'confirmed' | 'restoring' | 'restarting' | 'restored' | 'failed'
  readonly mode: 'now' | 'window'
  readonly window: string
  /** Boot id when it was armed. */
  readonly boot: string
  readonly seconds: number
  reason: string
  /** Guarded changes that may be put back. */
  readonly names: readonly string[]
  /** Confirmed changes that an earlier start has seen. */
  readonly known: readonly string[]
  /** Bridges with their ports, as they were. */
  readonly bridges: Readonly<Record<string, readonly string[]>>
}

const PROGRAM = '/usr/local/sbin/orion-reboot'
const AFTER_MS = 1000
const PUT_BACK_SECONDS = 1800
const NOBODY: Io = { input: async () => Buffer.alloc(0), print: () => undefined, connection: '' }

export const orionReboot: Program = (machine, [verb = '', ...args]) => {
  const { host } = machine
  if (textAt(host, PROGRAM) === undefined) return failed(127, `sh: 1: ${PROGRAM}: not found`)
  if (verb === 'state') return told(host)
  if (verb === 'arm') return arm(machine, args)
  if (verb === 'confirm') return confirm(machine)
  if (verb === 'cancel') return cancel(machine)
  return failed(
    64,
    'usage: orion-reboot state | arm now SECONDS NAME… | arm window HH:MM HH:MM NAME… | confirm | cancel',
  )
}

function told({ reboot }: HostState, code = 0): Output {
  const { state = 'none', mode = '', window = '', boot = '', seconds: limit = '', reason = '' } = reboot ?? {}
  const rows = { state, mode, window, boot, seconds: limit, reason }
  return {
    code,
    stdout: Object.entries(rows)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  }
}

function arm(machine: Machine, [mode = '', ...args]: readonly string[]): Output {
  const { host, world } = machine
  if (/^restor|^restart/.test(host.reboot?.state ?? '') && host.reboot?.state !== 'restored') return told(host, 4)
  if (mode !== 'now' && mode !== 'window')
    return failed(64, 'orion-reboot: arm now SECONDS NAME…, or arm window HH:MM HH:MM NAME…')
  const [from = '', to = ''] = args
  host.reboot = {
    state: 'armed',
    mode,
    window: mode === 'window' ? `${from}-${to}` : '',
    boot: host.boot?.id ?? '',
    seconds: mode === 'now' ? Number(from) : 0,
    reason: '',
    names: args.slice(mode === 'now' ? 1 : 2),
    known: host.boot?.known ?? [],
    bridges: bridgesOf(host),
  }
  world.changed()
  scheduleRestart(machine)
  return told(host)
}

/** By the clock of the machine that the lab runs on; a lab that ends meanwhile goes on with it at its next start. */
function scheduleRestart(machine: Machine): void {
  const { host, world } = machine
  const armed = host.reboot
  if (armed?.state !== 'armed') return
  const go = () => {
    if (host.reboot === armed && armed.state === 'armed') machine.reboot()
  }
  setTimeout(go, armed.mode === 'now' ? AFTER_MS * world.pace : msUntil(armed.window, new Date(world.now()))).unref()
}

/** Milliseconds until a window (`02:00-05:00`) begins; 0 inside of it. */
function msUntil(window: string, now: Date): number {
  const [from = 0, to = 0] = window.split('-').map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)))
  const minute = now.getHours() * 60 + now.getMinutes()
  const inside = from < to ? minute >= from && minute < to : minute >= from || minute < to
  return inside ? 0 : ((from - minute + 1440) % 1440) * 60_000
}

function confirm({ host, world }: Machine): Output {
  const { reboot } = host
  if (reboot?.state === 'booted') reboot.state = 'confirmed'
  world.changed()
  const state = reboot?.state ?? 'none'
  return told(host, state === 'confirmed' ? 0 : state === 'none' || state === 'armed' ? 1 : 4)
}

function cancel({ host, world }: Machine): Output {
  if (host.reboot?.state === 'armed') host.reboot.state = 'none'
  world.changed()
  return told(host)
}

/** As orion-reboot-check.service does early after a start. */
export function checkStart(machine: Machine): void {
  const { host, world } = machine
  const { reboot } = host
  if (!reboot) return
  if (reboot.state === 'restarting') reboot.state = 'restored'
  else if (reboot.state === 'armed') {
    reboot.state = 'booted'
    const missing = missingOf(host, reboot)
    if (missing !== '') void putBack(machine, reboot, missing)
    else if (reboot.mode === 'window') reboot.state = 'confirmed'
    else void expire(machine, reboot)
  }
  world.changed()
}

/** A lab that was ended in between goes on where it was. */
export function resumeReboot(machine: Machine): void {
  const { reboot } = machine.host
  if (reboot?.state === 'armed') scheduleRestart(machine)
  else if (reboot?.state === 'booted') void expire(machine, reboot)
}

async function expire(machine: Machine, reboot: RebootState): Promise<void> {
  const sinceMs = machine.world.now() - (machine.host.boot?.startedMs ?? 0)
  await sleep(Math.max(0, reboot.seconds * 1000 - sinceMs), undefined, { ref: false })
  if (machine.host.reboot === reboot && reboot.state === 'booted') await putBack(machine, reboot, 'nobody confirmed it')
}

/** The guarded changes that this start was the first of go back, the newest first; then the host restarts once more. */
async function putBack(machine: Machine, reboot: RebootState, reason: string): Promise<void> {
  const { host, world } = machine
  Object.assign(reboot, { state: 'restoring', reason })
  const fresh = host.guard.filter(({ id, name, state }) => {
    return state === 'confirmed' && reboot.names.includes(name) && !reboot.known.includes(id)
  })
  for (const { id } of fresh) {
    const own = `${id}-back`.slice(-40)
    const guard = machine.guard()
    const input = { ...NOBODY, input: async () => Buffer.from('orion-reboot') }
    await guard?.command(['stage-undo', id, own, String(PUT_BACK_SECONDS)], input)
    await guard?.command(['start', own], NOBODY)
    await guard?.command(['follow', own], NOBODY)
    await guard?.command(['confirm', own], NOBODY)
  }
  reboot.state = 'restarting'
  world.changed()
  machine.reboot()
}

function bridgesOf(host: HostState): Record<string, readonly string[]> {
  const { links } = networkOf(host, host.applied)
  const bridges = [...links.values()].filter(({ kind }) => kind === 'bridge')
  const portsOf = (bridge: string) =>
    [...links.values()].filter(({ master }) => master === bridge).map(({ name }) => name)
  return Object.fromEntries(bridges.map(({ name }) => [name, portsOf(name)]))
}

/** What is not there although the files still name it. */
function missingOf(host: HostState, { bridges }: RebootState): string {
  const now = bridgesOf(host)
  const text = textAt(host, INTERFACES) ?? ''
  const named = (name: string) => new RegExp(`\\b${name}\\b`).test(text)
  const lines = Object.entries(bridges).flatMap(([bridge, ports]) => {
    if (!named(bridge)) return []
    const there = now[bridge]
    if (there === undefined) return [`the bridge ${bridge} is not there`]
    return ports
      .filter((port) => named(port) && !there.includes(port))
      .map((port) => `the bridge ${bridge} has no port ${port}`)
  })
  return lines.join('; ')
}
