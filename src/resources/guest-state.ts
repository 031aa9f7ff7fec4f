// Reads one guest: where it runs, whether it is ours, its settings active and stored.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Outside } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { guestApi, listGuests, type PendingEntry } from './guest-api.ts'
import { foreignGuest, identityProblems } from './guest-identity.ts'
import type { Setting, Settings } from './setting.ts'
import { clusterGuests, isNotFound } from './shared-reads.ts'

export interface GuestState {
  /** Where it is now: a node is a preference, an operator or HA may have moved the guest. */
  readonly node: string
  readonly running: boolean
  readonly pool?: string
  readonly settings: Settings
  /** Of the configuration as read; sent with every change so that a change by somebody else in between is not overwritten. */
  readonly digest?: string
}

/** How long a lock may stand, and how often to look. Milliseconds. */
export interface LockPatience {
  readonly limitMs: number
  readonly everyMs: number
}

const PATIENCE: LockPatience = { limitMs: 300_000, everyMs: 500 }

/**
 * The guest on the wanted VMID; undefined = there is none. One request beside the shared lists, none where the lists do not have it.
 * A guest that is still being made (lock `create`, e.g. by a run that was killed) is waited for: until then nothing of it says whose it is.
 * Errors: E_FOREIGN, E_PVE_BUSY, E_INTERRUPTED.
 */
export async function readGuest(site: Site, guest: Guest, outside: Outside): Promise<GuestState | undefined> {
  const cluster = outside.pve.cluster(guest.node)
  const found = (await clusterGuests(cluster)).get(guest.vmid)
  if (found === undefined) return undefined
  if (found.kind !== guest.kind) {
    const problems = [`it is a ${found.kind === 'vm' ? 'virtual machine' : 'container'}`]
    throw foreignGuest(guest, { ...found, problems })
  }
  const entries = await readEntries(cluster, guest, { node: found.node, outside, locks: ['create'] })
  if (entries === undefined) return undefined
  const settings = settingsOf(entries)
  const problems = identityProblems(site, guest, settings)
  if (problems.length > 0) throw foreignGuest(guest, { ...found, problems })
  const listed = (await listGuests(cluster, guest.kind, found.node)).find(({ vmid }) => Number(vmid) === guest.vmid)
  const digest = settings.get('digest')?.active
  return {
    node: found.node,
    running: listed?.status === 'running',
    settings,
    ...(found.pool === undefined ? {} : { pool: found.pool }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/**
 * Before a write: waits until no lock (backup, snapshot, migrate …) is on the guest. Errors: E_PVE_BUSY, E_INTERRUPTED.
 * A guest that was suspended to disk keeps its lock until it is started, which Proxmox VE allows.
 */
export async function waitUnlocked(guest: Guest, node: string, outside: Outside, have: GuestState): Promise<void> {
  const lock = have.settings.get('lock')?.active
  if (lock === undefined || lock === 'suspended') return
  outside.pve.forget() // What is shared was read before.
  await readEntries(outside.pve.cluster(guest.node), guest, { node, outside, locks: undefined })
}

interface EntriesWish {
  readonly node: string
  readonly outside: Outside
  /** Locks to wait for; undefined = any. */
  readonly locks: readonly string[] | undefined
  readonly patience?: LockPatience
}

async function readEntries(
  cluster: Cluster,
  guest: Guest,
  wish: EntriesWish,
): Promise<readonly PendingEntry[] | undefined> {
  const { limitMs, everyMs } = wish.patience ?? PATIENCE
  const place = { kind: guest.kind, node: wish.node, vmid: guest.vmid }
  for (const start = performance.now(); ; wish.outside.pve.forget()) {
    const entries = await readPending(cluster, place)
    const lock = entries?.find(({ key }) => key === 'lock')?.value
    const waits = lock !== undefined && (wish.locks === undefined || wish.locks.includes(String(lock)))
    if (!waits) return entries
    if (performance.now() - start > limitMs) throw locked(guest, wish.node, String(lock))
    await pause(everyMs, wish.outside.signal)
  }
}

/** The options of a guest, of the site or not, active and stored; one read that all share. undefined = there is none. */
export function readPending(
  cluster: Cluster,
  { kind, node, vmid }: Pick<Guest, 'kind' | 'node' | 'vmid'>,
): Promise<readonly PendingEntry[] | undefined> {
  const read = () => guestApi(cluster, kind, node, vmid).pending().catch(absentWhenNotFound)
  return cluster.once(`pending:${kind}:${node}:${vmid}`, read)
}

function absentWhenNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}

function locked(guest: Guest, node: string, lock: string): OrionError {
  const tool = guest.kind === 'vm' ? 'qm' : 'pct'
  return new OrionError(`${guest.name} (${guest.vmid} on ${node}) is locked (${lock}) and the lock does not go away`, {
    code: 'E_PVE_BUSY',
    recheck: true,
    suggestions: [
      `look at the running tasks of ${node}; if none holds the lock any more: ${tool} unlock ${guest.vmid}`,
      'then run again',
    ],
  })
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    throw new OrionError('interrupted while waiting for a lock', { code: 'E_INTERRUPTED', cause: error })
  }
}

/** GET …/pending as settings: `value` runs now, `pending` or `delete` is stored for the next start. */
export function settingsOf(entries: readonly PendingEntry[]): Settings {
  return new Map(entries.map((entry) => [entry.key, settingOf(entry)]))
}

function settingOf({ value, pending, delete: dropped }: PendingEntry): Setting {
  const next = pending ?? (dropped === undefined || Number(dropped) === 0 ? value : undefined)
  return {
    ...(value === undefined ? {} : { active: String(value) }),
    ...(next === undefined ? {} : { next: String(next) }),
  }
}
