// The table of `orion vm rollback NAME --list`.
import type { Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'

export interface SnapshotRow {
  readonly name: string
  /** ISO 8601, UTC. */
  readonly taken?: string
  readonly own: boolean
  readonly description: string
}

const columns: readonly Column<SnapshotRow>[] = [
  { head: 'SNAPSHOT', get: ({ name }) => name, whole: true },
  { head: 'TAKEN (UTC)', get: ({ taken }) => taken?.slice(0, 16).replace('T', ' ') ?? '-' },
  { head: 'BY', get: ({ own }) => (own ? 'orion' : 'others'), colour: ({ own }) => (own ? 'green' : 'dim') },
  { head: 'ABOUT', get: getAbout, colour: () => 'dim' },
]

/** Pure; in the order given. Ends without a line feed. */
export function renderSnapshots(guest: string, rows: readonly SnapshotRow[], look: Look): string {
  return rows.length === 0 ? `${guest} has no snapshots.` : renderTable(columns, rows, look)
}

/** The first line of ours is the mark: what it is about comes after it, with the run, whose time stands there already. */
function getAbout({ own, description }: SnapshotRow): string {
  const lines = description.split('\n').filter((line) => line.trim() !== '')
  return (own ? lines[1]?.split(',')[0] : lines[0]) ?? '-'
}
