// Moves a guest to another node of its cluster: live where it is a virtual machine that runs, with the disks that only its node has.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Guest } from '../site/site.ts'
import { type Doing, runTask } from './guest-task.ts'
import { clusterGuests } from './shared-reads.ts'

export interface Migration {
  /** Where it is. */
  readonly from: string
  readonly to: string
  readonly running: boolean
}

/** How long the lists may take to tell of the move (HA makes its own, which begins after our task ended), and how often to ask. Milliseconds. */
export interface Patience {
  readonly limitMs: number
  readonly everyMs: number
}

const PATIENCE: Patience = { limitMs: 900_000, everyMs: 2_000 }
/** A container cannot be moved live: it ends and starts again. */
const DOWN_SECONDS = 60

/** Returns when the guest is there. Errors: E_TASK, E_PVE_LOST and E_PVE_BUSY (recheck), E_NOT_CONVERGED where it did not come, E_INTERRUPTED. */
export async function migrateGuest(guest: Guest, move: Migration, doing: Doing, patience = PATIENCE): Promise<void> {
  const { from, to, running } = move
  const place = doing.outside.pve.cluster(guest.node).api.nodes.$(from)
  await runTask(guest, from, doing, () => {
    if (guest.kind === 'vm')
      return place.qemu
        .$(guest.vmid)
        .migrate.$post({ target: to, ...(running ? { online: true, 'with-local-disks': true } : {}) })
    const timeout = guest.startup?.downSeconds ?? DOWN_SECONDS
    return place.lxc.$(guest.vmid).migrate.$post({ target: to, ...(running ? { restart: true, timeout } : {}) })
  })
  await untilThere(guest, to, doing, patience)
}

async function untilThere(guest: Guest, to: string, { outside }: Doing, { limitMs, everyMs }: Patience): Promise<void> {
  for (const end = performance.now() + limitMs; ; ) {
    outside.pve.forget()
    const node = (await clusterGuests(outside.pve.cluster(guest.node))).get(guest.vmid)?.node
    if (node === to) return
    if (performance.now() > end)
      throw new OrionError(`${guest.name} was moved to ${to}, and is on ${node ?? 'no node'}`, {
        code: 'E_NOT_CONVERGED',
        recheck: true,
        suggestions: ['an HA rule may keep it where it is: ha-manager status tells'],
      })
    await sleep(everyMs, undefined, { signal: outside.signal }).catch((cause: unknown) => {
      throw new OrionError(`interrupted while ${guest.name} moves`, { code: 'E_INTERRUPTED', cause })
    })
  }
}

const MOVES = new Set(['qmigrate', 'vzmigrate', 'hamigrate'])

/** The tasks that move a guest away from a node now: those of a run that was killed go on. */
export async function movesOf(guest: Guest, from: string, { outside }: Doing): Promise<readonly string[]> {
  const cluster = outside.pve.cluster(guest.node)
  const tasks = await cluster.api.nodes.$(from).tasks.$get({ source: 'active', vmid: guest.vmid })
  return tasks.flatMap(({ upid, type, endtime }) => (endtime === undefined && MOVES.has(type) ? [upid] : []))
}

/** Waits for the end of such a task. How it ends does not matter here: the guest tells. Errors: E_INTERRUPTED. */
export async function followMove(guest: Guest, upid: string, { outside, note }: Doing): Promise<void> {
  const cluster = outside.pve.cluster(guest.node)
  await cluster.task(upid, note).catch((error: unknown) => {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
  })
  outside.pve.forget()
}
