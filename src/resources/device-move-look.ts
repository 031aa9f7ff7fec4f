// What a move of a device looks at, and what speaks against it before anything was touched.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import { type MoveHave, moveSteps } from './device-move-steps.ts'
import { busOf, type DeviceLook, entryOf } from './device-sight.ts'
import { candidatesOf, devicesOf } from './device-value.ts'
import { readDevice } from './guest-devices-look.ts'
import { readGuest } from './guest-state.ts'
import { guestStatus } from './guest-status.ts'
import { mappings } from './shared-reads.ts'

/** Errors: E_PLAN where the target is not there, or the node is not ready; E_FOREIGN for a holder that is not of the site. */
export async function readMove(target: Guest, look: DeviceLook, outside: Outside): Promise<MoveHave> {
  const { site, device } = look
  const state = await readGuest(site, target, outside)
  if (state === undefined)
    throw refuse(
      `${target.name} (${target.vmid} on ${target.node}) does not exist yet`,
      `orion vm apply --only ${target.name}`,
    )
  if (state.node !== device.node)
    throw refuse(
      `${target.name} is on ${state.node}, and ${device.name} is in ${device.node}`,
      `migrate it to ${device.node} first`,
    )
  const held = await readDevice(target, look, state, outside)
  const known = (await mappings(outside.pve.cluster(device.node), busOf(device))).get(device.name)
  const slot = held.sight.slot ?? (known && entryOf(known, device.node)?.get('path'))
  const asleep = await sleepers(target, look, outside)
  const have = { target, state, held, asleep, ...(slot === undefined ? {} : { slot }) }
  if (moveSteps(have).length > 0) refuseUnready(have)
  return have
}

/** With `yields: run` those that have nothing to do with the device any more, and shall run. */
async function sleepers(target: Guest, { site, device }: DeviceLook, outside: Outside): Promise<readonly Guest[]> {
  if (device.yields !== 'run') return []
  const others = candidatesOf(site, device).filter(({ name, started }) => started && name !== target.name)
  const looked = others.map(async (guest) => {
    // One that waits for a device of its own beside this one is not for us to start.
    if (devicesOf(site, guest).some(({ name }) => name !== device.name)) return []
    const status = await guestStatus(site, guest, outside)
    return status?.ours && status.status === 'stopped' ? [guest] : []
  })
  return (await Promise.all(looked)).flat()
}

function refuseUnready({ held, slot, target }: MoveHave): void {
  const { name, node } = held.look.device
  const foreign = held.others.find(({ guest }) => guest === undefined)
  if (foreign)
    throw new OrionError(
      `${name} is held by ${foreign.name} (VMID ${foreign.vmid} on ${foreign.node}), which is not of this site`,
      { code: 'E_FOREIGN', suggestions: [`take it away from ${foreign.name} by hand; orion touches nothing of it`] },
    )
  const { problem, reboot } = held.sight
  // One that fell off the bus is still where its mapping says: a rescan may bring it back.
  if (problem !== undefined && (held.sight.slot !== undefined || slot === undefined || held.value.way !== 'pci'))
    throw refuse(`${name} cannot go to ${target.name}: ${problem}`, `orion gpu doctor --node ${node}`)
  if (reboot !== undefined)
    throw refuse(`${name} cannot go to ${target.name} yet: ${reboot}`, `orion gpu apply --node ${node} --reboot now`)
  if (!held.isMapped) throw refuse(`${name} has no mapping on ${node} yet`, `orion gpu apply --node ${node}`)
}

function refuse(message: string, suggestion: string): OrionError {
  return new OrionError(message, { code: 'E_PLAN', suggestions: [suggestion] })
}
