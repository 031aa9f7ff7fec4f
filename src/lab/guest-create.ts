// Making guests and destroying them: what is common to VMs and containers.

import type { ConfigRules } from './config-rules.ts'
import { type Config, getGuest, kindName } from './guest.ts'
import { checkProtection } from './guest-config.ts'
import { CREATE_WAIT_MS, checkConfigLock, withGuestLock } from './guest-lock.ts'
import { bootGuest } from './guest-start.ts'
import { plainValue } from './option-value.ts'
import { failure, textOf } from './refusal.ts'
import { demand, demandOnGuest } from './rights.ts'
import type { Call } from './route.ts'
import { forgetRouter } from './router/router-state.ts'
import { type Job, startTask } from './tasks.ts'
import { freeVolume } from './volume.ts'
import { volumesOf } from './volume-index.ts'
import type { GuestState, World } from './world.ts'

const DESTROY_MS = 150

/** A new, empty, locked configuration under a VMID that nobody uses; rights on it or on its pool are checked. */
export function reserveGuest(call: Call, kind: GuestState['kind'], config: Config): GuestState {
  const { params, ids, world } = call
  const vmid = Number(params.vmid)
  const pool = params.pool === undefined ? undefined : String(params.pool)
  if (pool !== undefined && !world.state.pools[pool]) throw failure(`pool '${pool}' does not exist`)
  const guest: GuestState = {
    vmid,
    kind,
    node: String(ids.node),
    status: 'stopped',
    config: { ...config, lock: 'create' },
    pending: {},
    ...(pool === undefined ? {} : { pool }),
  }
  demandOnGuest(call, guest, ['VM.Allocate'])
  if (params.start === true) demandOnGuest(call, guest, ['VM.PowerMgmt'])
  return guest
}

/** Is the VMID free? Else the text of Proxmox VE, which names the kind of what is there. */
export function checkVmidFree(world: World, kind: GuestState['kind'], vmid: number): void {
  const holder = world.state.guests[String(vmid)]
  if (!holder) return
  const name = `${kindName(holder.kind)} ${vmid}`
  throw failure(`unable to create ${kindName(kind)} ${vmid} - ${name} already exists on node '${holder.node}'`)
}

/** Checks the rights on every option as if it were set on the new guest. */
export function checkSettings(
  call: Call,
  guest: GuestState,
  rules: ConfigRules,
  settings: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(settings)) rules.checkRights(call, guest, key, plainValue(key, value))
}

/** Registers the guest and lets `build` fill it in a task; a build that fails leaves nothing behind. */
export function createInTask(
  call: Call,
  guest: GuestState,
  rules: ConfigRules,
  build: (job: Job) => Promise<void>,
): string {
  const { world, who, params } = call
  const { vmid, kind, node } = guest
  checkVmidFree(world, kind, vmid)
  world.state.guests[String(vmid)] = guest
  world.changed()
  const short = kind === 'qemu' ? 'qm' : 'vz'
  return startTask(world, { node, type: `${short}create`, id: String(vmid), who }, async (job) => {
    try {
      await withGuestLock(world, guest, () => build(job), CREATE_WAIT_MS)
      delete guest.config.lock
      world.changed()
    } catch (error) {
      dropGuest(world, guest)
      throw new Error(`unable to create ${kindName(kind)} ${vmid} - ${textOf(error)}`)
    }
    if (params.start === true) startAfterwards(call, guest, rules, job)
  })
}

function startAfterwards(call: Call, guest: GuestState, rules: ConfigRules, job: Job): void {
  const { world, who } = call
  job.log('Execute autostart')
  const type = guest.kind === 'qemu' ? 'qmstart' : 'vzstart'
  startTask(world, { node: guest.node, type, id: String(guest.vmid), who }, (inner) =>
    withGuestLock(world, guest, () => bootGuest(world, guest, rules, inner)),
  )
}

/** Takes a guest and all of its volumes out of the world. */
function dropGuest(world: World, guest: GuestState): void {
  for (const { node, volid } of volumesOf(world.state, guest.vmid)) freeVolume(world, node, volid)
  delete world.state.guests[String(guest.vmid)]
  forgetRouter(world.state, guest.vmid)
  world.changed()
}

/** DELETE of a guest: a running or protected one is refused at once, the rest happens in a task. */
export function destroyGuest(call: Call, rules: ConfigRules): string {
  const { world, who, params } = call
  const guest = getGuest(call, rules.kind)
  const name = `${kindName(guest.kind)} ${guest.vmid}`
  if (params.skiplock !== true) checkConfigLock(guest)
  checkProtection(guest)
  const forced = guest.kind === 'lxc' && params.force === true
  if (guest.status === 'running' && !forced) {
    throw failure(
      guest.kind === 'qemu'
        ? `${name} is running - destroy failed`
        : `unable to destroy ${name} - container is running`,
    )
  }
  if (guest.pool !== undefined) demand(call, `/vms/${guest.vmid}`, ['VM.Allocate'])
  const type = guest.kind === 'qemu' ? 'qmdestroy' : 'vzdestroy'
  return startTask(world, { node: guest.node, type, id: String(guest.vmid), who }, (job) =>
    withGuestLock(world, guest, async () => {
      await job.take(DESTROY_MS)
      if (world.state.guests[String(guest.vmid)] !== guest) throw failure(`${name} does not exist`)
      if (params.purge === true) job.log(`purging ${name} from related configurations..`)
      dropGuest(world, guest)
    }),
  )
}
