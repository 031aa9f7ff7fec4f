// The guarded changes that a host remembers, for `orion net undo`.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, getWidth, indent } from './text.ts'

export interface ChangeLine {
  readonly id: string
  readonly name: string
  readonly state: 'staged' | 'armed' | 'confirmed' | 'refused' | 'restored'
  /** Seconds since the epoch. */
  readonly at: number
  readonly by: string
  readonly reason: string
}

const COLOURS = { staged: 'dim', armed: 'yellow', confirmed: 'green', refused: 'red', restored: 'red' } as const

/** Lines of a reason that are shown; a checker may say a lot. */
const MOST = 6

/** Pure; in the order given, a reason on lines of its own. `now` in seconds since the epoch. Ends without a line feed. */
export function renderChanges(changes: readonly ChangeLine[], now: number, look: Look): string {
  if (changes.length === 0) return 'No guarded changes.'
  const columns: readonly Column<ChangeLine>[] = [
    { head: 'ID', get: ({ id }) => id, whole: true },
    { head: 'WHEN', get: ({ at }) => getAge(now - at), whole: true },
    { head: 'WHAT', get: ({ name }) => name, whole: true },
    { head: 'STATE', get: ({ state }) => state, colour: ({ state }) => COLOURS[state], whole: true },
  ]
  const who: Column<ChangeLine> = { head: 'WHO', get: ({ by }) => by, whole: true }
  const wide = renderTable([...columns, who], changes, look).split('\n')
  const fits = wide.every((line) => getWidth(line) <= look.width)
  const [head = '', ...rows] = fits ? wide : renderTable(columns, changes, look).split('\n')
  const below = changes.map(({ by, reason }) => [
    ...(fits ? [] : indent(by, '    ', look.width)),
    ...renderReason(reason, look),
  ])
  return [head, ...rows.flatMap((row, at) => [row, ...(below[at] ?? [])])].join('\n')
}

function renderReason(reason: string, look: Look): string[] {
  if (reason.trim() === '') return []
  const lines = indent(reason.trim(), '    ', look.width)
  const shown = lines.length > MOST ? [...lines.slice(0, MOST - 1), '    …'] : lines
  return shown.map((line) => getPaint(look).dim(line))
}

/** `Also of this apply, and left as they are: …`; nothing where there are none. Pure. */
export function renderOthers(others: readonly ChangeLine[], look: Look): string[] {
  if (others.length === 0) return []
  const list = others.map(({ id, name }) => `${name} (${id})`).join(', ')
  return indent(`Also of this apply: ${list}. They stand; undo them with --to ID.`, '', look.width)
}

/** `Puts back interfaces on r730 (ID), confirmed 5 min ago by …`. Pure. */
export function renderChosen(node: string, { id, name, state, at, by }: ChangeLine, now: number, look: Look): string {
  const text = `Puts back ${name} on ${node} (${id}), ${state} ${getAge(now - at)} ago by ${by}`
  return indent(clean(text), '', look.width)
    .map((line) => getPaint(look).bold(line))
    .join('\n')
}

/** `12 s`, `5 min`, `3 h`, `2 d`: a clock of the host that is ahead of ours counts as now. */
function getAge(seconds: number): string {
  const age = Math.max(0, Math.round(seconds))
  if (age < 60) return `${age} s`
  if (age < 3600) return `${Math.floor(age / 60)} min`
  return age < 86_400 ? `${Math.floor(age / 3600)} h` : `${Math.floor(age / 86_400)} d`
}
