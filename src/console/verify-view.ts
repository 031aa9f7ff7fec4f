// What the live checks saw, by part and node, worst first.
import type { VerifyReport, VerifyStep } from '../engine/verify.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, getTime, getWidth, indent, pad } from './text.ts'

/** Worst first. */
const ORDER = ['failed', 'unknown', 'warning', 'ok'] as const
const MARKS = { failed: '✖', unknown: '?', warning: '!', ok: '✔' } as const
const COLOURS = { failed: 'red', unknown: 'magenta', warning: 'yellow', ok: 'green' } as const

/** So many names, then a number. */
const MOST_NAMED = 12

/** Checks of one part at one place. */
interface Group {
  readonly part: string
  readonly place: string
  /** The worst first. */
  readonly steps: readonly VerifyStep[]
}

/** Pure. Ends without a line feed. Its last line is the sum. `verbose`: also each check that is ok. */
export function renderVerify(report: VerifyReport, look: Look & { readonly verbose?: boolean }): string {
  const nowMs = Date.parse(report.started) + report.ms
  const bad = getBad(report)
  const good = report.probes.filter(({ state }) => state === 'ok')
  const column = Math.max(0, ...good.map((step) => getWidth(partOf(step))))
  const lines = [
    ...groupsOf(bad).flatMap((group) => renderGroup(group, look, nowMs)),
    ...(look.verbose
      ? groupsOf(good).flatMap((group) => renderEach(group, look))
      : byKey(good, partOf).flatMap((steps) => renderGood(steps, column, look))),
  ]
  const gap = lines.length > 0 && lines.at(-1) !== '' ? [''] : []
  return [...lines, ...gap, renderSum(report, look)].join('\n')
}

/** What is not ok, worst first. */
export function getBad({ probes }: Pick<VerifyReport, 'probes'>): readonly VerifyStep[] {
  return probes.filter(({ state }) => state !== 'ok').toSorted(worstFirst)
}

const worstFirst = (one: VerifyStep, other: VerifyStep): number => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)

const partOf = ({ part = 'checks' }: VerifyStep): string => clean(part)

function groupsOf(steps: readonly VerifyStep[]): readonly Group[] {
  const groups = byKey(steps, (step) => JSON.stringify([partOf(step), step.place ?? '']))
  return groups.flatMap((own) => {
    const [first] = own
    return first === undefined ? [] : [{ part: partOf(first), place: clean(first.place ?? ''), steps: own }]
  })
}

/** In the order of the first of each. */
function byKey(steps: readonly VerifyStep[], key: (step: VerifyStep) => string): readonly (readonly VerifyStep[])[] {
  const groups = new Map<string, VerifyStep[]>()
  for (const step of steps) {
    const group = groups.get(key(step))
    if (group) group.push(step)
    else groups.set(key(step), [step])
  }
  return [...groups.values()]
}

function renderGroup({ part, place, steps }: Group, look: Look, nowMs: number): string[] {
  const head = getPaint(look).bold(place === '' ? part : `${part} on ${place}`)
  return [`  ${head}`, ...byKey(steps, storyOf).flatMap((alike) => renderStory(alike, look, nowMs)), '']
}

/** The same for checks that have the same to say, each of its own thing. */
function storyOf({ title, state, expected, seen, since, hint = '' }: VerifyStep): string {
  const anybody = (text: string) => text.replaceAll(title, '\0')
  return JSON.stringify([state, expected, anybody(seen), since, anybody(hint)])
}

/** What is not ok: what was expected, what was seen, since when, and what to do. */
function renderStory(alike: readonly VerifyStep[], look: Look, nowMs: number): string[] {
  const [step] = alike
  if (step === undefined) return []
  const { expected, seen, since, hint, looks, ms } = step
  const again = looks > 1 ? ` (after ${looks} looks in ${getTime(ms)})` : ''
  const others = alike.some((other) => other.hint !== hint) ? '; the others alike' : ''
  const label = alike.length === 1 ? getCheckLabel(step) : getLabels(alike)
  return [
    ...indent(label, `    ${getMark(step, look)} `, look.width),
    ...indent(expected, '        expected  ', look.width),
    ...indent(seen + again, '        seen      ', look.width),
    ...(since === undefined ? [] : indent(getSince(since, nowMs), '        since     ', look.width)),
    ...(hint === undefined
      ? []
      : indent(hint + others, '        Try: ', look.width).map((line) => getPaint(look).cyan(line))),
  ]
}

/** `guest state: router, redis; as wanted: router`: so many names, then a number. */
function getLabels(steps: readonly VerifyStep[]): string {
  const kinds = byKey(steps, kindOf).map((own) => {
    const names = own.map(({ title }) => clean(title))
    return `${own[0] === undefined ? '' : kindOf(own[0])}: ${named(names).join(', ')}`
  })
  return kinds.join('; ')
}

const named = (names: readonly string[]): readonly string[] =>
  names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), `${names.length - MOST_NAMED} more`] : names

export const getMark = ({ state }: VerifyStep, look: Look): string => getPaint(look)[COLOURS[state]](MARKS[state])

/** `guest state: redis (1005)`, `as wanted: redis (container 1005)`: the place stands in the head of its group. */
export function getCheckLabel({ id, title, place }: VerifyStep): string {
  const at = id.indexOf(':')
  const [kind, rest] = [id.slice(0, Math.max(0, at)), id.slice(at + 1)]
  const inner = place === undefined ? rest : rest.replace(place, '').replace(/(^|:)\//, '$1')
  const name = clean(title)
  const more = clean(inner).replace(':', ' ').trim()
  const what = clean(kind).replaceAll('-', ' ')
  if (more === '' && name === clean(place ?? '')) return what
  const where = more === '' || more === name ? '' : ` (${more})`
  return `${what === '' ? '' : `${what}: `}${name}${where}`
}

/** `2026-11-22 01:49:03 UTC, 24 min 10 s ago`. */
function getSince(since: string, nowMs: number): string {
  const sinceMs = Date.parse(since)
  if (Number.isNaN(sinceMs)) return since
  const stamp = new Date(sinceMs).toISOString().slice(0, 19).replace('T', ' ')
  return `${stamp} UTC, ${getTime(Math.max(0, nowMs - sinceMs))} ago`
}

/** What is ok, calmly: one paragraph for each part, with how many of each kind, and where. */
function renderGood(steps: readonly VerifyStep[], column: number, look: Look): string[] {
  const [first] = steps
  if (first === undefined) return []
  const kinds = byKey(steps, kindOf).map((own) => {
    const kind = own[0] === undefined ? '' : kindOf(own[0])
    return own.length === 1 ? kind : `${own.length} × ${kind}`
  })
  const places = [...new Set(steps.flatMap(({ place }) => (place === undefined ? [] : [clean(place)])))]
  const where = places.length === 0 ? '' : ` on ${named(places).join(', ')}`
  const head = `  ${getMark(first, look)} ${pad(partOf(first), column)}  `
  return indent(`${kinds.join(', ')}${where}`, head, look.width)
}

const kindOf = ({ id }: VerifyStep): string => clean(id.slice(0, Math.max(0, id.indexOf(':')))).replaceAll('-', ' ')

/** Each of them in a line, with what was seen. */
function renderEach({ part, place, steps }: Group, look: Look): string[] {
  const head = getPaint(look).bold(place === '' ? part : `${part} on ${place}`)
  const lines = steps.flatMap((step) =>
    indent(`${getCheckLabel(step)}: ${step.seen}`, `    ${getMark(step, look)} `, look.width),
  )
  return [`  ${head}`, ...lines, '']
}

/** `Verify: 57 ok, 1 warning, 1 failed, in 3.4 s`. */
function renderSum({ counts, ok, ms }: VerifyReport, look: Look): string {
  const paint = getPaint(look)
  return `${(ok ? paint.green : paint.red)('Verify:')} ${getCounts(counts)}, in ${getTime(ms)}`
}

/** `57 ok, 1 warning, 1 failed`. */
export function getCounts(counts: VerifyReport['counts']): string {
  const parts = ORDER.filter((state) => state === 'ok' || counts[state] > 0).map((state) => `${counts[state]} ${state}`)
  return parts.reverse().join(', ')
}
