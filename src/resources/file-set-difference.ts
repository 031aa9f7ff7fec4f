// What differs between the files of a host and the files that are wanted, short for the plan and line by line.
import { createHash } from 'node:crypto'
import { structuredPatch } from 'diff'
import type { HostFile, Seen, SeenFile } from '../host/host.ts'
import type { Difference } from '../resource.ts'

export type WantedFile = HostFile & { readonly secret?: true }

const DEFAULT_MODE = 0o644
const MOST_LINES = 40
const CONTEXT = 2

/** The differences of one file: at most one of its content, one of its mode and owner. */
export function diffFile(wanted: WantedFile, seen: Seen): Difference[] {
  const have = seen.files.get(wanted.path)
  if (wanted.text === undefined)
    return have === undefined ? [] : [{ field: wanted.path, have: shown(have), want: 'absent', ...lines(wanted, have) }]
  return [...diffText(wanted, wanted.text, have), ...diffRights(wanted, have)]
}

/** True where a file is exactly as wanted: content, mode, owner. */
export function isAsWanted(wanted: WantedFile, seen: Seen): boolean {
  return diffFile(wanted, seen).length === 0
}

function diffText(wanted: WantedFile, text: string, have: SeenFile | undefined): Difference[] {
  if (have?.kind === 'file' && have.text === text) return []
  return [{ field: wanted.path, have: shown(have), want: summary(text), ...lines(wanted, have) }]
}

function diffRights({ path, mode = DEFAULT_MODE }: WantedFile, have: SeenFile | undefined): Difference[] {
  if (have?.kind !== 'file') return []
  const now = `${octal(have.mode)} ${have.owner}`
  const want = `${octal(mode)} root`
  return now === want ? [] : [{ field: `${path} mode`, have: now, want }]
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

function shown(have: SeenFile | undefined): string {
  if (have === undefined) return 'absent'
  if (have.kind === 'file') return summary(have.text)
  return have.kind === 'link' ? `a link to ${have.text}` : 'not a text file'
}

/** `12 lines (a1b2c3)`: the digest tells one text from another, for a plan that must notice a change behind its back. */
function summary(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 6)
  const count = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0)
  return `${count} ${count === 1 ? 'line' : 'lines'} (${digest})`
}

function lines({ text = '', secret }: WantedFile, have: SeenFile | undefined): { lines?: readonly string[] } {
  if (secret) return {}
  return { lines: unified(have?.kind === 'file' ? have.text : '', text) }
}

/** A unified diff without its header, cut after forty lines. */
function unified(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT })
  // One hunk that starts at the top needs no place.
  const places = hunks.length > 1 || (hunks[0]?.oldStart ?? 0) > 1
  const all = hunks.flatMap((hunk) => [
    ...(places ? [`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`] : []),
    ...hunk.lines,
  ])
  return all.length <= MOST_LINES ? all : [...all.slice(0, MOST_LINES - 1), `… ${all.length - MOST_LINES + 1} more`]
}
