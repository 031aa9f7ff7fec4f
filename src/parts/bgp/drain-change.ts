// Draining a peer, or no more: the one line that changes on the router, and the proof that the peer is told (RFC 8326).
import type { Difference, Outside } from '../../resource.ts'
import { diffFile } from '../../resources/file-set-difference.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { type Facts, type HostFacts, readAnew, refuseFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { bgpOf, guestOf, refuseSilence } from './bgp-router.ts'
import { BIRD_FILES, protocolOf } from './bird-names.ts'
import { CODE, parseNetworks, parseReply } from './birdc.ts'
import { ACTIVATION_FACTS, activateBird } from './birdc-activation.ts'
import { DRAIN_FILE, drainedOf, isLastProvider, setDrain } from './drain.ts'
import { EDGE_FILE, edgeOf } from './edge.ts'
import { type DrainWay, gobgpDrain, gobgpDrainFacts } from './gobgp-drain.ts'
import { gobgpSessions } from './gobgp-show.ts'
import { proveSessions } from './session-proof.ts'
import { isUp, sessionFacts, sessionsOf } from './sessions.ts'
import { COUNTER_FACTS } from './tcp-counters.ts'

type Host = Awaited<ReturnType<Outside['host']>>

const SENT = 'bird-sent'

/** What a drain is to the router of a site. Errors: E_USAGE where the site has no BGP or no such peer. */
export function drainChange(site: Site, peer: string, on: boolean) {
  const bgp = bgpOf(site, peer)
  const guest = guestOf(site, bgp)
  const names = bgp.peers.map(({ name }) => name)
  const textOf = (seen: HostFacts) => seen.files.get(DRAIN_FILE)?.text
  const file = (seen: HostFacts) => ({ path: DRAIN_FILE, text: setDrain(names, textOf(seen), peer, on) })
  const ofBird = [sessionFacts(bgp), COUNTER_FACTS, ACTIVATION_FACTS, sentFacts(bgp, peer)]
  const wishes = {
    bird: wishOf([{ files: FILES }, ...ofBird]),
    gobgp: wishOf([{ files: FILES }, COUNTER_FACTS, gobgpDrainFacts(bgp)]),
  }
  // Another daemon than the site file's speaks only in the middle of a migration.
  const look = async (host: Host) => {
    const seen = await readAnew(host, wishes[bgp.daemon])
    return edgeOf(seen) === bgp.daemon ? seen : readAnew(host, wishes[edgeOf(seen)])
  }
  const isDrained = (seen: HostFacts) => drainedOf(names, textOf(seen)).includes(peer)
  const wayOf = (seen: HostFacts) => (edgeOf(seen) === 'gobgp' ? gobgpDrain(bgp, peer, on) : birdDrain(bgp, peer, on))
  return {
    router: guest.name,
    host: (outside: Outside) => guestHost(site, guest, outside),
    /** Errors: E_HOST_FACTS where orion did not make the daemon's files; E_HOST_COMMAND for a silent daemon. */
    read: async (host: Host): Promise<HostFacts> => {
      const seen = await look(host)
      refuseFacts(guest.name, `draining ${peer}`, wayOf(seen).problems(seen))
      return seen
    },
    /** Of a read that need not succeed: right after a change. */
    readAnew: look,
    /** [] = it is so already. Pure. */
    differences: (seen: HostFacts): readonly Difference[] => (isDrained(seen) === on ? [] : diffFile(file(seen), seen)),
    isUp: (seen: HostFacts): boolean => wayOf(seen).isUp(seen),
    /** What is worth knowing before it is done. Pure. */
    warnings: (seen: HostFacts): readonly string[] => {
      const sessions = edgeOf(seen) === 'gobgp' ? gobgpSessions(bgp, seen) : sessionsOf(bgp, seen)
      const states = new Map((sessions ?? []).map((session) => [session.peer.name, isUp(session)]))
      const isLast = on && isLastProvider(bgp.peers, peer, drainedOf(names, textOf(seen)), (name) => states.get(name))
      return isLast ? ['no provider is left that is established and not drained: the traffic has no other way'] : []
    },
    change: (seen: HostFacts) => {
      const { files, ...rest } = wayOf(seen).change(seen)
      return { name: `${on ? 'drain' : 'undrain'}-${peer}`, files: [file(seen), ...files], ...rest }
    },
    /** What is not so, or worse than before; [] = confirm. Pure. */
    prove: (before: HostFacts, after: HostFacts): readonly string[] => [
      ...(isDrained(after) === on ? [] : [`${DRAIN_FILE} says something else`]),
      ...wayOf(after).prove(before, after),
    ],
  }
}

/** BIRD's files include the one that changes. */
function birdDrain(bgp: Bgp, peer: string, on: boolean): DrainWay {
  const stateOf = (seen: HostFacts) => sessionsOf(bgp, seen)?.find((session) => session.peer.name === peer)
  const isThere = (seen: HostFacts) => isUp(stateOf(seen) ?? { state: 'absent' })
  return {
    problems: (seen) => {
      refuseSilence(bgp, seen)
      return problemsOf(bgp, peer, seen)
    },
    isUp: isThere,
    change: (seen) => ({
      files: [],
      check: [['bird', '-p', '-c', BIRD_FILES.conf]],
      activate: activateBird(seen),
    }),
    prove: (before, after) => [
      ...proveSessions(bgp, before, after),
      ...(isThere(after) ? untold(bgp, peer, on, after) : []),
    ],
  }
}

const FILES = [DRAIN_FILE, EDGE_FILE, BIRD_FILES.conf]

function problemsOf({ router }: Bgp, peer: string, seen: HostFacts): readonly string[] {
  const conf = seen.files.get(BIRD_FILES.conf)?.text ?? ''
  if (conf.includes(protocolOf(peer)) && conf.includes('orion-drain.conf')) return []
  return [`BIRD on ${router} does not have ${peer} as orion writes it: orion bgp apply`]
}

function sentFacts({ announce }: Bgp, peer: string): Facts {
  const sent = (prefix: string) => ['birdc', '-v', 'show', 'route', prefix, 'export', protocolOf(peer), 'all']
  return { commands: Object.fromEntries(announce.map((prefix) => [`${SENT} ${prefix}`, sent(prefix)])) }
}

/** Own prefixes that go out as before although the peer shall be told, or the other way round. */
function untold({ announce, peers }: Bgp, peer: string, on: boolean, seen: HostFacts): readonly string[] {
  const isInternal = peers.some(({ name, relation }) => name === peer && relation === 'internal')
  const what = isInternal ? 'the lowest preference' : 'the community 65535:0'
  return announce.flatMap((prefix) => {
    const text = said(seen, `${SENT} ${prefix}`)
    const isSent = text !== undefined && parseNetworks(text).length > 0
    if (!isSent || hasAttribute(text, isInternal ? LOWEST : SHUTDOWN) === on) return []
    return [`${prefix} goes to ${peer} ${on ? 'without' : 'still with'} ${what}`]
  })
}

/** As BIRD 2 and 3 print them: `BGP.community: (65535,0)`, `bgp_community: (65535, 0)`. */
const SHUTDOWN = /^\s*bgp[._]community:.*\(65535, ?0\)/i
/** Within our own network: a community would go on to others with the route. */
const LOWEST = /^\s*bgp[._]local_pref: 0$/i

function hasAttribute(text: string, attribute: RegExp): boolean {
  const lines = parseReply(text).blocks.flatMap(({ code, lines }) => (code === CODE.attributes ? lines : []))
  return lines.some((line) => attribute.test(line))
}
