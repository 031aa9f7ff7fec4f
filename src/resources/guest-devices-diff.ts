// What of a guest's devices is not as wanted, what it waits for, and what may be written now. Pure.
import type { Difference, ResourceId, Wishes } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import type { DeviceLook } from './device-sight.ts'
import {
  type Coming,
  type GuestDevicesHave,
  type HeldDevice,
  isStored,
  NOTHING_COMES,
  obstacleOf,
} from './guest-devices-look.ts'
import { deviceRows, NO_BALLOON, onbootRow, rowsAway } from './guest-devices-rows.ts'
import { diffSettings, type Wanted } from './setting.ts'

export interface GuestDevicesOptions {
  readonly wishes: Wishes
  readonly needs: readonly ResourceId[]
  /** What is missing and does not come in this run is waited for. */
  readonly coming: Coming
  /** They shall be taken away again: for an undo. */
  readonly absent?: boolean
}

export interface GuestCourse extends GuestDevicesOptions {
  readonly guest: Guest
  readonly looks: readonly DeviceLook[]
}

/** Pure. */
export function diffDevices(course: GuestCourse, { state, devices }: GuestDevicesHave): readonly Difference[] {
  const { guest, wishes } = course
  const settings = state?.settings ?? new Map()
  const restart = wishes.restart && state?.running === true
  if (course.absent) {
    const away = state ? diffSettings(rowsAway(guest, settings, devices), settings, { restart }) : []
    // What a running guest still has it loses with the restart of its node.
    return course.coming.restart ? away.filter(({ waits }) => waits === undefined) : away
  }
  if (state === undefined && !course.coming.guest) {
    const hint = `orion vm apply --only ${guest.name}`
    return [{ field: guest.name, have: 'not there', want: 'made first', waits: 'operator', hint }]
  }
  const rows = deviceRows(guest, settings, devices)
  const own = devices.flatMap((held, at) => {
    const hint = obstacleOf(guest, held, course.coming)?.hint
    const [row] = rows.slice(at)
    const differences = [...(row ? diffSettings([row], settings, { restart }) : []), ...diffTwice(guest, held)]
    return hint === undefined ? differences : differences.map((one) => ({ ...one, waits: 'operator' as const, hint }))
  })
  const beside = diffSettings(rowsBeside(course, devices), settings, { restart })
  return [...own, ...beside, ...diffStatus(course, { ...(state ? { state } : {}), devices })]
}

/** Two guests with one device: neither may start. */
function diffTwice(guest: Guest, held: HeldDevice): readonly Difference[] {
  const names = held.others.map(({ name }) => name).join(' and ')
  return names !== '' && isStored(held)
    ? [{ field: held.look.device.name, have: `${guest.name} and ${names}`, want: guest.name }]
    : []
}

function diffStatus({ guest, coming }: GuestCourse, { state, devices }: GuestDevicesHave): readonly Difference[] {
  if (!guest.started || state?.running) return []
  const status = { field: 'status', ...(state ? { have: 'stopped' } : {}), want: 'running' }
  const obstacles = devices.flatMap((held) => obstacleOf(guest, held, coming) ?? [])
  const stop = obstacles.find(({ mayRun }) => !mayRun)
  return [stop ? { ...status, waits: 'operator', hint: stop.hint } : status]
}

/** What goes with devices that it has, or gets in this run: no balloon, and that it starts on boot only when it has all of them. */
function rowsBeside({ guest, coming }: GuestCourse, devices: readonly HeldDevice[]): readonly Wanted[] {
  const had = devices.filter((held) => isStored(held) || obstacleOf(guest, held, coming) === undefined)
  const isWhole = had.length === devices.length
  return [...(had.some(({ value }) => value.way === 'pci') ? [NO_BALLOON] : []), ...(isWhole ? [onbootRow(guest)] : [])]
}

/** What is written: only devices that nobody else has. Pure. */
export function rowsNow(run: GuestCourse, { state, devices }: GuestDevicesHave): readonly Wanted[] {
  const course = { ...run, coming: NOTHING_COMES }
  const rows = deviceRows(course.guest, state?.settings ?? new Map(), devices)
  const free = rows.filter((_, at) => {
    const [held] = devices.slice(at)
    return held !== undefined && obstacleOf(course.guest, held, course.coming) === undefined
  })
  return [...free, ...rowsBeside(course, devices)]
}
