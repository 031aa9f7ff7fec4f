// What differs between the files of a host and the files that are wanted, short for the plan and line by line.
import { createHash } from 'node:crypto'
import { structuredPatch } from 'diff'
import type { HostFile, Seen, SeenFile } from '../host/host.ts'
import type { Difference } from '../resource.ts'

/**
 * `secret`: neither a line of it nor a digest is ever shown. `opaque`: a program of orion's own or a key, which is the same everywhere
 * or says nothing to people: its digest tells that it changes, and no line of it is shown.
 */
export type WantedFile = HostFile & { readonly secret?: true; readonly opaque?: true }

const DEFAULT_MODE = 0o644
const CONTEXT = 2

/** The differences of one file: at most one of its content, one of its rights. */
export function diffFile(wanted: WantedFile, seen: Seen): Difference[] {
  const have = seen.files.get(wanted.path)
  if (wanted.text === undefined)
    return have === undefined
      ? []
      : [{ field: wanted.path, have: shown(wanted, have), want: 'absent', ...lines(wanted, have) }]
  return [...diffText(wanted, wanted.text, have), ...diffRights(wanted, have)]
}

/** True where a file is exactly as wanted: content, mode, owner, group. */
export function isAsWanted(wanted: WantedFile, seen: Seen): boolean {
  return diffFile(wanted, seen).length === 0
}

function diffText(wanted: WantedFile, text: string, have: SeenFile | undefined): Difference[] {
  if (have?.kind === 'file' && have.text === text) return []
  const want = wanted.secret ? 'new content, not shown' : summary(text)
  const difference = { field: wanted.path, have: shown(wanted, have), want }
  if (have !== undefined || wanted.secret || wanted.opaque) return [{ ...difference, ...lines(wanted, have) }]
  // Made when somebody looks: of a large mesh there are many, and most are never shown.
  return [
    {
      ...difference,
      get lines() {
        return unified('', text)
      },
    },
  ]
}

function diffRights(
  { path, mode = DEFAULT_MODE, group = 'root' }: WantedFile,
  have: SeenFile | undefined,
): Difference[] {
  if (have?.kind !== 'file') return []
  const now = `${octal(have.mode)} ${toOwner(have.owner, have.group)}`
  const want = `${octal(mode)} ${toOwner('root', group)}`
  return now === want ? [] : [{ field: `${path} mode`, have: now, want }]
}

/** `root:bird`; root's group goes without saying. */
function toOwner(owner: string, group: string): string {
  return group === 'root' ? owner : `${owner}:${group}`
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

function shown(wanted: WantedFile, have: SeenFile | undefined): string {
  if (have === undefined) return 'absent'
  // Of a secret not even a digest, with which somebody could try passwords at leisure.
  if (have.kind === 'file') return wanted.secret ? 'present' : summary(have.text)
  return have.kind === 'link' ? `a link to ${have.text}` : 'not a text file'
}

/** `12 lines (a1b2c3)`: the digest tells one text from another, for a plan that must notice a change behind its back. */
function summary(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 6)
  const count = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0)
  return `${count} ${count === 1 ? 'line' : 'lines'} (${digest})`
}

function lines({ text = '', secret, opaque }: WantedFile, have: SeenFile | undefined): { lines?: readonly string[] } {
  if (secret || opaque) return {}
  return { lines: unified(have?.kind === 'file' ? have.text : '', text) }
}

/** A unified diff without its header, whole: a page may cut it. */
function unified(before: string, after: string): string[] {
  // All of a new file, without the search for what it has in common with nothing.
  if (before === '' && after.endsWith('\n'))
    return after
      .slice(0, -1)
      .split('\n')
      .map((line) => `+${line}`)
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT })
  // One hunk that starts at the top needs no place.
  const places = hunks.length > 1 || (hunks[0]?.oldStart ?? 0) > 1
  return hunks.flatMap((hunk) => [
    ...(places ? [`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`] : []),
    ...hunk.lines,
  ])
}
