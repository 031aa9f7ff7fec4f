// The wanted file: what is there, with the interfaces that the site file names put in their places. The rest stays byte for byte.
import { type Line, parse, print, type Segment, type Stanza } from './interfaces-file.ts'
import type { Family } from './interfaces-ip.ts'
import { isManaged } from './interfaces-options.ts'
import { insert, spotFor } from './interfaces-spot.ts'
import { emptyFile, familiesOf, hasForeign, isPlain, type Surroundings, stanzaOf } from './interfaces-stanza.ts'
import type { Wanted } from './interfaces-wanted.ts'

/**
 * The file as it shall be. Pure, and the same when merged again. `text` undefined = there is none. Named interfaces are replaced
 * where they stand; missing ones come after the last one of their kind or of a kind before it, in Proxmox's order; `source` lines stay last.
 */
export function merge(text: string | undefined, wanted: readonly Wanted[]): string {
  if (wanted.length === 0) return text ?? ''
  let segments = parse(text ?? emptyFile({}))
  const before = segments.filter((segment) => segment.kind === 'stanza')
  const around = { gateways: gatewaysOf(wanted), ports: usedPorts(wanted), before }
  for (const one of wanted) segments = withoutLeftovers(segments, one, wanted)
  for (const one of wanted) segments = place(segments, one, wanted, around)
  return print(segments) === `${text}\n` ? (text ?? '') : print(segments)
}

function gatewaysOf(wanted: readonly Wanted[]): Surroundings['gateways'] {
  const families: readonly Family[] = ['inet', 'inet6']
  const named = (family: Family) =>
    wanted.some((one) => 'addressing' in one && one.addressing[family]?.gateway !== undefined)
  return new Set(families.filter(named))
}

function usedPorts(wanted: readonly Wanted[]): Surroundings['ports'] {
  return new Set(
    wanted.flatMap((one) =>
      one.kind === 'bond' ? one.bond.ports : one.kind === 'bridge' && one.port ? [one.port] : [],
    ),
  )
}

const isStanzaOf =
  (name: string, family?: string) =>
  (segment: Segment): segment is Stanza =>
    segment.kind === 'stanza' && segment.name === name && (family === undefined || segment.family === family)

/** Takes away what the site file no longer wants of a named interface: a second stanza of a family, IPv6, aliases. */
function withoutLeftovers(segments: readonly Segment[], one: Wanted, wanted: readonly Wanted[]): readonly Segment[] {
  const names = new Set(wanted.map(({ name }) => name))
  const isAlias = (name: string) => name.startsWith(`${one.name}:`) && !names.has(name)
  const families: readonly string[] = familiesOf(one)
  const goes = (segment: Segment) =>
    segment.kind === 'stanza' &&
    (isAlias(segment.name) || (segment.name === one.name && !families.includes(segment.family) && !isBare(segment)))
  return segments.flatMap((segment, index) => {
    if (segment.kind === 'start') return withoutNames(segment, isAlias)
    if (goes(segment)) return segment.kind === 'stanza' && hasForeign(segment) ? [toBare(segment, one)] : []
    return segment.kind === 'gap' && segment.raw.trim() === '' && isBetween(segments, index, goes) ? [] : [segment]
  })
}

/** A blank line right before a stanza that goes. */
function isBetween(segments: readonly Segment[], index: number, goes: (segment: Segment) => boolean): boolean {
  const next = segments[index + 1]
  return next?.kind === 'stanza' && goes(next) && !hasForeign(next)
}

const isBare = (stanza: Stanza): boolean =>
  stanza.method === 'manual' && !stanza.body.some(({ key }) => key === 'address')

/** What is left of a stanza without an address: `manual`, with the lines that are not orion's. */
function toBare(stanza: Stanza, wanted: Wanted): Stanza {
  const addressing = ['address', 'netmask', 'gateway', 'broadcast', 'network']
  const isOwn = (line: Line) => (isPlain(wanted) ? addressing.includes(line.key) : isManaged(line, false))
  return {
    ...stanza,
    raw: `iface ${stanza.name} ${stanza.family} manual`,
    method: 'manual',
    body: stanza.body.filter((line) => !isOwn(line)),
  }
}

function withoutNames(
  segment: Extract<Segment, { kind: 'start' }>,
  goes: (name: string) => boolean,
): readonly Segment[] {
  const names = segment.names.filter((name) => !goes(name))
  if (names.length === segment.names.length) return [segment]
  return names.length === 0 ? [] : [{ ...segment, names, raw: `${segment.word} ${names.join(' ')}` }]
}

/** Each family's stanza of one interface in its place; the first one with its `auto` line, where nothing starts it yet. */
function place(
  segments: readonly Segment[],
  one: Wanted,
  wanted: readonly Wanted[],
  around: Surroundings,
): readonly Segment[] {
  let now = segments
  let after = -1
  familiesOf(one).forEach((family, index) => {
    const have = now.filter(isStanzaOf(one.name, family))
    const auto = index === 0 && one.auto && !isStarted(now, one.name)
    const added = parse(stanzaOf(one, family, have, auto, around))
    const [first] = have
    if (first) {
      const at = now.indexOf(first)
      now = now.flatMap((segment, where) => {
        if (where === at) return added
        return have.some((stanza) => stanza === segment) ? [] : [segment]
      })
      after = at + added.length
    } else {
      const spot = index > 0 && after >= 0 ? after : spotFor(now, one, wanted)
      now = insert(now, spot, added)
      after = now.findLastIndex((segment) => segment.kind === 'stanza' && segment.name === one.name) + 1
    }
  })
  return now
}

const isStarted = (segments: readonly Segment[], name: string): boolean =>
  segments.some((segment) => segment.kind === 'start' && segment.word === 'auto' && segment.names.includes(name))
