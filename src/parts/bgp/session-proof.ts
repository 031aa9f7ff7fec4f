// The proof that a change left the sessions as they were: what stood stands again, and what is ours goes out on it.
import { type HostFacts, said } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import { hintOf } from './session-hint.ts'
import { isUp, notExported, type Session, sessionsOf } from './sessions.ts'
import { type Counters, grownBetween } from './tcp-counters.ts'

/**
 * What is worse after a change than before: a session that was established and is not, with its cause, and an own prefix that is
 * not sent on one. A peer that is new, or has another address under the same name, need not answer yet. Pure; [] = confirm.
 * Both with sessionFacts and COUNTER_FACTS.
 */
export function proveSessions(bgp: Bgp, before: HostFacts, after: HostFacts): readonly string[] {
  const now = sessionsOf(bgp, after)
  if (now === undefined) return ['BIRD does not answer']
  const old = new Map((sessionsOf(bgp, before) ?? []).filter(isUp).map((session) => [session.peer.name, session]))
  const counters = grownBetween(before, after)
  return now.flatMap((session) => {
    const was = old.get(session.peer.name)
    if (was === undefined || !isSamePeer(was, session)) return []
    if (!isUp(session)) return [complaint(bgp, session, counters)]
    return notExported(bgp, session.peer, after).map((prefix) => `${prefix} is not announced to ${session.peer.name}`)
  })
}

/**
 * With GoBGP at the edge: BIRD had its routes before, and has them no more. It writes those of the kernel, which the router would
 * lose in two minutes. Pure; [] = confirm.
 */
export function proveWriter(before: HostFacts, after: HostFacts): readonly string[] {
  return isWriter(before) && !isWriter(after) ? ['BIRD does not have the routes of GoBGP'] : []
}

/** Whether BIRD has its session with GoBGP. Pure, with sessionFacts. */
export function isWriter(seen: HostFacts): boolean {
  return /\bgobgp\s+BGP\b.*\bEstablished\b/.test(said(seen, 'bird-protocols') ?? '')
}

function complaint(bgp: Bgp, session: Session, counters: Counters): string {
  const { peer, state, error } = session
  const told = error === undefined ? '' : ` (${error})`
  const hint = hintOf(bgp, session, counters, 'since the change')
  return `session ${peer.name} is ${state}${told}, not Established as before${hint === undefined ? '' : `: ${hint}`}`
}

/** By its address alone: another AS number there is the change that is to be proved. */
function isSamePeer(was: Session, now: Session): boolean {
  return was.fields.get('Neighbor address') === now.fields.get('Neighbor address')
}
