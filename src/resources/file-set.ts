// The files of one service on one host, as one resource: read together, compared line by line, changed under the guard.
import { OrionError } from '../errors.ts'
import type { Argv } from '../host/guard.ts'
import type { Host, ReadWish, Seen } from '../host/host.ts'
import type { Difference, Note, Outside, Resource, ResourceId } from '../resource.ts'
import { diffFile, isAsWanted, type WantedFile } from './file-set-difference.ts'
import { NOTHING, readAnew, readFacts, readSettled, refuseFacts } from './host-facts.ts'
import { inTurn } from './host-turn.ts'

/** What a topic declares; bridges, BIRD, nftables and WireGuard are such declarations. */
export interface FileSet {
  /** Node or guest of the site file. */
  readonly host: string
  /** One word, e.g. `interfaces`: the last part of the id, and the change's name in the guard. */
  readonly name: string
  /** Default: `NAME of HOST`. */
  readonly title?: string
  readonly needs?: readonly ResourceId[]
  /** Everything that is read of this host in one round trip, shared by all of its resources; has the paths of `files`. */
  readonly wish: ReadWish
  /** Pure: what the files shall be, given what is there (stanzas of others stay). `secret`: no line of it is ever shown. */
  files(seen: Seen): readonly WantedFile[]
  /** The files are wholly orion's, so that removing the set may delete them. */
  readonly owned?: true
  /** Pure: why this cannot be done on this host; an E_HOST_FACTS problem of the plan with these lines. */
  problems?(seen: Seen): readonly string[]
  /** Pure: what a change of the files interrupts, for the plan; undefined = nothing. */
  disrupts?(seen: Seen): string | undefined
  /** Pure: what is not in force although the files say so (a sysctl that somebody set back): activating mends it. */
  drift?(seen: Seen): readonly Difference[]
  readonly check?: readonly Argv[]
  readonly strict?: boolean
  /** Also run after the old files were put back. As a function it gets what was there before, to put live values back too. */
  readonly activate: readonly Argv[] | ((before: Seen) => readonly Argv[])
  /** Default 60. */
  readonly confirmWithinSeconds?: number
  /** Pure: what is worse now than before, over a new connection; [] = confirm. */
  prove?(before: Seen, after: Seen): readonly string[]
}

const CONFIRM_SECONDS = 60

/**
 * A file set as a resource. Absent where none of its files is there and what they shall be does not depend on the host.
 * Errors: of observe E_HOST_FACTS; of create and update those of the guard; of remove E_IMMUTABLE where the files are not ours alone.
 */
export function fileSet(set: FileSet): Resource<Seen> {
  return {
    id: `file-set:${set.host}/${set.name}`,
    title: titleOf(set),
    needs: set.needs ?? [],
    observe: async (outside) => {
      const seen = await readSettled(await outside.host(set.host), set.wish, (now) => isMade(set, now))
      refuseFacts(set.host, titleOf(set), problemsOf(set, seen))
      return isAbsent(set, seen) ? undefined : seen
    },
    diff: (have) => (have === undefined ? newSet(set) : diffSet(set, have)),
    create: async (outside, note) => {
      await change(set, outside, await readFacts(await outside.host(set.host), set.wish), note)
    },
    update: (outside, have, note) => change(set, outside, have, note),
    remove: (outside, have, note) => remove(set, outside, have, note),
  }
}

function titleOf({ title, name, host }: FileSet): string {
  return title ?? `${name} of ${host}`
}

// A file that others write in, too, is merged as text: what is no text would be lost.
function problemsOf(set: FileSet, seen: Seen): readonly string[] {
  const problems = set.problems?.(seen) ?? []
  if (problems.length > 0 || set.owned) return problems
  const broken = set.files(seen).filter(({ path }) => seen.files.get(path)?.kind === 'other')
  return broken.map(({ path }) => `${path} is not a file of UTF-8 text`)
}

function isMade(set: FileSet, seen: Seen): boolean {
  return problemsOf(set, seen).length === 0 && diffSet(set, seen).length === 0
}

function isAbsent(set: FileSet, seen: Seen): boolean {
  const wanted = set.files(seen)
  if (wanted.length === 0 || wanted.some(({ path, text }) => text === undefined || seen.files.has(path))) return false
  return JSON.stringify(set.files(NOTHING)) === JSON.stringify(wanted)
}

/** What creating would write; what is in force then needs no words of its own. */
function newSet(set: FileSet): readonly Difference[] {
  return set.files(NOTHING).flatMap((file) => diffFile(file, NOTHING))
}

function diffSet(set: FileSet, seen: Seen): readonly Difference[] {
  const files = set.files(seen).flatMap((file) => diffFile(file, seen))
  const all = [...files, ...(set.drift?.(seen) ?? [])]
  const disrupts = all.some(({ waits }) => waits === undefined) ? set.disrupts?.(seen) : undefined
  // Said once: it is interrupted once.
  return disrupts === undefined ? all : all.map((one, at) => (at === 0 ? { disrupts, ...one } : one))
}

async function change(set: FileSet, outside: Outside, before: Seen, note: Note): Promise<void> {
  const wanted = set.files(before)
  const changed = wanted.filter((file) => !isAsWanted(file, before))
  const files = changed.length > 0 ? changed : wanted.filter(({ text }) => text !== undefined)
  const host = await outside.host(set.host)
  const prove = async (fresh: Host) => {
    const after = await readAnew(fresh, set.wish)
    return [
      ...wanted.flatMap((file) => diffFile(file, after)).map(complaint),
      ...drifts(set, after),
      ...(set.prove?.(before, after) ?? []),
    ]
  }
  await guarded(set, host, { before, files, prove, note })
}

function drifts(set: FileSet, after: Seen): string[] {
  return (set.drift?.(after) ?? []).filter(({ waits }) => waits === undefined).map(complaint)
}

function complaint({ field, have = 'none', want = 'none' }: Difference): string {
  return `${field} is ${have}, not ${want}`
}

interface Guarded {
  readonly before: Seen
  readonly files: readonly WantedFile[]
  readonly prove: (host: Host) => Promise<readonly string[]>
  readonly note: Note
}

async function guarded(set: FileSet, host: Host, { before, files, prove, note }: Guarded): Promise<void> {
  const activate = typeof set.activate === 'function' ? set.activate(before) : set.activate
  const change = {
    name: set.name,
    files: files.map(({ secret: _, ...file }) => file),
    check: set.check ?? [],
    ...(set.strict === undefined ? {} : { strict: set.strict }),
    activate,
    confirmWithinSeconds: set.confirmWithinSeconds ?? CONFIRM_SECONDS,
  }
  try {
    await inTurn(host, () => host.guard.change(change, { prove, note: (text) => note({ kind: 'info', text }) }))
  } finally {
    host.forget()
  }
}

async function remove(set: FileSet, outside: Outside, have: Seen, note: Note): Promise<void> {
  if (!set.owned)
    throw new OrionError(`${titleOf(set)} stays: the files are not orion's alone`, {
      code: 'E_IMMUTABLE',
      suggestions: [`to put an earlier state back: orion net undo ${set.host}`],
    })
  const there = set.files(have).filter(({ path }) => have.files.has(path))
  if (there.length === 0) return
  const files = there.map(({ path }) => ({ path, text: undefined }))
  const prove = async (fresh: Host) => {
    const after = await readAnew(fresh, set.wish)
    return files.filter(({ path }) => after.files.has(path)).map(({ path }) => `${path} is still there`)
  }
  await guarded(set, await outside.host(set.host), { before: have, files, prove, note })
}
