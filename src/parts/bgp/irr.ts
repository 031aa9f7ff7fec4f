// What peers with an AS-SET may announce: asked by bgpq4 on the router, kept where the registry is silent, refused where it is odd.
import type { FileSet } from '../../resources/file-set.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import { parseIp } from '../../site/ip.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { LENGTHS } from './bogons.ts'
import { changeOf, type IrrPrefix, parseAnswer, parseSet, renderSet } from './irr-set.ts'
import { symbolOf } from './symbol.ts'

/** A change of more than this wants the operator's word: a registry that was emptied or flooded looks the same. */
const MOST_CHANGE = 0.3
const NOT_THERE = 127

/** What is known of the prefixes of one peer. */
export interface Irr {
  readonly peer: string
  readonly asSet: string
  readonly prefixes: readonly IrrPrefix[]
  /** `asked` now; `kept` from the last time, and why; `unknown` = bgpq4 is not installed yet and nothing was kept. */
  readonly state: 'asked' | 'kept' | 'unknown'
  readonly why?: string
  /** Why it cannot be used. */
  readonly problem?: string
}

/** The file of a peer's set, which bird.conf includes where the peer has an AS-SET. */
export function irrPath(peer: string): string {
  return `/etc/bird/orion-irr-${peer}.conf`
}

export function irrFacts(bgp: Bgp): Facts {
  return { files: withAsSet(bgp).map(({ name }) => irrPath(name)) }
}

/** What the router asks, by peer; undefined where no peer has an AS-SET. */
export function irrQuestions(bgp: Bgp): FileSet['questions'] {
  const peers = withAsSet(bgp)
  if (peers.length === 0) return undefined
  const { server, sources } = bgp.irr
  return Object.fromEntries(
    peers.map(({ name, address, asSet }) => {
      const family = familyOf(address)
      const most = String(LENGTHS[family].max)
      // JSON alone tells an empty set from an error; longer prefixes are nobody's business on the internet.
      const how = [`-${family}`, '-A', '-j', '-m', most, '-R', most, '-l', 'PFX']
      return [name, ['bgpq4', '-h', server, '-S', sources.join(','), ...how, asSet]]
    }),
  )
}

/** Of every peer with an AS-SET. `accept`: the operator has seen that a set changed a lot. Pure. */
export function irrOf(bgp: Bgp, seen: HostFacts, { accept }: { readonly accept: boolean }): readonly Irr[] {
  return withAsSet(bgp).map((peer) => {
    const { name, asSet } = peer
    const kept = parseSet(seen.files.get(irrPath(name))?.text, namesOf(bgp, peer))
    const answer = seen.answers?.get(name)
    if (answer === undefined || answer.code === NOT_THERE) {
      return { peer: name, asSet, prefixes: kept ?? [], state: kept ? 'kept' : 'unknown' }
    }
    return { peer: name, asSet, ...judge(bgp, peer, { answer, kept, accept }) }
  })
}

interface Given {
  readonly answer: { readonly code: number; readonly stdout: string; readonly stderr: string }
  readonly kept: readonly IrrPrefix[] | undefined
  readonly accept: boolean
}

function judge(bgp: Bgp, { address, asSet }: AsSetPeer, { answer, kept, accept }: Given): Omit<Irr, 'peer' | 'asSet'> {
  const { server, sources } = bgp.irr
  const family = familyOf(address)
  const asked = readAnswer(answer, family)
  if (typeof asked === 'string') {
    const why = `${server} did not tell the prefixes of ${asSet}: ${asked}`
    if (kept) return { prefixes: kept, state: 'kept', why }
    return { prefixes: [], state: 'unknown', problem: `${why}; and there is no set from an earlier time` }
  }
  if (asked.length === 0) {
    const what = `${asSet} has no IPv${family} prefix in ${sources.join(', ')} (asked ${server})`
    return { prefixes: kept ?? [], state: kept ? 'kept' : 'unknown', problem: `${what}: is its name right?` }
  }
  const change = kept && changeOf(kept, asked)
  if (change === undefined || change.share <= MOST_CHANGE || accept) return { prefixes: asked, state: 'asked' }
  const { before, after, share } = change
  const size = `${before} → ${after} prefixes, ${Math.round(share * 100)} % of it came or went`
  const problem = `${asSet} changed a lot: ${size}. If that is right: orion bgp apply --accept-irr`
  return { prefixes: asked, state: 'asked', problem }
}

/** The prefixes, or why there are none. */
function readAnswer({ code, stdout, stderr }: Given['answer'], family: 4 | 6): readonly IrrPrefix[] | string {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 200)
  if (code !== 0) return said || `bgpq4 ended with ${code}`
  try {
    return parseAnswer(stdout, family)
  } catch (error) {
    return error instanceof SyntaxError ? 'bgpq4 gave no JSON' : String(error instanceof Error ? error.message : error)
  }
}

/** The files of the sets. Pure. */
export function irrFiles(
  bgp: Bgp,
  seen: HostFacts,
  options: { readonly accept: boolean },
): ReturnType<FileSet['files']> {
  const sets = new Map(irrOf(bgp, seen, options).map((irr) => [irr.peer, irr.prefixes]))
  return withAsSet(bgp).map((peer) => ({
    path: irrPath(peer.name),
    text: renderSet(symbolOf(peer.name), namesOf(bgp, peer), sets.get(peer.name) ?? [], familyOf(peer.address)),
  }))
}

export function irrProblems(bgp: Bgp, seen: HostFacts, options: { readonly accept: boolean }): readonly string[] {
  return irrOf(bgp, seen, options).flatMap(({ problem }) => problem ?? [])
}

type AsSetPeer = BgpPeer & { readonly asSet: string }

function withAsSet({ peers }: Bgp): readonly AsSetPeer[] {
  return peers.flatMap((peer) => (peer.asSet === undefined ? [] : [{ ...peer, asSet: peer.asSet }]))
}

/** A set of other sources or of the other family is another set. */
function namesOf({ irr: { sources } }: Bgp, { asSet, address }: AsSetPeer): string {
  return `${asSet} (IPv${familyOf(address)}, ${sources.join(' ')})`
}

function familyOf(address: string): 4 | 6 {
  return parseIp(address)?.family ?? 6
}
