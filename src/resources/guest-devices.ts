// The devices of a guest (hostpci, usb, dev), and its start: such a guest never starts without what it is there for.
import { OrionError } from '../errors.ts'
import type { Resource } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import type { DeviceLook } from './device-sight.ts'
import { guestDevicesId } from './device-value.ts'
import type { GuestShape } from './guest.ts'
import { configure, configureAsRoot } from './guest-configure.ts'
import { diffDevices, type GuestCourse, type GuestDevicesOptions, rowsNow } from './guest-devices-diff.ts'
import { type GuestDevicesHave, readGuestDevices } from './guest-devices-look.ts'
import { rowsAway } from './guest-devices-rows.ts'
import { startGuest, stopGuest } from './guest-power.ts'
import { snapshotFirst } from './guest-snapshot.ts'
import { waitUnlocked } from './guest-state.ts'
import type { Doing } from './guest-task.ts'
import type { Wanted } from './setting.ts'

/**
 * The devices whose `guest` this is. A device that another guest has is never written here: `orion gpu move` brings it.
 * Errors: those of the guest, of its node as a host, and of Proxmox VE.
 */
export function guestDevices(
  guest: Guest,
  looks: readonly DeviceLook[],
  options: GuestDevicesOptions,
): Resource<GuestDevicesHave> {
  const course: GuestCourse = { guest, looks, ...options }
  const diff = (have: GuestDevicesHave) => diffDevices(course, have)
  const site = looks[0]?.site
  const stateOf = ({ state }: GuestDevicesHave) => state
  const precaution = site && snapshotFirst<GuestDevicesHave>({ site, guest, diff, stateOf })
  return {
    id: guestDevicesId(guest),
    title: guest.name,
    needs: options.needs,
    observe: (outside) => readGuestDevices(guest, looks, outside),
    diff: (have) => (have === undefined ? [] : diff(have)),
    create: () => Promise.resolve(), // It is always observed as something.
    update: (outside, _, note) => change(course, { outside, note }),
    remove: () => Promise.resolve(),
    ...(precaution === undefined ? {} : { precaution }),
  }
}

async function change(course: GuestCourse, doing: Doing): Promise<void> {
  const { guest, wishes } = course
  const first = await readAnew(course, doing)
  await waitUnlocked(guest, first.state.node, doing.outside, first.state)
  // Right before the write: nobody may have been given the device since the plan.
  const have = await readAnew(course, doing)
  const rows = course.absent ? rowsAway(guest, have.state.settings, have.devices) : rowsNow(course, have)
  const shape = shapeOf(course, rows)
  await configure(shape, have.state, doing)
  await configureAsRoot(shape, have.state, doing)
  const now = await readAnew(course, doing)
  const left = diffDevices(course, now)
  const open = left.filter(({ waits }) => waits === undefined)
  // Whatever is not as wanted now, the engine tells; it is no reason to start the guest without its device.
  if (open.length === 1 && open[0]?.field === 'status') return startGuest(guest, now.state.node, doing)
  if (!wishes.restart || !now.state.running) return
  const waiting = diffDevices({ ...course, wishes: { restart: false } }, now)
  if (!waiting.some(({ waits }) => waits === 'restart')) return
  doing.note({ kind: 'info', text: `${guest.name} is restarted: its devices need it` })
  await stopGuest(guest, now.state.node, doing)
  await startGuest(guest, now.state.node, doing)
}

async function readAnew(
  course: GuestCourse,
  { outside }: Doing,
): Promise<GuestDevicesHave & Required<Pick<GuestDevicesHave, 'state'>>> {
  const { guest, looks } = course
  outside.pve.forget()
  const have = await readGuestDevices(guest, looks, outside)
  if (have.state) return { ...have, state: have.state }
  throw new OrionError(`${guest.name} (${guest.vmid} on ${guest.node}) does not exist yet`, {
    code: 'E_PLAN',
    suggestions: [`create it first: orion vm apply --only ${guest.name}`],
  })
}

function shapeOf({ guest, looks, wishes, needs }: GuestCourse, rows: readonly Wanted[]): GuestShape {
  const [first] = looks
  if (first === undefined) throw new OrionError(`${guest.name} has no devices`, { code: 'E_PLAN' })
  return { site: first.site, guest, wishes, needs, disks: [], rows: () => rows, origin: async () => ({}) }
}
