// Which BIRD runs on a router, and what of ours it understands.
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import { debianRelease } from '../router/router.ts'

export interface BirdVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** `2.17.5`. */
  readonly text: string
  /** Not asked of BIRD, which is not installed yet, but told by the Debian release. */
  readonly predicted: boolean
}

// BIRD says it on stderr.
export const VERSION_FACTS: Facts = { commands: { 'bird-version': ['sh', '-c', 'bird --version 2>&1'] } }

/** What Debian has as bird2. */
const PACKAGED: Readonly<Record<string, string>> = { bookworm: '2.0.12', trixie: '2.17.5' }

/** Undefined where neither BIRD nor the release tells. */
export function birdVersion(seen: HostFacts): BirdVersion | undefined {
  const output = seen.commands.get('bird-version')
  const said = /^BIRD version (\S+)/m.exec(output?.stdout ?? '')?.[1]
  if (said !== undefined) return parse(said, false)
  return parse(PACKAGED[debianRelease(seen) ?? ''] ?? '', true)
}

function parse(text: string, predicted: boolean): BirdVersion | undefined {
  const [found, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? []
  if (found === undefined) return undefined
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0), text: found, predicted }
}

/** What newer versions of BIRD add, with the first that has it. */
export const ADDED = {
  /** The oldest that orion writes for: roles, `allow as sets`, and an undo that survives a refused configuration. */
  orion: [2, 0, 12],
  /** Send hold timer (RFC 9687). */
  sendHold: [2, 15, 0],
  /** `authentication md5` and `ao` (RFC 5925). */
  authentication: [2, 17, 0],
  /** RTR version 2 is asked for, unless `max version` says less. */
  rtrVersion2: [2, 17, 0],
} as const

/** False for an unknown version: what is not known to be there is left out. */
export function has(version: BirdVersion | undefined, feature: keyof typeof ADDED): boolean {
  if (version === undefined) return false
  const [major, minor, patch] = ADDED[feature]
  const steps = [version.major - major, version.minor - minor, version.patch - patch]
  return (steps.find((step) => step !== 0) ?? 0) >= 0
}
