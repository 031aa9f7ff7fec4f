// orion bgp migrate: from BIRD to GoBGP at the edge and back, in steps that may each be repeated. What was reached is asked of the router.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { type HostFacts, NODE_NAME, readAnew, readSettled, said, wishOf } from '../../resources/host-facts.ts'
import { readLasting } from '../../resources/host-lasting.ts'
import { packagesFacts } from '../../resources/packages.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { routerWish } from '../router/facts.ts'
import { getRouterPackages } from '../router/package-list.ts'
import { type Router, routersOf } from '../router/router.ts'
import { passwordsOf } from './bird-secrets.ts'
import { EDGE_FILE, edgeOf } from './edge.ts'
import { gobgpFacts } from './gobgp.ts'
import { gobgpStateFacts } from './gobgp-state.ts'
import { irrQuestions } from './irr.ts'
import type { Daemon } from './migration-check.ts'
import { LEFTOVER_FACTS, leftoversOf } from './migration-leftovers.ts'
import { type Move, withDaemon } from './migration-move.ts'
import { doStep } from './migration-steps.ts'
import {
  PROGRESS_FILE,
  type Progress,
  progressOf,
  progressText,
  type StepName,
  WATCH_FACTS,
  type Watch,
  watchOf,
} from './migration-watch.ts'

/** Little, as it is asked often. */
const GUARD_STATES = 'guard-states'
const EDGE_FACTS = {
  files: [EDGE_FILE],
  commands: { [GUARD_STATES]: ['/usr/local/sbin/orion-guard', 'states'] },
}
const STATUS_WISH = wishOf([NODE_NAME, EDGE_FACTS, WATCH_FACTS, LEFTOVER_FACTS])

type Host = Awaited<ReturnType<Outside['host']>>

export interface MigrationStatus {
  readonly router: string
  readonly edge: Daemon
  /** A change of the router still waits for its confirmation: it may take it back. */
  readonly isOpen: boolean
  readonly progress: Progress | undefined
  readonly watch: Watch | undefined
  /** Files that only the daemon needs that is not at the edge. */
  readonly leftovers: readonly string[]
}

export interface MigrationOptions {
  readonly to: Daemon
  readonly watchSeconds: number
  readonly confirmWithinSeconds?: number
  readonly note: (text: string) => void
}

export interface Migration {
  status(): Promise<MigrationStatus>
  /** The same, but not before an open change of the router is confirmed or put back. Errors: E_HOST_BUSY. */
  settled(): Promise<MigrationStatus>
  /** Does one step; returns what was seen. Errors: E_HOST_FACTS where it may not be, those of the guard (exit 4) and of the host. */
  run(step: StepName): Promise<readonly string[]>
}

/** Errors: E_USAGE where the site has no router of BGP among its guests; E_HOST_UNREACHABLE. */
export async function openMigration(site: Site, outside: Outside, options: MigrationOptions): Promise<Migration> {
  const { router } = bgpRouter(site)
  return migrationOn(await guestHost(site, router.guest, outside), site, outside, options)
}

/** The same on a router that is connected. */
export function migrationOn(host: Host, site: Site, outside: Outside, options: MigrationOptions): Migration {
  const { router, bgp } = bgpRouter(site)
  const wish = migrationWish(site, bgp, router)
  // Asked once: they are known by this object.
  const questions = irrQuestions(bgp)
  const lasting = async () => {
    const asking = { host: host.name, secrets: passwordsOf(bgp), ...(questions && { questions }) }
    return readLasting(`BGP of ${host.name}`, asking, outside)
  }
  // Whatever is open must end first: a run of ours that was killed, or somebody else's.
  const settled = async (of: Move['wish']) => {
    let told = false
    const waits = () => {
      if (!told) options.note(`${host.name} waits for a confirmation: first it takes that change back, or keeps it`)
      told = true
      return true
    }
    host.forget()
    return readSettled(host, of, waits)
  }
  const read = async () => {
    const known = await lasting()
    return { ...(await settled(wish)), ...known }
  }
  const readOver = async (fresh: Host) => ({ ...(await readAnew(fresh, wish)), ...(await lasting()) })
  const move: Move = { site, bgp, router, host, outside, ...options, read, readOver, wish }
  return {
    status: async () => statusOf(bgp, await readAnew(host, STATUS_WISH)),
    settled: async () => statusOf(bgp, await settled(STATUS_WISH)),
    run: async (step) => {
      const lines = await doStep(move, step)
      await keep(move, step)
      return lines
    },
  }
}

function bgpRouter(site: Site): { readonly router: Router; readonly bgp: Bgp } {
  const { bgp } = site
  const router = bgp && routersOf(site).find(({ guest }) => guest.name === bgp.router)
  if (bgp === undefined || router === undefined)
    throw new OrionError(`${site.name} has no BGP router among its VMs: there is nothing to migrate`, {
      code: 'E_USAGE',
    })
  return { router, bgp }
}

/** As both daemons need it, whichever the site file names. */
export function migrationWish(site: Site, bgp: Bgp, router: Router): Move['wish'] {
  const packages = packagesFacts(getRouterPackages(withDaemon(site, 'gobgp'), router))
  return wishOf([
    routerWish(withDaemon(site, 'bird'), router),
    gobgpFacts(site, router),
    gobgpStateFacts(bgp),
    WATCH_FACTS,
    packages,
  ])
}

function statusOf({ router }: Bgp, seen: HostFacts): MigrationStatus {
  const isOpen = /^\S+ armed /m.test(said(seen, GUARD_STATES) ?? '')
  const [progress, watch, leftovers] = [progressOf(seen), watchOf(seen), leftoversOf(seen)]
  return { router, edge: edgeOf(seen), isOpen, progress, watch, leftovers }
}

/** Written beside its place and renamed: complete or not at all. */
async function keep({ host, to }: Move, step: StepName): Promise<void> {
  const { files } = await host.read({ files: [PROGRESS_FILE] })
  const before = progressOf({ files, commands: new Map() })
  const at = new Date().toISOString()
  const since = before?.to === to && step !== 'check' ? before.since : at
  await host.write([{ path: PROGRESS_FILE, text: progressText({ to, step, since, at }) }])
}
