// How the plan says what a change does to each session: a row per session, and what is interrupted.
import type { Difference } from '../../resource.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import { protocolOf } from './bird-names.ts'
import { type Impact, impactOf } from './impact.ts'
import type { LimitChange } from './limit-change.ts'
import { isUp, statesOf } from './sessions.ts'

/** What else is known of peers, by their names (limit-change.ts). */
interface Remarks {
  /** Their routes are read anew even where the session has no notice of the change. */
  readonly raised: readonly string[]
  readonly limits: ReadonlyMap<string, LimitChange>
}

const NO_REMARKS: Remarks = { raised: [], limits: new Map() }

interface Row {
  readonly name: string
  readonly impact: Impact
  /** `absent`: BIRD has no such protocol; undefined where it does not answer. */
  readonly state: string | undefined
}

/**
 * Rows such as `session upstream: established → resets`; [] where no session notices. `files`: as they shall be. Pure.
 */
export function sessionDifferences(
  bgp: Bgp,
  seen: HostFacts,
  files: readonly WantedFile[],
  { raised, limits }: Remarks = NO_REMARKS,
): readonly Difference[] {
  const isSame = files.every(({ path, text }) => seen.files.get(path)?.text === text)
  return rowsOf(bgp, seen, files).flatMap(({ name, impact, state }) => {
    const told = impact === 'nothing' && raised.includes(name) ? 'reloads' : impact
    const want = wordsOf(told, isSame ? undefined : limits.get(name))
    if (want === undefined) return []
    return [
      {
        field: `session ${name}`,
        ...(state === undefined || state === 'absent' ? {} : { have: state.toLowerCase() }),
        want,
      },
    ]
  })
}

function wordsOf(impact: Impact, limit: LimitChange | undefined): string | undefined {
  if (limit === undefined) return impact === 'nothing' ? undefined : impact
  const what = impact === 'nothing' ? `stays (${limit.text})` : impact
  if (limit.tooMany === undefined) return what
  return `${what}; ${limit.tooMany}${impact === 'resets' ? '' : ' when it begins anew'}`
}

/** For the plan's list of what is interrupted; undefined = no session that stands now. Pure. */
export function sessionDisruption(bgp: Bgp, seen: HostFacts, files: readonly WantedFile[]): string | undefined {
  const lost = rowsOf(bgp, seen, files).filter(
    ({ impact, state }) => (impact === 'resets' || impact === 'ends') && (state === undefined || isUp({ state })),
  )
  const texts = lost.map(({ name, impact }) => `BGP session ${name}${impact === 'ends' ? ' for good' : ''}`)
  return texts.length === 0 ? undefined : texts.join(', ')
}

function rowsOf(bgp: Bgp, seen: HostFacts, files: readonly WantedFile[]): readonly Row[] {
  const old = files.flatMap(({ path }) => seen.files.get(path)?.text ?? [])
  const next = files.flatMap(({ text }) => text ?? [])
  const states = statesOf(seen)
  const names = new Map(bgp.peers.map(({ name }) => [protocolOf(name), name]))
  return [...impactOf(old, next)].map(([protocol, impact]) => ({
    // One that is gone has its name from the protocol alone, where `_` is what the site file has as `-`.
    name: names.get(protocol) ?? protocol.replace(/^peer_/, '').replaceAll('_', '-'),
    impact,
    state: states && (states.get(protocol) ?? 'absent'),
  }))
}
