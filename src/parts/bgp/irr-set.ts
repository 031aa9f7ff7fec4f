// The prefixes that an AS-SET registers: as bgpq4 tells them (JSON), and as BIRD's set in the file that keeps the last good ones.
import { type Family, formatIp, formatNetwork, parseCidr } from '../../site/ip.ts'

/** A prefix and the lengths of what is taken of it. */
export interface IrrPrefix {
  readonly prefix: string
  readonly least: number
  readonly most: number
}

/** Prefixes that stand for none: a set of BIRD's has a type, and these addresses are never announced. */
const NOTHING = { 4: '0.0.0.0/32', 6: '::/128' } as const
const LATER = '# Asked once the router runs: until then, none.'

/**
 * The output of `bgpq4 -j -l PFX`. Errors: a plain Error for anything else: what a registry says is not ours to trust, and it
 * ends up in a configuration.
 */
export function parseAnswer(json: string, family: Family): readonly IrrPrefix[] {
  const { PFX: rows } = JSON.parse(json) as { PFX?: unknown }
  if (!Array.isArray(rows)) throw new Error('the answer has another form')
  return rows.map((row: unknown) => toPrefix(row, family))
}

function toPrefix(row: unknown, family: Family): IrrPrefix {
  const given: Readonly<Record<string, unknown>> = typeof row === 'object' && row !== null ? { ...row } : {}
  const { prefix, exact, 'greater-equal': least, 'less-equal': most } = given
  const cidr = typeof prefix === 'string' ? parseCidr(prefix) : undefined
  if (typeof prefix !== 'string' || cidr?.family !== family) throw new Error('the answer has what is no prefix')
  const from = exact === true ? cidr.prefix : Number(least ?? cidr.prefix)
  const to = exact === true ? cidr.prefix : Number(most ?? cidr.prefix)
  const fits = Number.isInteger(from) && Number.isInteger(to) && cidr.prefix <= from && from <= to
  if (!fits || to > (family === 4 ? 32 : 128)) throw new Error(`the answer has lengths of ${prefix} that cannot be`)
  return { prefix: formatNetwork(cidr), least: from, most: to }
}

/** The definition as a file for BIRD; `names` on its first line tells later whose set it is. Pure. */
export function renderSet(symbol: string, names: string, set: readonly IrrPrefix[], family: Family): string {
  const rows = set.length === 0 ? [NOTHING[family]] : set.map(showPrefix)
  const body = rows.map((row, at) => `  ${row}${at < rows.length - 1 ? ',' : ''}`)
  // Only the plan of a router that does not run yet has an empty one.
  const head = set.length === 0 ? [headOf(names), LATER] : [headOf(names)]
  return [...head, `define IRR_${symbol} = [`, ...body, '];', ''].join('\n')
}

/** The set of a file by `renderSet`; undefined where there is none of the same `names`, or an empty one. Pure. */
export function parseSet(text: string | undefined, names: string): readonly IrrPrefix[] | undefined {
  const [head, ...lines] = (text ?? '').split('\n')
  if (head !== headOf(names)) return undefined
  const set = lines.flatMap((line) => {
    const [, prefix, least, most] = /^ {2}([0-9a-f:.]+\/\d+)\{(\d+),(\d+)\},?$/.exec(line) ?? []
    return prefix === undefined ? [] : [{ prefix, least: Number(least), most: Number(most) }]
  })
  return set.length === 0 ? undefined : set
}

export interface Change {
  /** How many prefixes there were and are, as they are registered. */
  readonly before: number
  readonly after: number
  /** How much of the old set came or went, of its size: 0.3 = three in ten. */
  readonly share: number
}

/** Pure. */
export function changeOf(before: readonly IrrPrefix[], after: readonly IrrPrefix[]): Change {
  const [old, now] = [new Set(before.flatMap(registered)), new Set(after.flatMap(registered))]
  const gone = [...old].filter((one) => !now.has(one)).length
  const come = [...now].filter((one) => !old.has(one)).length
  return { before: old.size, after: now.size, share: (gone + come) / old.size }
}

/** A row is taken apart into so many, at most. */
const MOST_PARTS = 1024

/**
 * bgpq4 joins neighbours: `2a0e:2::/31{32,48}` is two prefixes of /32, and would be another row with every neighbour that comes or
 * goes. Taken apart again, one that comes is one.
 */
function registered(row: IrrPrefix): readonly string[] {
  const cidr = parseCidr(row.prefix)
  const parts = cidr === undefined ? 1 : 2 ** (row.least - cidr.prefix)
  if (cidr === undefined || parts === 1 || parts > MOST_PARTS) return [showPrefix(row)]
  const size = 1n << BigInt((cidr.family === 4 ? 32 : 128) - row.least)
  return Array.from({ length: parts }, (_, at) => {
    const prefix = `${formatIp(cidr.family, cidr.first + BigInt(at) * size)}/${row.least}`
    return showPrefix({ ...row, prefix })
  })
}

function showPrefix({ prefix, least, most }: IrrPrefix): string {
  return `${prefix}{${least},${most}}`
}

function headOf(names: string): string {
  return `# Made by orion: the prefixes of ${names}`
}
