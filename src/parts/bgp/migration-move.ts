// What every step of a move of the edge works with.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { isAsWanted } from '../../resources/file-set-difference.ts'
import type { HostFacts, wishOf } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import type { Router } from '../router/router.ts'
import { bird } from './bird.ts'
import { DAEMONS, edgeOf } from './edge.ts'
import { gobgp } from './gobgp.ts'
import type { Daemon } from './migration-check.ts'

type Host = Awaited<ReturnType<Outside['host']>>

/** Everything that a step needs. */
export interface Move {
  readonly site: Site
  readonly bgp: Bgp
  readonly router: Router
  readonly host: Host
  readonly outside: Outside
  readonly to: Daemon
  readonly watchSeconds: number
  /** How long the router waits for the confirmation of the hand-over; default 80. */
  readonly confirmWithinSeconds?: number
  readonly note: (text: string) => void
  /** What is there now, with the secrets; past a guarded change that is still open. */
  read(): Promise<HostFacts>
  /** Over a connection of somebody else's, for a proof. */
  readOver(host: Host): Promise<HostFacts>
  readonly wish: ReturnType<typeof wishOf>
}

/** The site as it is with this daemon at the edge. */
export function withDaemon(site: Site, daemon: Daemon): Site {
  return site.bgp === undefined ? site : { ...site, bgp: { ...site.bgp, daemon } }
}

/** Errors: E_HOST_FACTS with these lines, if there are any. */
export function refuse({ host, to }: Move, problems: readonly string[]): void {
  if (problems.length === 0) return
  const text = problems.length === 1 ? ` ${problems[0]}` : problems.map((line) => `\n  ${line}`).join('')
  throw new OrionError(`${host.name} does not go on to ${DAEMONS[to]}:${text}`, {
    code: 'E_HOST_FACTS',
    suggestions: ['the sessions as they are: orion bgp show', `then again: orion bgp migrate --to ${to}`],
  })
}

/** BIRD's files as they are with `to` at the edge. */
export function targetSet({ site, router, wish, to }: Move): FileSet {
  return must(bird(withDaemon(site, to), router, wish))
}

/** A move changes who speaks, and nothing of what is said: that must have been applied before. Pure; [] = it was. */
export function unapplied({ site, router, wish }: Move, seen: HostFacts): readonly string[] {
  const now = edgeOf(seen)
  const of = withDaemon(site, now)
  const sets = [bird(of, router, wish), ...(now === 'gobgp' ? [gobgp(of, router, wish)] : [])]
  return stale(sets, seen).map((path) => `${path} is not as the site file says: orion bgp apply comes first`)
}

/** GoBGP must not speak by files of an earlier day. Pure; [] = what `to` needs is in its place. */
export function unprepared({ site, router, wish, to }: Move, seen: HostFacts): readonly string[] {
  if (to === 'bird') return []
  const paths = stale([gobgp(withDaemon(site, 'gobgp'), router, wish)], seen)
  return paths.map((path) => `${path} is not as the site file says: the step prepare comes first`)
}

function stale(sets: readonly (FileSet | undefined)[], seen: HostFacts): readonly string[] {
  const files = sets.flatMap((set) => set?.files(seen) ?? [])
  return files.filter((file) => !isAsWanted(file, seen)).map(({ path }) => path)
}

/** Errors: a mistake of ours. */
export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the router of BGP has no files for it')
  return value
}
