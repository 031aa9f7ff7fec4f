// Whether a device came back sane from its old guest, the one remedy, and what the site file wants where it did not.
import { OrionError } from '../errors.ts'
import type { MoveHave } from './device-move-steps.ts'
import { type Move, readAgain, take } from './device-move-write.ts'
import { startGuest } from './guest-power.ts'
import type { Doing } from './guest-task.ts'
import { checkSlot, insanity, rescanSlot } from './pci-reset.ts'

/** What one run remembers; everything else is read again before each step. */
export interface Memory {
  isSane: boolean
  isRescanned: boolean
  readonly ran: Map<number, string>
}

/** Errors: E_APPLY after the fallback. */
export async function check(course: Move, have: MoveHave, memory: Memory, doing: Doing): Promise<void> {
  const faults = await faultsOf(course, have, memory, doing)
  if (faults.length > 0) await fallBack(course, faults, doing)
  doing.note({ kind: 'info', text: `${course.look.device.name} is reset, and answers` })
  memory.isSane = true
}

/** What is wrong with it, also after the bus was scanned once more. */
async function faultsOf(
  { look }: Move,
  have: MoveHave,
  memory: Memory,
  { outside, note }: Doing,
): Promise<readonly string[]> {
  const { device } = look
  const { slot = '' } = have
  const host = await outside.host(device.node)
  const faults = insanity(await checkSlot(host, slot), slot, device.ids)
  if (faults.length === 0 || memory.isRescanned) return faults
  memory.isRescanned = true
  note({ kind: 'warning', text: `${faults.join('; ')}: it is taken off the bus and looked for again` })
  await rescanSlot(host, slot)
  return insanity(await checkSlot(host, slot), slot, device.ids)
}

/** A start that fails with a device that is sane is the guest's own matter. */
export async function startWith(course: Move, have: MoveHave, memory: Memory, doing: Doing): Promise<void> {
  const { target, look } = course
  const start = () => startGuest(target, have.state.node, doing)
  try {
    await start()
  } catch (error) {
    if (!(error instanceof OrionError && error.code === 'E_TASK') || have.held.value.way !== 'pci') throw error
    const before = memory.isRescanned
    const faults = await faultsOf(course, have, memory, doing)
    if (faults.length > 0) return fallBack(course, [error.message, ...faults], doing)
    if (before === memory.isRescanned) throw error
    doing.note({ kind: 'info', text: `${target.name} is started once more with ${look.device.name}` })
    await start()
  }
}

/** Both guests end safe: nobody has it. Errors: E_APPLY, always. */
async function fallBack(course: Move, faults: readonly string[], doing: Doing): Promise<never> {
  const { target, look } = course
  const { name, node, fallback } = look.device
  const { state } = await readAgain(course, doing)
  await take(look, target, state, doing)
  if (fallback === 'without' && !state.running) await startGuest(target, state.node, doing)
  const end = fallback === 'without' ? `${target.name} runs without it` : `${target.name} stays stopped`
  throw new OrionError(`${name} did not come back sane: ${faults.join('; ')}. Nobody has it now, and ${end}`, {
    code: 'E_APPLY',
    suggestions: [`orion gpu apply --node ${node} --reboot now`, `then orion gpu move ${name} ${target.name}`],
  })
}
