// The page of `orion bgp hygiene`: the rules of a well-kept border router, for the router and for each of its peers.
import { getPaint, type Look } from './paint.ts'
import { clean, count, indent } from './text.ts'

export interface RuleLine {
  readonly title: string
  readonly peer?: string
  readonly state: 'on' | 'off' | 'not possible'
  readonly why: string
  readonly standard: string
  readonly live: boolean
}

export interface HygieneLines {
  readonly router: string
  readonly rows: readonly RuleLine[]
  readonly irr: readonly SetLine[]
}

export interface SetLine {
  readonly peer: string
  readonly asSet: string
  readonly prefixes: number
  readonly why?: string
}

const COLOURS = { on: 'green', off: 'yellow', 'not possible': 'dim', 'not live': 'red' } as const

/** Pure. Ends without a line feed. What is not on has its reason below it; what is so of several sessions is said once. */
export function renderHygiene({ router, rows, irr }: HygieneLines, look: Look): string {
  const pages = pagesOf(rows, irr).map(({ peers, about, sets }) => {
    const head =
      peers.length === 0 ? clean(router) : `${peers.length === 1 ? 'session' : 'sessions'} ${peers.join(', ')}`
    const heads = indent(head, '', look.width).map((line) => getPaint(look).bold(line))
    return [...heads, ...renderRules(about, look), ...sets.flatMap((set) => showSet(set, look))].join('\n')
  })
  return [summary(rows), ...pages, ...renderMissing(rows, look)].join('\n\n')
}

interface Page {
  /** None = the router. */
  readonly peers: readonly string[]
  readonly about: readonly RuleLine[]
  readonly sets: readonly SetLine[]
}

/** One for the router, then one for each set of peers of which the same is said: those of most peers first. */
function pagesOf(rows: readonly RuleLine[], irr: readonly SetLine[]): readonly Page[] {
  const alike = new Map<string, RuleLine[]>()
  for (const row of rows) {
    const key = JSON.stringify({ ...row, why: toAnyPeer(row), peer: row.peer !== undefined })
    alike.set(key, [...(alike.get(key) ?? []), row])
  }
  const pages = new Map<string, { peers: string[]; about: RuleLine[]; sets: SetLine[] }>()
  const pageOf = (peers: string[]) => {
    const page = pages.get(JSON.stringify(peers)) ?? { peers, about: [], sets: [] }
    pages.set(JSON.stringify(peers), page)
    return page
  }
  for (const same of alike.values()) {
    const about = same.slice(0, 1).map((row) => (same.length === 1 ? row : { ...row, why: toAnyPeer(row) }))
    pageOf(same.flatMap(({ peer }) => peer ?? [])).about.push(...about)
  }
  for (const set of irr) pageOf([set.peer]).sets.push(set)
  const rank = ({ peers: { length } }: Page) => (length === 0 ? Number.MAX_VALUE : length)
  return [...pages.values()].toSorted((a, b) => rank(b) - rank(a))
}

/** The reason of a row as it is for whichever of its peers: keys of the site file have a peer's name in them. */
function toAnyPeer({ why, peer }: RuleLine): string {
  return peer === undefined ? why : why.replaceAll(`bgp.peers.${peer}.`, 'bgp.peers.PEER.')
}

function renderRules(rows: readonly RuleLine[], look: Look): string[] {
  const width = Math.max(0, ...rows.map((row) => stateOf(row).length)) + 2
  return rows.toSorted(byState).flatMap((row) => {
    const state = stateOf(row)
    // Of a rule that is on, `why` is what it stands at: a number, an agreement.
    const at = state === 'on' && row.why !== '' ? `: ${row.why}` : ''
    const lines = indent(`${row.title}${at} (${row.standard})`, state.padEnd(width), look.width)
    const shown = lines.map((line, at) =>
      at === 0 ? line.replace(state, getPaint(look)[COLOURS[state]](state)) : line,
    )
    return [...shown, ...reasonOf(row, ' '.repeat(width), look)]
  })
}

/** What is missing stands before what is kept. */
const ORDER = ['not live', 'off', 'not possible', 'on']

const byState = (a: RuleLine, b: RuleLine): number => ORDER.indexOf(stateOf(a)) - ORDER.indexOf(stateOf(b))

function stateOf({ state, live }: RuleLine): keyof typeof COLOURS {
  return live ? state : 'not live'
}

function reasonOf({ live, state, why }: RuleLine, margin: string, look: Look): string[] {
  if (!live || state === 'on' || why === '') return []
  return indent(why, margin, look.width).map((line) => getPaint(look).dim(line))
}

function showSet({ asSet, prefixes, why }: SetLine, look: Look): string[] {
  const line = `${clean(asSet)}: ${count(prefixes, 'prefix', 'prefixes')}`
  return [
    ...indent(line, '', look.width),
    ...(why === undefined ? [] : indent(why, '  ', look.width).map((text) => getPaint(look).yellow(text))),
  ]
}

const countOf = (rows: readonly RuleLine[], state: keyof typeof COLOURS): number =>
  rows.filter((row) => stateOf(row) === state).length

function summary(rows: readonly RuleLine[]): string {
  const missing = countOf(rows, 'not live')
  const states = (['on', 'off', 'not possible'] as const).map((state) => `${countOf(rows, state)} ${state}`)
  return [...states, ...(missing > 0 ? [`${missing} not live`] : [])].join(', ')
}

function renderMissing(rows: readonly RuleLine[], look: Look): string[] {
  const missing = countOf(rows, 'not live')
  if (missing === 0) return []
  const lines = indent(
    `${missing} not live: the router does not keep ${missing === 1 ? 'this' : 'these'} yet`,
    '',
    look.width,
  )
  return [[...lines, getPaint(look).cyan('  Try: orion bgp apply')].join('\n')]
}
