// The firewall in force against its file: two listings by the router's own nft, of the live table and of the file loaded in a network of its own.
import type { Difference } from '../../resource.ts'
import { type HostFacts, said } from '../../resources/host-facts.ts'

const MOST_LINES = 40
/** A program that is not there. */
const NO_PROGRAM = 127

/** A table of nftables, of the family `inet`, and the file that it is loaded from. */
export interface TableFile {
  readonly table: string
  readonly path: string
  /** What the commands for it are called, and the script that loads the file elsewhere. */
  readonly name: string
}

/** Without what the kernel adds by itself: what packets put into a set. `-s` leaves counters out. */
function listed(seen: HostFacts, command: string): readonly string[] | undefined {
  const text = said(seen, command)
  return text?.replace(/(\tset (?:\w+_rate[46]|entered) \{[^}]*?)\n\t\telements = \{[^}]*\}/g, '$1').split('\n')
}

/** Commands for `liveDrift`: what is in force, and what the file would be in force. Loading in a private network touches nothing. */
export function liveFacts({ table, path, name }: TableFile): Readonly<Record<string, readonly string[]>> {
  const load = `nft -f "$1" && exec nft -s list table inet ${table}`
  return {
    [`${name}-live`]: ['nft', '-s', 'list', 'table', 'inet', table],
    [`${name}-file`]: ['unshare', '-n', 'sh', '-c', load, `orion-${name}-file`, path],
  }
}

/** What is not in force although the file says so, by line. Nothing where nobody can say. */
export function liveDrift(seen: HostFacts, { path, name }: TableFile): readonly Difference[] {
  const want = listed(seen, `${name}-file`)
  const have = listed(seen, `${name}-live`)
  if (seen.commands.get(`${name}-live`)?.code === NO_PROGRAM) return []
  const field = 'rules in force'
  if (have === undefined) return seen.files.has(path) ? [{ field, have: 'none', want: `as in ${path}` }] : []
  if (want === undefined || want.join('\n') === have.join('\n')) return []
  const lines = [...without(have, want).map((line) => `-${line}`), ...without(want, have).map((line) => `+${line}`)]
  const count =
    lines.length === 0 ? 'in another order' : `${lines.length} ${lines.length === 1 ? 'line' : 'lines'} other`
  return [{ field, have: count, want: `as in ${path}`, lines: lines.slice(0, MOST_LINES) }]
}

/** Lines of one list that the other does not have as often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}
