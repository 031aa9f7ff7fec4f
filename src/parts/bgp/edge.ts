// Who speaks BGP to the world on a router, BIRD or GoBGP: a file on the router says it, and the site file what shall be.
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { BIRD_FILES } from './bird-names.ts'

/** Which program holds port 179: `bird` or `gobgp`; absent = BIRD. */
export const EDGE_FILE = '/etc/orion/edge'

/** As people call them. */
export const DAEMONS = { bird: 'BIRD', gobgp: 'GoBGP' } as const

/** Who speaks to the world now. Pure, with EDGE_FILE. */
export function edgeOf(seen: HostFacts): Bgp['daemon'] {
  return seen.files.get(EDGE_FILE)?.text.trim() === 'gobgp' ? 'gobgp' : 'bird'
}

/**
 * Why a plan is not for the router as it is: another daemon than the site file's speaks to the world. [] = it may be made.
 * Pure; `seen` with the edge's file and bird.conf.
 */
export function edgeProblem({ bgp }: Site, seen: HostFacts): readonly string[] {
  const now = edgeOf(seen)
  if (bgp === undefined || isNew(seen) || now === bgp.daemon) return []
  return [
    `${DAEMONS[now]} speaks BGP on ${bgp.router}, and the site file wants ${DAEMONS[bgp.daemon]}: ` +
      `orion bgp migrate --to ${bgp.daemon}, or set bgp.daemon to ${now} in the site file`,
  ]
}

/** A router on which nobody has spoken yet begins with the daemon of the site file; BIRD that waits for GoBGP speaks to nobody. */
export function isNew(seen: HostFacts): boolean {
  const conf = seen.files.get(BIRD_FILES.conf)?.text ?? ''
  return !seen.files.has(EDGE_FILE) && (!/Made by orion/.test(conf) || /^protocol bgp gobgp \{/m.test(conf))
}
