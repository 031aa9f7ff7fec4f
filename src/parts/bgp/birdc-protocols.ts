// Protocols of BIRD as `birdc -v show protocols all` tells them: rows by their code, details by their labels.
import { CODE, parseReply } from './birdc.ts'

export interface Protocol {
  readonly name: string
  /** `BGP`, `RPKI`, `Static`, `Kernel`, … */
  readonly kind: string
  /** `up`, `start`, `down`, `stop`, `flush`. */
  readonly state: string
  /** When it came into this state, as BIRD prints it. */
  readonly since: string
  /** The end of its row, e.g. `Established`, `Idle          BGP Error: Role mismatch`. */
  readonly info: string
  /** `BGP state`, `Neighbor address`, `Last error`, … of the protocol itself. */
  readonly fields: ReadonlyMap<string, string>
  readonly capabilities: { readonly local: readonly string[]; readonly neighbor: readonly string[] }
  readonly channels: readonly Channel[]
}

export interface Channel {
  /** `ipv4`, `ipv6`, `roa4`, … */
  readonly name: string
  readonly fields: ReadonlyMap<string, string>
  /** Only of a channel that is up. `filtered` only where rejected routes are kept. */
  readonly routes: { readonly [kind in RouteKind]?: number }
  readonly limits: readonly Limit[]
}

export type RouteKind = 'imported' | 'filtered' | 'exported' | 'preferred'

export interface Limit {
  readonly kind: 'receive' | 'import' | 'export'
  readonly limit: number
  /** It is reached, and `action` is in force. */
  readonly hit: boolean
  readonly action?: string
}

/** Pure; a row that cannot be read is left out with its details. */
export function parseProtocols(text: string): readonly Protocol[] {
  const protocols: Protocol[] = []
  let open = false
  for (const { code, lines } of parseReply(text).blocks) {
    if (code === CODE.protocol) {
      const rows = lines.map(parseRow)
      protocols.push(...rows.filter((row) => row !== undefined))
      open = rows.at(-1) !== undefined
    } else if (code === CODE.protocolDetails && open) {
      const last = protocols.pop()
      if (last) protocols.push({ ...last, ...parseDetails(lines) })
    }
  }
  return protocols
}

// Since is one word, or two with `timeformat protocol iso long`.
const ROW = /^(\S+)\s+(\S+)\s+(\S+)\s+([a-z]\S*)\s+(\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d\S*)?|\d\S*)(?:\s+(.*))?$/

function parseRow(line: string): Protocol | undefined {
  const [, name, kind, , state, since, info = ''] = ROW.exec(line) ?? []
  if (name === undefined || kind === undefined || state === undefined || since === undefined) return undefined
  const nothing = { fields: new Map(), capabilities: { local: [], neighbor: [] }, channels: [] }
  return { name, kind, state, since, info: info.trim(), ...nothing }
}

type Details = Pick<Protocol, 'fields' | 'capabilities' | 'channels'>

function parseDetails(lines: readonly string[]): Details {
  const at = lines.flatMap((line, index) => (/^\s*Channel \S+\s*$/.test(line) ? [index] : []))
  const head = lines.slice(0, at[0] ?? lines.length)
  const channels = at.map((start, index) => parseChannel(lines.slice(start, at[index + 1] ?? lines.length)))
  const capabilities = {
    local: listUnder(head, 'Local capabilities'),
    neighbor: listUnder(head, 'Neighbor capabilities'),
  }
  return { fields: parseFields(head), capabilities, channels }
}

/** `Key:   value`, also `Refresh timer   : 1/2`; the first one of a name counts. */
function parseFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, key, value] = /^\s*([A-Za-z][A-Za-z0-9 -]*?)\s*:\s+(.*?)\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, value)
  }
  return fields
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** What stands deeper than a label: its items, and what belongs to them in brackets. */
function listUnder(lines: readonly string[], label: string): readonly string[] {
  const start = lines.findIndex((line) => line.trim() === label)
  const depth = indentOf(lines[start] ?? '')
  const rest = start < 0 ? [] : lines.slice(start + 1)
  const end = rest.findIndex((line) => indentOf(line) <= depth)
  const inside = end < 0 ? rest : rest.slice(0, end)
  const least = Math.min(...inside.map(indentOf))
  const items: string[] = []
  for (const line of inside) {
    const text = line.trim()
    if (indentOf(line) === least) items.push(text)
    // A detail without a value (`AF preserved:`) says nothing.
    else if (!text.endsWith(':')) items.push(`${items.pop() ?? ''} (${text})`.replace(/\) \(/, ', '))
  }
  return items
}

function parseChannel(lines: readonly string[]): Channel {
  const name = /Channel (\S+)/.exec(lines[0] ?? '')?.[1] ?? ''
  const fields = parseFields(lines)
  const counts = [...(fields.get('Routes') ?? '').matchAll(/(\d+) (imported|filtered|exported|preferred)\b/g)]
  const routes = Object.fromEntries(counts.map(([, number, kind]) => [kind, Number(number)]))
  const limits = lines.flatMap((line, at) => parseLimit(line, lines[at + 1] ?? ''))
  return {
    name,
    fields,
    routes,
    limits: limits.map((limit) => ({ ...limit, hit: limit.hit && isReached(limit, routes) })),
  }
}

/** BIRD 3.1 says `[HIT]` for ever after, also where the limit was raised meanwhile. */
function isReached({ kind, limit }: Limit, { imported, filtered = 0, exported }: Channel['routes']): boolean {
  const counts = {
    import: imported,
    receive: imported === undefined ? undefined : imported + filtered,
    export: exported,
  }
  return (counts[kind] ?? limit) >= limit
}

function parseLimit(line: string, next: string): Limit[] {
  const [, kind, limit, hit] = /^\s*(Receive|Import|Export) limit:\s+(\d+)(\s+\[HIT\])?/.exec(line) ?? []
  if (kind === undefined || limit === undefined) return []
  const action = /^\s*Action:\s+(\S+)/.exec(next)?.[1]
  const known = { kind: kind.toLowerCase() as Limit['kind'], limit: Number(limit), hit: hit !== undefined }
  return [action === undefined ? known : { ...known, action }]
}
