// What a move writes into a guest, and how it looks again: past everything that is shared.
import type { Guest } from '../site/site.ts'
import { readMove } from './device-move-look.ts'
import type { MoveHave } from './device-move-steps.ts'
import type { DeviceLook } from './device-sight.ts'
import { configure, configureAsRoot } from './guest-configure.ts'
import { readDevice } from './guest-devices-look.ts'
import { onbootRow, rowsAway, withDevices } from './guest-devices-rows.ts'
import type { GuestState } from './guest-state.ts'
import type { Doing } from './guest-task.ts'
import type { Wanted } from './setting.ts'

/** A device, and who shall have it. */
export interface Move {
  readonly target: Guest
  readonly look: DeviceLook
}

/** Errors: those of readMove. */
export function readAgain({ target, look }: Move, { outside }: Doing): Promise<MoveHave> {
  outside.forget()
  return readMove(target, look, outside)
}

/** Takes the device out of a guest's configuration, and gives its balloon back. Errors: E_PVE_*, E_HOST_*. */
export async function take(look: DeviceLook, guest: Guest, state: GuestState, doing: Doing): Promise<void> {
  const held = await readDevice(guest, look, state, doing.outside)
  await write(look, guest, state, withOnboot(look, guest, state, rowsAway(guest, state.settings, [held])), doing)
}

/** With whether the guest starts on boot, and its balloon, as it will be with these rows. Pure. */
export function withOnboot(
  { site }: DeviceLook,
  guest: Guest,
  { settings }: GuestState,
  rows: readonly Wanted[],
): readonly Wanted[] {
  const later = rows.map(({ key, value }) => [key, value === '' ? {} : { next: value }] as const)
  const beside = withDevices(site, guest, [onbootRow(guest)], new Map([...settings, ...later]))
  return [...rows, ...beside.filter(({ key }) => !rows.some((row) => row.key === key))]
}

/** One write with the digest of what was read, over the channel of each row. Errors: E_PVE_*, E_HOST_*. */
export async function write(
  look: Pick<DeviceLook, 'site'>,
  guest: Guest,
  state: GuestState,
  rows: readonly Wanted[],
  doing: Doing,
): Promise<void> {
  const shape = {
    site: look.site,
    guest,
    wishes: { restart: false },
    needs: [],
    disks: [],
    rows: () => rows,
    origin: async () => ({}),
  }
  await configure(shape, state, doing)
  await configureAsRoot(shape, state, doing)
}
