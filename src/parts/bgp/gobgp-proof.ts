// The proof that a change left the sessions of GoBGP as they were, and what the plan says that a change does to each.
import type { Difference } from '../../resource.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import { gobgpImpact } from './gobgp-impact.ts'
import { gobgpSessions } from './gobgp-show.ts'
import { notAdvertised } from './gobgp-state.ts'
import { hintOf } from './session-hint.ts'
import { proveWriter } from './session-proof.ts'
import { isUp } from './sessions.ts'
import { grownBetween } from './tcp-counters.ts'

/**
 * A session that was established and is not, with its cause, and an own prefix that is not sent on one. A peer that is new, or
 * has another address now, need not answer yet. Pure; [] = confirm.
 */
export function proveGobgp(bgp: Bgp, before: HostFacts, after: HostFacts): readonly string[] {
  const now = gobgpSessions(bgp, after)
  if (now === undefined) return ['GoBGP does not answer']
  // By their addresses: sessions have no other name there.
  const old = (gobgpSessions(bgp, before) ?? []).filter(isUp).map(({ peer }) => peer.address)
  const sessions = now.flatMap((session) => {
    const { peer, state, error } = session
    if (!old.includes(peer.address)) return []
    if (isUp(session))
      return notAdvertised(bgp, peer, after).map((prefix) => `${prefix} is not announced to ${peer.name}`)
    const hint = hintOf({ asn: bgp.asn, edge: 'gobgp' }, session, grownBetween(before, after), 'since the change')
    const said = `${error === undefined ? '' : ` (${error})`}, not Established as before`
    return [`session ${peer.name} is ${state}${said}${hint === undefined ? '' : `: ${hint}`}`]
  })
  return [...sessions, ...proveWriter(before, after)]
}

/** Rows such as `session upstream: established → resets`; [] where no session notices. `old`, `next`: texts of GoBGP's file. Pure. */
export function gobgpDifferences(bgp: Bgp, seen: HostFacts, old: string, next: string): readonly Difference[] {
  return noticed(bgp, seen, old, next).map(({ name, impact, state }) => ({
    field: `session ${name}`,
    ...(state === undefined || state === 'absent' ? {} : { have: state.toLowerCase() }),
    want: impact,
  }))
}

/** For the plan's list of what is interrupted; undefined = no session that stands now. Pure. */
export function gobgpDisruption(bgp: Bgp, seen: HostFacts, old: string, next: string): string | undefined {
  const lost = noticed(bgp, seen, old, next).filter(
    ({ impact, state }) => (impact === 'resets' || impact === 'ends') && (state === undefined || isUp({ state })),
  )
  const texts = lost.map(({ name, impact }) => `BGP session ${name}${impact === 'ends' ? ' for good' : ''}`)
  return texts.length === 0 ? undefined : texts.join(', ')
}

/** Sessions with peers: the one with BIRD, which writes the kernel's routes, is nobody's business. */
function noticed(bgp: Bgp, seen: HostFacts, old: string, next: string) {
  const sessions = gobgpSessions(bgp, seen)
  return [...gobgpImpact(old, next)]
    .filter(([address, { impact }]) => impact !== 'nothing' && address !== '::1')
    .map(([address, { name, impact }]) => {
      const state = sessions?.find(({ peer }) => peer.address === address)?.state
      return { name, impact, state }
    })
}
