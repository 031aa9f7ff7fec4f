// The picture as a Mermaid flowchart, which many sites for code and notes draw. Every text is quoted, every sign of its grammar a number.
import type { Frame, Group, Picture, Row } from './model.ts'

/** Mermaid draws no more than this, and says so only in its place (`maxEdges`, `maxTextSize`; a document cannot change them). */
const MERMAID_LIMITS = { edges: 500, characters: 50_000 } as const

interface Mermaid {
  readonly text: string
  /** What stands against its being drawn. */
  readonly warnings: readonly string[]
}

/** Lines between guests and networks are left out where there would be too many: the guests' texts name the networks, too. */
export function renderMermaid({ site, summary, things, wires, groups }: Picture): Mermaid {
  const ids = new Map(things.map(({ id }, at) => [id, `t${at}`]))
  const idOf = (thing: string): string => ids.get(thing) ?? 'other'
  const joins = wires.flatMap((wire) => wireLines(wire, idOf))
  const links = groups.flatMap(({ frames }) => frames.flatMap((frame) => networkLines(frame, idOf)))
  const isFull = joins.length + links.length <= MERMAID_LIMITS.edges
  const text = [
    `%% Made by orion bootstrap show`,
    'flowchart LR',
    `  site[${quote([site, summary])}]`,
    ...groups.flatMap((group, at) => groupLines(group, `g${at}`, idOf)),
    ...(isFull ? links : ['  %% too many lines between guests and networks to draw them']),
    ...joins,
    '',
  ].join('\n')
  const edges = joins.length + (isFull ? links.length : 0)
  return { text, warnings: warningsOf({ edges, characters: text.length }) }
}

function warningsOf(size: { edges: number; characters: number }): readonly string[] {
  const { edges, characters } = MERMAID_LIMITS
  return [
    ...(size.edges > edges ? [`Mermaid draws ${edges} lines at most, and here are ${size.edges}`] : []),
    ...(size.characters > characters
      ? [`Mermaid reads ${characters} characters at most, and here are ${size.characters}`]
      : []),
  ]
}

type IdOf = (thing: string) => string

function groupLines({ title, notes, frames }: Group, id: string, idOf: IdOf): readonly string[] {
  const inner = frames.flatMap((frame, at) => frameLines(frame, `${id}f${at}`, idOf))
  if (title === '') return inner
  return [`  subgraph ${id}[${quote([title, ...notes])}]`, ...inner.map((line) => `  ${line}`), '  end']
}

/** A frame without rows is a box; a subgraph must hold something. */
function frameLines({ thing, title, notes, rows }: Frame, id: string, idOf: IdOf): readonly string[] {
  const own = thing === undefined ? id : idOf(thing)
  const text = quote([title, ...notes])
  if (rows.length === 0) return [`  ${own}[${text}]`]
  return [`  subgraph ${own}[${text}]`, ...rows.map((row) => `    ${rowLine(row, idOf)}`), '  end']
}

/** Networks are round, others are boxes. */
function rowLine({ thing, title, tag, notes, tone }: Row, idOf: IdOf): string {
  const text = quote([title, tag, ...notes])
  return tone === undefined ? `${idOf(thing)}[${text}]` : `${idOf(thing)}([${text}])`
}

function networkLines({ lanes, rows }: Frame, idOf: IdOf): readonly string[] {
  return rows.flatMap(({ thing, stops }) =>
    stops.flatMap((stop) => {
      const lane = lanes[stop]
      return lane === undefined ? [] : [`  ${idOf(lane.thing)} --- ${idOf(thing)}`]
    }),
  )
}

/** From the hub to each; without a hub, from each to the next, which shows that they belong together. */
function wireLines({ label, note, hub, members }: Picture['wires'][number], idOf: IdOf): readonly string[] {
  const text = quote(
    [label, note].filter((word) => word !== ''),
    ', ',
  )
  const pairs =
    hub === undefined
      ? members.slice(1).map((member, at) => [members[at] ?? member, member] as const)
      : members.filter((member) => member !== hub).map((member) => [hub, member] as const)
  return pairs.map(([from, to]) => `  ${idOf(from)} <-->|${text}| ${idOf(to)}`)
}

/** Signs that mean nothing to Mermaid, to Markdown, or to HTML. */
const PLAIN = /^[A-Za-z0-9 ,.:/()+_-]$/

/** Lines in quotes; every sign that could mean something is `#NUMBER;`, which Mermaid shows as the sign itself. */
function quote(lines: readonly string[], joint = '<br/>'): string {
  return `"${lines.map(encode).join(joint)}"`
}

function encode(text: string): string {
  const shown = text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu, '\ufffd')
  return [...shown].map((sign) => (PLAIN.test(sign) ? sign : `#${sign.codePointAt(0)};`)).join('')
}
