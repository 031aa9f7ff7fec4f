// What a change of maxPrefixes does to a session that has more routes than one of its limits: old and new.
import type { HostFacts } from '../../resources/host-facts.ts'
import type { BirdModel, PeerModel } from './bird-model.ts'
import { addressText } from './bird-names.ts'
import { gobgpSessions } from './gobgp-show.ts'
import { isUp, type Session, sessionsOf } from './sessions.ts'

/**
 * Names of peers whose surplus routes were left out, and whose limit rises: raising it alone brings none of them back, in no version
 * of BIRD; only reading them anew does. Pure.
 */
export function raisedOf(model: BirdModel, seen: HostFacts): readonly string[] {
  return (
    pairsOf(model, seen)
      // BIRD 2 forgets with every reconfiguration that a limit is reached: the number of routes tells it.
      .filter(([{ limits }, { limits: now, routes }]) =>
        now.some(({ kind, limit }) => kind === 'import' && limit < limits.import && (routes?.accepted ?? 0) >= limit),
      )
      .map(([{ peer }]) => peer.name)
  )
}

/** What is said of a session whose limit changes. */
export interface LimitChange {
  readonly text: string
  /** Where it has more routes than the new limit: it keeps them while it stands (`import limit … action block`). */
  readonly tooMany: string | undefined
}

/** By the name of the peer. Pure. */
export function limitChanges(model: BirdModel, seen: HostFacts): ReadonlyMap<string, LimitChange> {
  return new Map(
    pairsOf(model, seen).flatMap(([{ peer, limits }, { limits: now, routes }]) => {
      const old = now.find(({ kind }) => kind === 'import')?.limit
      if (old === undefined || old === limits.import) return []
      const accepted = routes?.accepted ?? 0
      const tooMany = accepted > limits.import ? `of its ${accepted} routes ${limits.import} are taken` : undefined
      return [[peer.name, { text: `limit ${old} → ${limits.import}`, tooMany }] as const]
    }),
  )
}

/** A limit that is below what a peer sends now would end its session, which stands, at either daemon: said before anything changes. Pure. */
export function limitProblems(model: BirdModel, seen: HostFacts): readonly string[] {
  return pairsOf(model, seen).flatMap(([{ peer, limits }, { routes }]) => {
    if (routes === undefined || routes.received <= limits.receive) return []
    const what = `${peer.name} sends ${routes.received} routes now, and with more than ${limits.receive} its session would end`
    return [`${what}: raise bgp.peers.${peer.name}.maxPrefixes (${limits.import})`]
  })
}

/** Sessions that stand, with whom the site file has: another one of the same name begins anew. */
function pairsOf({ peers, bgp, edge }: BirdModel, seen: HostFacts): readonly (readonly [PeerModel, Session])[] {
  const sessions = (edge === 'gobgp' ? gobgpSessions(bgp, seen) : sessionsOf(bgp, seen)) ?? []
  return peers.flatMap((one) => {
    const session = sessions.find(({ peer }) => peer.name === one.peer.name)
    if (session === undefined || !isUp(session)) return []
    const there = session.fields.get('Neighbor address')
    return there === undefined || there === addressText(one.peer.address) ? [[one, session] as const] : []
  })
}
