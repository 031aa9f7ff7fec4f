// The lock file of a guest: one change at a time, and who waits too long is told what Proxmox VE tells.
import { failure } from './refusal.ts'
import type { GuestState, World } from './world.ts'

/** How long a change waits for the lock (milliseconds at pace 1), and how long the creation of a guest does. */
const LOCK_WAIT_MS = 10_000
export const CREATE_WAIT_MS = 5_000

const held = new WeakMap<World, Map<number, Promise<void>>>()

/** Runs the work while nobody else changes the guest; throws `can't lock file … - got timeout` after `waitMs` × pace. */
export async function withGuestLock<T>(
  world: World,
  { vmid, kind }: Pick<GuestState, 'vmid' | 'kind'>,
  work: () => T | Promise<T>,
  waitMs = LOCK_WAIT_MS,
): Promise<T> {
  const locks = held.get(world) ?? new Map<number, Promise<void>>()
  held.set(world, locks)
  const deadline = performance.now() + waitMs * world.pace
  for (let holder = locks.get(vmid); holder; holder = locks.get(vmid)) {
    if (!(await endsBefore(holder, deadline - performance.now()))) throw lockTimeout(kind, vmid)
  }
  let release = () => {}
  const mine = new Promise<void>((resolve) => {
    release = resolve
  })
  locks.set(vmid, mine)
  try {
    return await work()
  } finally {
    locks.delete(vmid)
    release()
  }
}

function lockTimeout(kind: 'qemu' | 'lxc', vmid: number): Error {
  const file = kind === 'qemu' ? `/var/lock/qemu-server/lock-${vmid}.conf` : `/run/lock/lxc/pve-config-${vmid}.lock`
  return failure(`can't lock file '${file}' - got timeout`)
}

async function endsBefore(holder: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, ms))
  })
  const ended = await Promise.race([holder.then(() => true), timeout])
  clearTimeout(timer)
  return ended
}

/** Throws `VM is locked (create)` where the configuration itself carries a lock. Only root's ticket may pass it by. */
export function checkConfigLock(guest: GuestState): void {
  if (guest.config.lock === undefined) return
  throw failure(`${guest.kind === 'qemu' ? 'VM' : 'CT'} is locked (${guest.config.lock})`)
}
