// The configuration of an existing guest, over both channels: what the API sets, then what only root@pam may set.
import { OrionError } from '../errors.ts'
import type { GuestShape } from './guest.ts'
import { guestApi } from './guest-api.ts'
import { diskChanges } from './guest-disks.ts'
import { type GuestState, readGuest } from './guest-state.ts'
import type { Doing } from './guest-task.ts'
import { setAsRoot } from './root-channel.ts'
import { type Changes, changesOf, isNoChange } from './setting.ts'

/** What the API sets: one write with the digest of what was read. Errors: E_PVE_*. */
export async function configure(shape: GuestShape, have: GuestState, doing: Doing): Promise<void> {
  const { guest } = shape
  const { set, drop } = changesByApi(shape, have)
  if (isNoChange({ set, drop })) return
  const dropped = drop.length === 0 ? {} : { delete: drop.join(',') }
  const digest = have.digest === undefined ? {} : { digest: have.digest }
  const api = guestApi(doing.outside.pve.cluster(guest.node), guest.kind, have.node, guest.vmid)
  const left = (now: GuestState) => changesByApi(shape, now)
  await api.configure({ ...set, ...dropped, ...digest }).catch(unlessStored(shape, have, { ...doing, left }))
}

function changesByApi({ rows, disks }: GuestShape, { settings }: GuestState): Changes {
  const { set, drop } = changesOf(rows(settings), settings)
  return { set: { ...set, ...diskChanges(disks, settings).set }, drop }
}

/** What only root@pam may set. Without such options no connection to the host is opened. Errors: E_HOST_*, E_PVE_BUSY. */
export async function configureAsRoot(shape: GuestShape, have: GuestState, doing: Doing): Promise<void> {
  const { site, guest } = shape
  const { outside } = doing
  if (isNoChange(changesByRoot(shape, have))) return
  // The API's part may have changed the same keys (features), and the digest.
  outside.pve.forget()
  const now = await readGuest(site, guest, outside)
  if (now === undefined) return
  const changes = changesByRoot(shape, now)
  if (isNoChange(changes)) return
  const left = (later: GuestState) => changesByRoot(shape, later)
  const host = await outside.host(now.node)
  await setAsRoot(host, guest, changes, now.digest).catch(unlessStored(shape, now, { ...doing, left }))
  outside.pve.forget() // The connection to the API knows nothing of this write.
}

function changesByRoot({ rows }: GuestShape, { settings }: GuestState): Changes {
  return changesOf(rows(settings), settings, 'root')
}

interface Storing extends Doing {
  /** What is not stored as wanted. */
  readonly left: (now: GuestState) => Changes
}

/**
 * Where a change cannot be made on the running guest, Proxmox VE answers 400 and has stored it nevertheless: that is a change
 * that waits, not a failure.
 */
function unlessStored({ site, guest }: GuestShape, have: GuestState, { outside, note, left }: Storing) {
  return async (error: unknown): Promise<void> => {
    if (!(error instanceof OrionError && REFUSED.has(error.code) && have.running)) throw error
    outside.pve.forget()
    const now = await readGuest(site, guest, outside)
    if (now === undefined || !isNoChange(left(now))) throw error
    note({ kind: 'warning', text: `${guest.name}: stored, and active only after a restart: ${error.message}` })
  }
}

const REFUSED: ReadonlySet<string> = new Set(['E_PVE_PARAMETERS', 'E_HOST_COMMAND'])
