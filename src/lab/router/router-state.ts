// The inside of a router that runs: made with its first start, started anew with every other, gone with its virtual machine.
import { loadSettings } from '../host/kernel-settings.ts'
import type { HostState } from '../host/state.ts'
import type { GuestState, RouterHardware, World, WorldState } from '../world.ts'
import { firstRouter } from './first-router.ts'
import { applyNetwork } from './router-network.ts'
import { startUnits } from './units.ts'

/**
 * The router's state while its virtual machine runs; undefined = nobody answers. The first look after a start is the start:
 * `booted` is called then, once the files are there and before anything runs.
 */
export function runningRouter(world: World, router: RouterHardware, booted: () => void): HostState | undefined {
  const guest = guestOf(world.state, router)
  if (guest?.status !== 'running' || guest.paused) return undefined
  const hosts = world.state.hosts ?? {}
  const host = hosts[router.name]
  const own = host?.vm?.vmid === router.vmid ? host : firstRouter(router)
  hosts[router.name] = own
  world.state.hosts = hosts
  const startedAt = guest.startedAt ?? 1
  if (own.vm && own.vm.startedAt !== startedAt) {
    own.vm.startedAt = startedAt
    booted()
    start(world, own, guest)
  }
  return own
}

/** Without a disk that came from an image there is no system that could start. */
function guestOf({ guests }: WorldState, { vmid }: RouterHardware): GuestState | undefined {
  const guest = guests[String(vmid)]
  if (guest?.kind !== 'qemu') return undefined
  return Object.keys(guest.config).some((key) => /^(scsi|virtio|sata)\d+$/.test(key)) ? guest : undefined
}

/** What was only in memory is gone, and what is enabled runs. */
function start(world: World, host: HostState, guest: GuestState): void {
  applyNetwork(host, guest)
  host.sysctl = {}
  loadSettings(world, host)
  host.tables = {}
  delete host.bird
  delete host.mesh
  for (const unit of Object.values(host.units)) unit.active = false
  startUnits(world, host)
  world.changed()
}

/** The router's state whether it runs or not; one that was never started is as its image. */
export function storedRouter({ state }: World, router: RouterHardware): HostState {
  return state.hosts?.[router.name] ?? firstRouter(router)
}

/** A lab that ended in the middle of a guarded change is a machine that was switched off: its next look is a start. */
export function restartInterrupted({ state }: World, { name }: RouterHardware): void {
  const host = state.hosts?.[name]
  const isOpen = host?.guard.some((change) => change.state === 'armed' || change.state === 'staged')
  if (isOpen && host?.vm) host.vm.startedAt = 0
}

/** From the inside: the machine starts anew with the next look at it. */
export function restartRouter({ state, now }: World, router: RouterHardware): void {
  const guest = guestOf(state, router)
  if (guest) guest.startedAt = now()
}

/** A virtual machine that is destroyed takes its disk along. */
export function forgetRouter({ hosts = {} }: WorldState, vmid: number): void {
  for (const [name, { vm }] of Object.entries(hosts)) if (vm?.vmid === vmid) delete hosts[name]
}
