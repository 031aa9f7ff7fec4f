// A node that restarts: nobody reaches it for a while, its guests go down with it, and what was only in memory is gone.
import { randomUUID } from 'node:crypto'
import { containerRules } from '../container-options.ts'
import { withGuestLock } from '../guest-lock.ts'
import { bootGuest, haltGuest } from '../guest-start.ts'
import { reload } from '../host/ifreload.ts'
import { loadSettings } from '../host/kernel-settings.ts'
import type { Machine } from '../host/machine.ts'
import { type HostState, putText } from '../host/state.ts'
import { renewZram } from '../host/topic-scripts.ts'
import { parseProperties } from '../property.ts'
import { startUnits } from '../router/units.ts'
import { startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import type { GuestState, World } from '../world.ts'
import { bindDrivers } from './drivers.ts'
import { checkStart } from './reboot-program.ts'

/** How long nobody answers, in milliseconds at pace 1, and at least: who polls shall see it. */
const DOWN_MS = 1500
const LEAST_DOWN_MS = 400
/** Between a command that restarts the host and the end of its connection. */
const GRACE_MS = 50

/** Is the node on its way down and up? */
export function isDown({ boot }: HostState): boolean {
  return boot?.downUntilMs !== undefined
}

/** Restarts the node. `booted` runs early in the new start, before anything else does. */
export function rebootHost(machine: Machine, booted: () => void): void {
  const { host, world } = machine
  if (!host.boot || isDown(host)) return
  const downMs = Math.max(LEAST_DOWN_MS, DOWN_MS * world.pace)
  host.boot.downUntilMs = world.now() + GRACE_MS + downMs
  world.changed()
  setTimeout(() => {
    for (const guest of guestsOf(world, machine.node))
      if (guest.status === 'running') haltGuest(world, guest, rulesOf(guest))
    machine.networkChanged()
  }, GRACE_MS).unref()
  setTimeout(() => comeUp(machine, booted), GRACE_MS + downMs).unref()
}

/** The start of a node that was down, also when the lab itself was ended meanwhile. */
export function comeUp(machine: Machine, booted: () => void): void {
  const { host, world, node, faults } = machine
  const { boot } = host
  if (boot?.downUntilMs === undefined) return
  for (const guest of guestsOf(world, node)) if (guest.status === 'running') haltGuest(world, guest, rulesOf(guest))
  delete boot.downUntilMs
  Object.assign(boot, { id: randomUUID(), startedMs: world.now() })
  putText(host, '/proc/cmdline', `${boot.line}\n`, 0o444)
  booted()
  bindDrivers(host)
  forgetMemory(world, host)
  reload(host)
  // A fault: its ports have other names since, or their driver does not come.
  if (faults.spoil(node, 'start without bridges')) host.applied = ''
  renewZram(machine)
  startUnits(world, host)
  checkStart(machine)
  boot.known = host.guard.filter(({ state }) => state === 'confirmed').map(({ id }) => id)
  startGuests(world, node)
  world.changed()
}

function forgetMemory(world: World, host: HostState): void {
  host.sysctl = {}
  loadSettings(world, host)
  host.tables = {}
  delete host.bird
  delete host.mesh
  for (const unit of Object.values(host.units)) unit.active = unit.enabled
}

const guestsOf = ({ state }: World, node: string): GuestState[] =>
  Object.values(state.guests).filter((guest) => guest.node === node)

const rulesOf = ({ kind }: GuestState) => (kind === 'qemu' ? vmRules : containerRules)

/** As pve-guests does: by their order, then by number; one that does not start keeps nobody else from it. */
function startGuests(world: World, node: string): void {
  const all = guestsOf(world, node).filter(({ config }) => config.onboot === 1 && config.template !== 1)
  const orderOf = ({ config }: GuestState) =>
    Number(parseProperties(String(config.startup ?? ''), 'order').order ?? Number.POSITIVE_INFINITY)
  const sorted = all.sort((one, other) => orderOf(one) - orderOf(other) || one.vmid - other.vmid)
  const who = { user: 'root@pam' }
  startTask(world, { node, type: 'startall', id: '', who }, async (job) => {
    for (const guest of sorted) {
      const type = guest.kind === 'qemu' ? 'qmstart' : 'vzstart'
      const ended = new Promise<void>((resolve) => {
        startTask(world, { node, type, id: String(guest.vmid), who }, (own) =>
          withGuestLock(world, guest, () => bootGuest(world, guest, rulesOf(guest), own)).finally(resolve),
        )
      })
      job.log(`Starting ${guest.kind === 'qemu' ? 'VM' : 'CT'} ${guest.vmid}`)
      await ended
    }
  })
}
