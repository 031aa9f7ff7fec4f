// Draining a peer with GoBGP at the edge: two lists of its file change, and it reads them without a session's notice.
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import { wishOf } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import { DRAIN_FILE, drainedOf } from './drain.ts'
import { ACTIVATE_GOBGP, CHECK_GOBGP, CONF_PLACE, GOBGP_FILES } from './gobgp.ts'
import { withDrained } from './gobgp-drained.ts'
import { GOBGP_LOG_FACTS } from './gobgp-errors.ts'
import { LOWEST_PREFERENCE } from './gobgp-policy.ts'
import { proveGobgp } from './gobgp-proof.ts'
import { refuseSilentGobgp } from './gobgp-show.ts'
import { advertised, gobgpStateFacts } from './gobgp-state.ts'
import { isUp } from './sessions.ts'

/** What a drain is to one daemon, beside the file that says who is drained. */
export interface DrainWay {
  /** Errors: E_HOST_COMMAND for a daemon that does not answer. */
  problems(seen: HostFacts): readonly string[]
  isUp(seen: HostFacts): boolean
  change(seen: HostFacts): {
    readonly files: readonly Omit<WantedFile, 'secret'>[]
    readonly check: NonNullable<FileSet['check']>
    readonly activate: Extract<FileSet['activate'], readonly unknown[]>
  }
  prove(before: HostFacts, after: HostFacts): readonly string[]
}

export function gobgpDrainFacts(bgp: Bgp): Facts {
  return wishOf([gobgpStateFacts(bgp), GOBGP_LOG_FACTS, { files: [GOBGP_FILES.conf, GOBGP_FILES.program, DRAIN_FILE] }])
}

export function gobgpDrain(bgp: Bgp, peer: string, on: boolean): DrainWay {
  const conf = (seen: HostFacts) => changed(bgp, peer, on, seen)
  const stateOf = (seen: HostFacts) => refuseSilentGobgp(bgp, seen).find((session) => session.peer.name === peer)
  return {
    problems: (seen) => {
      if (stateOf(seen)?.state !== 'absent' && conf(seen) !== undefined) return []
      return [`GoBGP on ${bgp.router} does not have ${peer} as orion writes it: orion bgp apply`]
    },
    isUp: (seen) => isUp(stateOf(seen) ?? { state: 'absent' }),
    change: (seen) => ({
      files: [{ path: GOBGP_FILES.conf, text: conf(seen) ?? '', ...CONF_PLACE }],
      check: CHECK_GOBGP,
      activate: ACTIVATE_GOBGP,
    }),
    prove: (before, after) => {
      const worse = proveGobgp(bgp, before, after)
      return worse.length > 0 ? worse : untold(bgp, peer, on, after)
    },
  }
}

function changed(bgp: Bgp, peer: string, on: boolean, seen: HostFacts): string | undefined {
  const text = seen.files.get(GOBGP_FILES.conf)?.text
  const now = drainedOf(
    bgp.peers.map(({ name }) => name),
    seen.files.get(DRAIN_FILE)?.text,
  )
  const peers = bgp.peers.map((one) => ({ ...one, drained: one.name === peer ? on : now.includes(one.name) }))
  return text === undefined ? undefined : withDrained(text, peers)
}

/** RFC 8326: 65535:0. */
const GRACEFUL_SHUTDOWN = 65535 * 65536

/** Own prefixes that go out as those of a drained peer although it is none, or the other way round. */
function untold(bgp: Bgp, name: string, on: boolean, seen: HostFacts): readonly string[] {
  const peer = bgp.peers.find((one) => one.name === name)
  if (peer === undefined) return []
  const isInternal = peer.relation === 'internal'
  const sign = isInternal ? 'the lowest preference' : 'the community 65535:0'
  return advertised(bgp, peer, seen)
    .filter(({ communities, preference }) => {
      const isTold = isInternal ? preference === LOWEST_PREFERENCE : communities.includes(GRACEFUL_SHUTDOWN)
      return isTold !== on
    })
    .map(({ prefix }) => `${prefix} goes to ${name} ${on ? 'without' : 'still with'} ${sign}`)
}
