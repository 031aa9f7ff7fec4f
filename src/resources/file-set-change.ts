// A file set's change under the guard, from what was there to the proof that it is as wanted.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Difference, Note, Outside } from '../resource.ts'
import type { FileSet } from './file-set.ts'
import { diffFile, isAsWanted, type WantedFile } from './file-set-difference.ts'
import { type HostFacts, readAnew } from './host-facts.ts'
import { lastingOf } from './host-lasting.ts'
import { withoutSecrets } from './host-secrets.ts'
import { inTurn } from './host-turn.ts'

const CONFIRM_SECONDS = 60

/** For people. */
export function titleOf({ title, name, host }: FileSet): string {
  return title ?? `${name} of ${host}`
}

/** Makes the files of a set as they are wanted, and what is in force with them. Errors: those of the guard. */
export async function changeSet(set: FileSet, outside: Outside, before: HostFacts, note: Note): Promise<void> {
  const wanted = set.files(before)
  const changed = wanted.filter((file) => !isAsWanted(file, before))
  const files = changed.length > 0 ? changed : wanted.filter(({ text }) => text !== undefined)
  const host = await outside.host(set.host)
  const prove = async (fresh: Host) => {
    const after = { ...(await readAnew(fresh, set.wish)), ...lastingOf(before) }
    return [
      ...wanted.flatMap((file) => diffFile(file, after)).map(complaint),
      ...drifts(set, after),
      ...(set.prove?.(before, after) ?? []),
    ]
  }
  await guarded(set, host, { before, files, prove, note })
}

function drifts(set: FileSet, after: HostFacts): string[] {
  return (set.drift?.(after) ?? []).filter(({ waits }) => waits === undefined).map(complaint)
}

function complaint({ field, have = 'none', want = 'none' }: Difference): string {
  return `${field} is ${have}, not ${want}`
}

interface Guarded {
  readonly before: HostFacts
  readonly files: readonly WantedFile[]
  readonly prove: (host: Host) => Promise<readonly string[]>
  readonly note: Note
}

async function guarded(set: FileSet, host: Host, { before, files, prove, note }: Guarded): Promise<void> {
  const activate = typeof set.activate === 'function' ? set.activate(before) : set.activate
  const change = {
    name: set.name,
    files: files.map(({ secret: _, opaque: __, ...file }) => file),
    check: set.check ?? [],
    ...(set.strict === undefined ? {} : { strict: set.strict }),
    activate,
    confirmWithinSeconds: set.confirmWithinSeconds ?? CONFIRM_SECONDS,
  }
  try {
    const options = { prove, note: (text: string) => note({ kind: 'info', text }) }
    await inTurn(host, () => withoutSecrets(before, () => host.guard.change(change, options)))
  } finally {
    host.forget()
  }
}

/** Errors: E_IMMUTABLE where the files are not orion's alone; those of the guard. */
export async function removeSet(set: FileSet, outside: Outside, have: HostFacts, note: Note): Promise<void> {
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
