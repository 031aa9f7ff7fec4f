// The files of one service on one host, as one resource: read together, compared line by line, changed under the guard.
import type { Argv } from '../host/guard.ts'
import type { ReadWish, Seen } from '../host/host.ts'
import type { Difference, Resource, ResourceId } from '../resource.ts'
import { changeSet, removeSet, titleOf } from './file-set-change.ts'
import { diffFile, type WantedFile } from './file-set-difference.ts'
import type { Questions } from './host-answers.ts'
import { type HostFacts, NOTHING, readFacts, readSettled, refuseFacts } from './host-facts.ts'
import { lastingOf, readLasting } from './host-lasting.ts'
import type { Reach } from './host-others.ts'
import type { SecretRefs } from './host-secrets.ts'

/** What a topic declares; bridges, BIRD, nftables and WireGuard are such declarations. */
export interface FileSet {
  /** Node or guest of the site file. */
  readonly host: string
  /** One word, e.g. `interfaces`: the last part of the id, and the change's name in the guard. */
  readonly name: string
  /** Default: `NAME of HOST`. */
  readonly title?: string
  /** The whole of a new one in one line, for a plan that does not list every file of it. */
  readonly brief?: string
  readonly needs?: readonly ResourceId[]
  /** Everything that is read of this host in one round trip, shared by all of its resources; has the paths of `files`. */
  readonly wish: ReadWish
  /** Secrets that the files hold, by the name under which `files` finds them in `seen.secrets`. Without one there is no plan: E_SECRET. */
  readonly secrets?: SecretRefs
  /** Programs whose answers `files` finds in `seen.answers`; run once per run of orion, and not with everything else that is read. */
  readonly questions?: Questions
  /** Hosts that are only looked at, each with what is read of it; `files` finds them in `seen.others`. One that is silent is no error. */
  readonly others?: Readonly<Record<string, ReadWish>>
  /** How the others are come by; default: by their names. */
  readonly reach?: Reach
  /**
   * Pure: what the files shall be, given what is there (stanzas of others stay). `secret`: no line of it is ever shown; without
   * `seen.secrets` (nothing was read) any text stands in for one.
   */
  files(seen: HostFacts): readonly WantedFile[]
  /** The files are wholly orion's, so that removing the set may delete them. */
  readonly owned?: true
  /** Pure: why this cannot be done on this host; an E_HOST_FACTS problem of the plan with these lines. */
  problems?(seen: HostFacts): readonly string[]
  /** Pure: what a change of the files interrupts, for the plan; undefined = nothing. */
  disrupts?(seen: HostFacts): string | undefined
  /** Pure: what is not in force although the files say so (a sysctl that somebody set back): activating mends it. */
  drift?(seen: HostFacts): readonly Difference[]
  readonly check?: readonly Argv[]
  readonly strict?: boolean
  /** Also run after the old files were put back. As a function it gets what was there before, to put live values back too. */
  readonly activate: readonly Argv[] | ((before: HostFacts) => readonly Argv[])
  /** Default 60. */
  readonly confirmWithinSeconds?: number
  /** Pure: what is worse now than before, over a new connection; [] = confirm. */
  prove?(before: HostFacts, after: HostFacts): readonly string[]
}

/**
 * A file set as a resource. Absent where none of its files is there and what they shall be does not depend on the host.
 * Errors: of observe E_HOST_FACTS, E_SECRET; of create and update those of the guard; of remove E_IMMUTABLE where the files are not ours alone.
 */
export function fileSet(given: FileSet): Resource<HostFacts> {
  const set = remembering(given)
  // What a set that is not there was compared with: what it shall be may depend on others alone.
  let unmade = NOTHING
  return {
    id: `file-set:${set.host}/${set.name}`,
    title: titleOf(set),
    needs: set.needs ?? [],
    ...(set.brief === undefined ? {} : { brief: set.brief }),
    observe: async (outside) => {
      const lasting = await readLasting(titleOf(set), set, outside)
      const isWanted = (now: Seen) => isMade(set, { ...now, ...lasting })
      const host = await outside.host(set.host)
      const seen = { ...(await readSettled(host, set.wish, isWanted, { tell: outside.tell })), ...lasting }
      refuseFacts(set.host, titleOf(set), problemsOf(set, seen))
      unmade = { ...NOTHING, ...lastingOf(seen) }
      return isAbsent(set, seen, unmade) ? undefined : seen
    },
    diff: (have) => {
      if (have !== undefined) return diffSet(set, have)
      const differences = newSet(set, unmade)
      set.forget(unmade)
      return differences
    },
    create: async (outside, note) => {
      const lasting = await readLasting(titleOf(set), set, outside)
      await changeSet(set, outside, { ...(await readFacts(await outside.host(set.host), set.wish)), ...lasting }, note)
    },
    update: (outside, have, note) => changeSet(set, outside, have, note),
    remove: (outside, have, note) => removeSet(set, outside, have, note),
  }
}

// A file that others write in, too, is merged as text: what is no text would be lost.
function problemsOf(set: FileSet, seen: HostFacts): readonly string[] {
  const problems = set.problems?.(seen) ?? []
  if (problems.length > 0 || set.owned) return problems
  const broken = set.files(seen).filter(({ path }) => seen.files.get(path)?.kind === 'other')
  return broken.map(({ path }) => `${path} is not a file of UTF-8 text`)
}

function isMade(set: FileSet, seen: HostFacts): boolean {
  return problemsOf(set, seen).length === 0 && diffSet(set, seen).length === 0
}

/** What is asked for several times in one look is made once: the texts of a large mesh take their time. */
function remembering(set: FileSet): FileSet & { forget(seen: HostFacts): void } {
  const made = new WeakMap<HostFacts, readonly WantedFile[]>()
  const files = (seen: HostFacts) => {
    const known = made.get(seen) ?? set.files(seen)
    made.set(seen, known)
    return known
  }
  return { ...set, files, forget: (seen) => void made.delete(seen) }
}

function isAbsent(set: FileSet, seen: HostFacts, unmade: HostFacts): boolean {
  const wanted = set.files(seen)
  if (wanted.length === 0 || wanted.some(({ path, text }) => text === undefined || seen.files.has(path))) return false
  const bare = set.files(unmade)
  return bare.length === wanted.length && wanted.every((file, at) => isSame(file, bare[at]))
}

function isSame(one: WantedFile, other: WantedFile | undefined): boolean {
  const keys = ['path', 'text', 'mode', 'group', 'secret', 'opaque'] as const
  return other !== undefined && keys.every((key) => one[key] === other[key])
}

/** What creating would write, and what would wait; what is in force then needs no words of its own. */
function newSet(set: FileSet, unmade: HostFacts): readonly Difference[] {
  const waits = unmade.others ? (set.drift?.(unmade) ?? []).filter((one) => one.waits !== undefined) : []
  return [...set.files(unmade).flatMap((file) => diffFile(file, unmade)), ...waits]
}

function diffSet(set: FileSet, seen: HostFacts): readonly Difference[] {
  const files = set.files(seen).flatMap((file) => diffFile(file, seen))
  const all = [...files, ...(set.drift?.(seen) ?? [])]
  const disrupts = all.some(({ waits }) => waits === undefined) ? set.disrupts?.(seen) : undefined
  // Said once: it is interrupted once.
  return disrupts === undefined ? all : all.map((one, at) => (at === 0 ? { disrupts, ...one } : one))
}
