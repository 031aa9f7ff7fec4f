// The Keeper of each node as it is now, with the watchdog beside it: what `orion keeper status` shows and verify judges.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { type HostFacts, NODE_NAME, readAnew, said, wishOf } from '../../resources/host-facts.ts'
import type { Keeper } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { PROGRAM } from './program.ts'
import { type KeeperStatus, parseStatus } from './status-document.ts'
import { type Claim, claimOf, watchdogHostFacts } from './watchdog.ts'
import { dogName, isSoftdog, ownerName, softdogHint } from './watchdog-owner.ts'

export interface WatchdogRow {
  readonly device: string
  /** `failed`: nothing resets the node when it stands still. */
  readonly state: 'ok' | 'warning' | 'failed'
  /** `systemd feeds iTCO_wdt, 60 s`. */
  readonly text: string
  readonly owner?: string
  readonly identity?: string
  readonly timeoutSeconds?: number
  readonly hint?: string
}

/** What was seen of one node. */
export interface KeeperLook {
  /** Its clock, epoch seconds. */
  readonly now: number
  /** undefined = it is not installed, or does not answer. */
  readonly status?: KeeperStatus
  readonly watchdog?: WatchdogRow
}

const STATUS = 'keeper-status'
const CLOCK = 'clock'

function statusWish({ watchdog }: Keeper) {
  const commands = { [STATUS]: [PROGRAM, 'status'], [CLOCK]: ['date', '+%s'] }
  return wishOf([NODE_NAME, { commands }, watchdog ? watchdogHostFacts(watchdog) : {}])
}

/** One round trip. Errors: those of the host. */
export async function lookAt(keeper: Keeper, node: string, outside: Outside): Promise<KeeperLook> {
  return lookOf(keeper, node, await readAnew(await outside.host(node), statusWish(keeper)))
}

/** Pure. */
export function lookOf({ watchdog }: Keeper, node: string, seen: HostFacts): KeeperLook {
  const status = parseStatus(said(seen, STATUS))
  return {
    now: Number(said(seen, CLOCK) ?? Number.NaN) || (status?.lastRun ?? 0),
    ...(status && { status }),
    ...(watchdog && { watchdog: watchdogRow(node, watchdog, claimOf(seen)) }),
  }
}

/** Exactly one feeds it, and it is one that works while the kernel does not. Pure. */
function watchdogRow(node: string, wanted: NonNullable<Keeper['watchdog']>, claim: Claim | undefined): WatchdogRow {
  const { device } = wanted
  if (claim === undefined)
    return { device, state: 'failed', text: 'no watchdog there', hint: `orion keeper plan --node ${node}` }
  const { watchdogs, dog, owner } = claim
  const feeder = ownerName(owner)
  const identity = dogName(dog)
  const seconds = dog.timeoutSeconds === undefined ? '' : `, ${dog.timeoutSeconds} s`
  const known = {
    device,
    identity,
    ...(dog.timeoutSeconds === undefined ? {} : { timeoutSeconds: dog.timeoutSeconds }),
  }
  if (feeder === undefined) {
    const text = owner.kind === 'left' ? `nobody feeds ${identity}, and it counts` : `nobody has ${identity}`
    return { ...known, state: 'failed', text, hint: `orion keeper apply --node ${node}` }
  }
  const held = watchdogs.holders.some((one) => one.dog === dog.name)
  if (!held) {
    const hint = `systemctl start ${feeder} on ${node}`
    return { ...known, owner: feeder, state: 'failed', text: `${identity} is for ${feeder}, which does not run`, hint }
  }
  const row = { ...known, owner: feeder, text: `${feeder} feeds ${identity}${seconds}` }
  return isSoftdog(dog) ? { ...row, state: 'warning', hint: softdogHint(node, watchdogs) } : { ...row, state: 'ok' }
}

export interface NodeRow extends Partial<KeeperLook> {
  readonly node: string
}

export interface StatusView {
  readonly names: readonly string[]
  /** What it sees takes the place of what it saw before. Errors: those of the host; then nothing of it is known. */
  look(name: string): Promise<void>
  page(): { readonly site: string; readonly nodes: readonly NodeRow[] }
}

/** Errors: E_USAGE where the site has no Keeper. */
export function openStatus(site: Site, outside: Outside, nodes?: readonly string[]): StatusView {
  const keeper = keeperIn(site)
  const names = site.nodes.map(({ name }) => name).filter((name) => nodes?.includes(name) ?? true)
  const looks = new Map<string, KeeperLook>()
  return {
    names,
    look: async (name) => {
      const seen = lookAt(keeper, name, outside)
      await seen.catch(() => looks.delete(name))
      looks.set(name, await seen)
    },
    page: () => ({ site: site.name, nodes: names.map((node) => ({ node, ...looks.get(node) })) }),
  }
}

/** Errors: E_USAGE. */
export function keeperIn(site: Site): Keeper {
  if (site.keeper !== undefined) return site.keeper
  throw new OrionError(`${site.name} has no Keeper`, {
    code: 'E_USAGE',
    suggestions: ['the Keeper is the section keeper of the site file: README.md shows one'],
  })
}
