// Moves a device to one guest: its old guest lets go of it first, then it is checked, and only then the new one gets it.
import { OrionError } from '../errors.ts'
import type { Resource } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import { check, type Memory, startWith } from './device-move-check.ts'
import { readMove } from './device-move-look.ts'
import { type MoveHave, type MoveStep, moveDifferences, moveSteps } from './device-move-steps.ts'
import { type Move, readAgain, take, withOnboot, write } from './device-move-write.ts'
import type { DeviceLook } from './device-sight.ts'
import { deviceRows } from './guest-devices-rows.ts'
import { startGuest, stopGuest } from './guest-power.ts'
import { readGuest, waitUnlocked } from './guest-state.ts'
import type { Doing } from './guest-task.ts'

/** More than any way takes; each step is looked for anew. */
const MOST_STEPS = 30

/**
 * The device at this guest, which runs. At no moment two guests have it; a run that ends in the middle is completed by the next.
 * Errors: those of readMove; E_APPLY where the device did not come back sane and the site's fallback was taken.
 */
export function deviceMove(target: Guest, look: DeviceLook): Resource<MoveHave> {
  const { name, node } = look.device
  const course = { target, look }
  return {
    id: `gpu-move:${node}/${name}`,
    title: `${name} to ${target.name}`,
    needs: [],
    observe: (outside) => readMove(target, look, outside),
    diff: (have) => (have === undefined ? [] : moveDifferences(have)),
    create: () => Promise.resolve(), // It is always observed as something.
    update: (outside, _, note) => move(course, { outside, note }),
    remove: () => Promise.resolve(),
  }
}

async function move(course: Move, doing: Doing): Promise<void> {
  const { target, look } = course
  const memory: Memory = { isSane: false, isRescanned: false, ran: new Map() }
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const have = await readAgain(course, doing)
    for (const { vmid, name, running } of have.held.others) if (running) memory.ran.set(vmid, name)
    const [step] = moveSteps(have, memory)
    if (step === undefined) return
    if (doing.outside.signal.aborted) throw new OrionError('interrupted between two steps', { code: 'E_INTERRUPTED' })
    await carryOut(course, have, step, memory, doing)
    if (step.kind === 'wake') memory.ran.delete(step.vmid)
  }
  throw new OrionError(
    `${look.device.name} does not get to ${target.name}: somebody else changes its guests meanwhile`,
    {
      code: 'E_NOT_CONVERGED',
    },
  )
}

async function carryOut(course: Move, have: MoveHave, step: MoveStep, memory: Memory, doing: Doing): Promise<void> {
  const { note } = doing
  const { name } = course.look.device
  if (step.kind === 'check') return check(course, have, memory, doing)
  const [guest, state] = await guestOf(course, have, step, doing)
  await waitUnlocked(guest, state.node, doing.outside, state)
  if (step.kind === 'stop') {
    note({ kind: 'info', text: `${guest.name} is asked to shut down` })
    return stopGuest(guest, state.node, doing)
  }
  if (step.kind === 'take') {
    note({ kind: 'info', text: `${name} is taken out of the configuration of ${guest.name}` })
    return take(course.look, guest, state, doing)
  }
  if (step.kind === 'give') return give(course, have, doing)
  note({ kind: 'info', text: `${guest.name} starts ${step.kind === 'wake' ? 'without' : 'with'} ${name}` })
  if (step.kind === 'wake') return startGuest(guest, state.node, doing)
  await startWith(course, have, memory, doing)
}

/** The guest of a step, as it is now. */
async function guestOf({ look }: Move, have: MoveHave, { vmid }: MoveStep, { outside }: Doing) {
  if (vmid === have.target.vmid) return [have.target, have.state] as const
  const guest = [...have.held.others.map((holder) => holder.guest), ...have.asleep].find((one) => one?.vmid === vmid)
  const found = guest ?? look.site.guests.find((one) => one.vmid === vmid)
  const state = found && (await readGuest(look.site, found, outside))
  if (found && state) return [found, state] as const
  throw new OrionError(`VMID ${vmid} is gone`, { code: 'E_PLAN_STALE' })
}

/** Nobody had it a moment ago; if somebody was given it meanwhile, it is taken back at once. */
async function give(course: Move, have: MoveHave, doing: Doing): Promise<void> {
  const { target, look } = course
  const { held, state } = have
  await write(look, target, state, withOnboot(look, target, state, deviceRows(target, state.settings, [held])), doing)
  const after = await readAgain(course, doing)
  const [other] = after.held.others
  if (other === undefined) return
  await take(look, target, after.state, doing)
  throw new OrionError(`${other.name} was given ${look.device.name} at the same moment: it stays there`, {
    code: 'E_PLAN_STALE',
    suggestions: [`orion gpu move ${look.device.name} ${target.name}`],
  })
}
