// A guest as a host: it may not be there, or not run, and right after its start it does not answer yet.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Outside, Resource } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { guestDevicesId, hasDevices } from './device-value.ts'
import { readGuest } from './guest-state.ts'
import { type GuestStatus, guestStatus } from './guest-status.ts'

export interface GuestHostOptions {
  /** True where this run does not make or start the guest: one that is down is then an error, and nothing is new. */
  readonly alone: boolean
  /** What is an error of the plan also while the guest is not there: a secret that cannot be read. */
  readonly ahead?: (outside: Outside) => Promise<unknown>
  readonly patience?: Patience
}

/** How long after its start a guest may take to answer over SSH, and how often to ask. Milliseconds. */
export interface Patience {
  readonly limitMs: number
  readonly everyMs: number
}

// The first start of a cloud image makes its keys and users. A failed connection is kept for 3 s (host/line.ts).
const PATIENCE: Patience = { limitMs: 300_000, everyMs: 3_500 }
/** What a host that is still starting may answer. */
const STARTING = new Set(['E_HOST_UNREACHABLE', 'E_HOST_AUTH', 'E_HOST_LOST', 'E_HOST_TIMEOUT'])

/**
 * The same resource of a host that is a guest. Before the guest is there and runs, everything of it is new; where nobody will
 * start it (`alone`, or `started: false`) that is E_HOST_UNREACHABLE, with the command that mends it. E_FOREIGN as for the guest.
 */
export function onGuest<Have>(
  site: Site,
  guest: Guest,
  inner: Resource<Have>,
  { alone, ahead, patience = PATIENCE }: GuestHostOptions,
): Resource<Have> {
  const place = `${guest.kind === 'vm' ? 'vm' : 'container'}:${guest.node}/${guest.vmid}` as const
  return {
    ...inner,
    needs: [place, ...(hasDevices(site, guest) ? [guestDevicesId(guest)] : []), ...inner.needs],
    observe: async (outside) => {
      const status = await ownStatus(site, guest, outside)
      if (status?.status !== 'running') {
        if (alone || !guest.started) throw down(guest, status)
        await ahead?.(outside)
        return undefined
      }
      await untilUp(guest, status, outside, patience)
      return await inner.observe(outside)
    },
    create: async (outside, note) => {
      await guestHost(site, guest, outside, patience)
      await inner.create(outside, note)
    },
  }
}

/** The guest as a host that answers. Errors: E_HOST_UNREACHABLE where it is not there or does not run; E_FOREIGN; those of Host. */
export async function guestHost(site: Site, guest: Guest, outside: Outside, patience = PATIENCE): Promise<Host> {
  const status = await ownStatus(site, guest, outside)
  if (status?.status !== 'running') throw down(guest, status)
  return await untilUp(guest, status, outside, patience)
}

/** One that is still being made (by a run that was killed) carries nothing yet in the lists: its configuration tells, once it is done. */
async function ownStatus(site: Site, guest: Guest, outside: Outside): Promise<GuestStatus | undefined> {
  const status = await guestStatus(site, guest, outside)
  if (status?.ours !== false) return status
  const made = await readGuest(site, guest, outside)
  return made && { ...status, ours: true, status: made.running ? 'running' : 'stopped' }
}

function down(guest: Guest, status: GuestStatus | undefined): OrionError {
  const what = `${guest.name} (${guest.kind === 'vm' ? 'VM' : 'container'} ${guest.vmid} on ${status?.node ?? guest.node})`
  const refuse = (state: string, suggestion: string) =>
    new OrionError(`${what} ${state}`, { code: 'E_HOST_UNREACHABLE', suggestions: [suggestion] })
  if (status === undefined) return refuse('does not exist yet', `orion vm apply --only ${guest.name}`)
  if (status.status === 'stopped') return refuse('is stopped', `orion vm start ${guest.name}`)
  return refuse(`does not run: its state is ${status.status}`, `look at ${status.node} and the guest in Proxmox VE`)
}

/** One that runs for long answers, or it is an error; one that was just started is waited for. */
async function untilUp(
  guest: Guest,
  { uptimeSeconds }: GuestStatus,
  outside: Outside,
  { limitMs, everyMs }: Patience,
): Promise<Host> {
  const host = await outside.host(guest.name)
  const leftMs = limitMs - (uptimeSeconds ?? Number.POSITIVE_INFINITY) * 1000
  if (leftMs <= 0) return host
  await host.once('is up', () => poll(host, { limitMs: leftMs, everyMs }, outside.signal))
  return host
}

async function poll(host: Host, { limitMs, everyMs }: Patience, signal: AbortSignal): Promise<void> {
  const end = performance.now() + limitMs
  const left = () => Math.max(1000, Math.round(end - performance.now()))
  for (;;) {
    try {
      await host.ends()
      break
    } catch (error) {
      const starting = error instanceof OrionError && STARTING.has(error.code)
      if (!starting || signal.aborted || performance.now() + everyMs > end) throw error
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
  // SSH answers before the first start is over: until then apt and files of ours would come between.
  const waiting = host.run(['cloud-init', 'status', '--wait'], { accept: [0, 1, 2, 127], timeoutMs: left() })
  await waiting.catch((error: unknown) => {
    if (!(error instanceof OrionError && error.code === 'E_HOST_TIMEOUT')) throw error
  })
}
