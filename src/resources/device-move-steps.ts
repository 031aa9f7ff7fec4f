// Which steps bring a device from whoever has it to one guest: told anew from what is, so that a run that was killed goes on.
import type { Difference } from '../resource.ts'
import type { Device } from '../site/services.ts'
import type { Guest } from '../site/site.ts'
import type { Holder } from './device-use.ts'
import { type HeldDevice, isStored } from './guest-devices-look.ts'
import type { GuestState } from './guest-state.ts'

/** Everything that a move looks at. */
export interface MoveHave {
  readonly target: Guest
  readonly state: GuestState
  /** As the target has it; `held.others` have it, too. */
  readonly held: HeldDevice
  /** Where it is on the bus, also while it has fallen off: by its mapping. */
  readonly slot?: string
  /** Guests that may have it, do not, and shall run by the site file, but are stopped. */
  readonly asleep: readonly Guest[]
}

/** What a run has found out so far. */
export interface MoveMemory {
  /** It was reset and answered, and nobody had it since. */
  readonly isSane: boolean
  /** Guests that ran with it when this run looked first, by VMID, and were not started again since. */
  readonly ran: ReadonlyMap<number, string>
}

/**
 * `take`: out of the guest's configuration. `wake`: its old guest runs again without it. `check`: reset, and asked whether it
 * answers. `give`: into the target's configuration.
 */
export interface MoveStep {
  readonly kind: 'stop' | 'take' | 'wake' | 'check' | 'give' | 'start'
  readonly name: string
  readonly vmid: number
}

const NOTHING: MoveMemory = { isSane: false, ran: new Map() }

/** In their order; only the first is ever carried out, then it is looked again. [] = the target runs with it, and nobody else has it. Pure. */
export function moveSteps(have: MoveHave, memory: MoveMemory = NOTHING): readonly MoveStep[] {
  const { device } = have.held.look
  const given = have.held.others.flatMap((holder) => giveAway(holder, device))
  const awake = device.yields === 'run' ? wakeUp(have, memory) : []
  return [...given, ...awake, ...receive(have, memory)]
}

/** A running guest lets go of a PCI device only when it stops; what is on USB is unplugged at once, mostly. */
function giveAway({ name, vmid, running, uses }: Holder, device: Device): readonly MoveStep[] {
  const stored = uses.some(({ next }) => next)
  const isLive = running && uses.some(({ active }) => active)
  const take = stored ? [{ kind: 'take' as const, name, vmid }] : []
  const stop = isLive ? [{ kind: 'stop' as const, name, vmid }] : []
  if (device.port === undefined) return [...stop, ...take]
  return stored ? take : stop
}

function wakeUp({ held, asleep }: MoveHave, { ran }: MoveMemory): readonly MoveStep[] {
  const live = held.others.filter(({ running }) => running)
  const names = new Map([...[...live, ...asleep].map(({ name, vmid }) => [vmid, name] as const), ...ran])
  return [...names].map(([vmid, name]) => ({ kind: 'wake', name, vmid }))
}

function receive({ target, state, held }: MoveHave, { isSane }: MoveMemory): readonly MoveStep[] {
  const step = (kind: MoveStep['kind']): MoveStep => ({ kind, name: target.name, vmid: target.vmid })
  const stored = isStored(held)
  const isLive = state.running && held.own.some(({ active }) => active)
  if (stored && isLive) return []
  const plugs = held.value.family === 'usb' && !stored
  const stop = state.running && !plugs ? [step('stop')] : []
  const check = held.value.way === 'pci' && !isSane ? [step('check')] : []
  const start = state.running && plugs ? [] : [step('start')]
  return [...stop, ...check, ...(stored ? [] : [step('give')]), ...start]
}

/** The same for people: what becomes of each guest. Pure. */
export function moveDifferences(have: MoveHave): readonly Difference[] {
  const { held, target, state, asleep } = have
  const { device } = held.look
  const { name } = device
  const isRunning = (running: boolean) => (running ? 'running' : 'stopped')
  const from = held.others.map((holder): Difference => {
    const stops = giveAway(holder, device).some(({ kind }) => kind === 'stop') && device.yields === 'stop'
    const want = `${isRunning(holder.running && !stops)} without it`
    const difference = { field: holder.name, have: `${isRunning(holder.running)} with ${name}`, want }
    const isCut = giveAway(holder, device).some(({ kind }) => kind === 'stop')
    const disrupts = stops ? `${holder.name} for good (it stays stopped)` : holder.name
    return isCut ? { ...difference, disrupts } : difference
  })
  const awake = device.yields === 'run' ? asleep : []
  const others = awake.map((guest) => ({ field: guest.name, have: 'stopped', want: 'running without it' }))
  const steps = receive(have, NOTHING)
  if (steps.length === 0) return [...from, ...others]
  const has = isStored(held)
    ? `${isRunning(state.running)}, ${name} from its next start`
    : `${isRunning(state.running)} without ${name}`
  const to: Difference = { field: target.name, have: has, want: 'running with it' }
  return [...from, ...others, steps[0]?.kind === 'stop' ? { ...to, disrupts: target.name } : to]
}
