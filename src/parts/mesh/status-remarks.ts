// What is not as it should be with the mesh, in words, and what to do about it; the same said once for all that it is true of.
import type { Mesh } from '../../site/services.ts'
import { MESH_BIRD } from './bird-names.ts'
import { MIN_MTU, OVERHEAD } from './link-file.ts'
import { endsOf, type Link } from './model.ts'
import { listOf } from './names.ts'
import type { EndRow, LinkRow, LinkState } from './status.ts'
import { keyRemarks, rotateHint } from './status-keys.ts'
import type { WayRow } from './status-ways.ts'

export interface Remark {
  readonly kind: 'wrong' | 'warning'
  readonly text: string
  /** What to do. */
  readonly hint?: string
}

/** Pure. The worst first; [] = all is well. */
export function remarksOf(
  mesh: Pick<Mesh, 'postQuantum' | 'routing'>,
  links: readonly Link[],
  rows: readonly LinkRow[],
  ways: readonly WayRow[],
): readonly Remark[] {
  const byId = new Map(links.map((link) => [link.id, link]))
  // Where a gateway did not answer that is reason enough.
  const heard = rows.filter(({ silent }) => silent.length === 0)
  const isWhole = rows.every(({ state, silent }) => state === 'fresh' && silent.length === 0)
  return [
    ...notThere(rows),
    ...ofState(rows.filter(isBare), 'psk', 'no preshared key, and mesh.postQuantum requires one', 'orion mesh apply'),
    ...ofState(
      rows.filter((row) => !isBare(row)),
      'psk',
      'the two ends do not have the same preshared key',
      rotateHint,
    ),
    ...ofState(heard, 'silent', 'handshakes are fresh, and still nothing comes back', 'orion mesh plan'),
    ...rows.flatMap((row) => noHandshake(row, byId.get(row.link))),
    ...(isWhole ? sessions(rows) : []),
    ...(isWhole ? ofWays(ways) : staticNote(mesh, rows)),
    ...rows.flatMap(({ ends }) => ends.flatMap(mtuOf)),
    ...drained(rows),
    ...keyRemarks(mesh, rows),
  ]
}

/** Both ends are without, or the one that answered is. */
const isBare = ({ psk }: LinkRow): boolean => psk.kind === 'classical' && psk.same !== false

function notThere(rows: readonly LinkRow[]): readonly Remark[] {
  const hint = 'orion mesh apply'
  return [
    ...ofState(rows, 'absent', 'not there yet, or not any more', hint),
    ...ofState(rows, 'down', 'the interface is down', hint),
    ...ofState(rows, 'keys', 'an end has another public key than the other end expects', hint),
  ]
}

function ofState(
  rows: readonly LinkRow[],
  state: LinkState,
  text: string,
  hint: string | ((rows: readonly LinkRow[]) => string),
): readonly Remark[] {
  const found = rows.filter((row) => row.state === state)
  if (found.length === 0) return []
  const names = listOf(found.map(({ link }) => link))
  return [{ kind: 'wrong', text: `${names}: ${text}`, hint: typeof hint === 'string' ? hint : hint(found) }]
}

function noHandshake({ link: name, state, handshakeSeconds, silent, ends }: LinkRow, link: Link | undefined): Remark[] {
  if ((state !== 'stale' && state !== 'never') || link === undefined) return []
  const since = handshakeSeconds === undefined ? 'no handshake yet' : `no handshake for ${timeOf(handshakeSeconds)}`
  const text = `${name}: ${since}`
  if (silent.length > 0) return [{ kind: 'wrong', text }]
  const doors = endsOf(link).flatMap(({ peer, dial }) =>
    dial ? [`UDP ${dial.port} to ${peer.name} (${dial.host})`] : [],
  )
  const closed = ends.filter(({ firewall }) => firewall?.startsWith('enabled')).map(({ gateway }) => gateway)
  const pve = closed.length === 0 ? '' : `; Proxmox VE's own firewall runs on ${closed.join(' and ')}`
  return [{ kind: 'wrong', text, hint: `let ${doors.join(' and ')} through on the way${pve}` }]
}

/** Minutes are enough to see that it is long. */
function timeOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes < 120
    ? `${minutes} min`
    : minutes < 2880
      ? `${Math.floor(minutes / 60)} h`
      : `${Math.floor(minutes / 1440)} d`
}

function sessions(rows: readonly LinkRow[]): readonly Remark[] {
  return rows.flatMap(({ link, ends }) => ends.flatMap((end) => sessionOf(link, end)))
}

function sessionOf(link: string, { gateway, bgp, error }: EndRow): readonly Remark[] {
  if (bgp === undefined || bgp === 'Established') return []
  const text = `${link}: BGP of ${gateway} is ${bgp}${error === undefined ? '' : ` (${error})`}`
  return [{ kind: 'wrong', text, hint: `on ${gateway}, as root: birdc -s ${MESH_BIRD.socket} show protocols all` }]
}

function ofWays(ways: readonly WayRow[]): readonly Remark[] {
  const none = ways.filter(({ now, wanted }) => now.length === 0 && wanted !== undefined).map(pairOf)
  const lost = ways.filter(({ isLost }) => isLost).map(pairOf)
  const other = ways.filter(
    ({ now: [next], wanted, isLost }) => !isLost && next !== undefined && wanted !== undefined && next !== wanted,
  )
  const apart = ways.flatMap(({ from, to, apart: routes }) =>
    routes.map(({ route }) => `${route} of ${to} from ${from}`),
  )
  const hint = 'orion mesh plan'
  return [
    ...(none.length === 0 ? [] : [{ kind: 'wrong', text: `no way: ${listOf(none)}`, hint } as const]),
    ...(lost.length === 0
      ? []
      : [{ kind: 'wrong', text: `a way that does not arrive: ${listOf(lost)}`, hint } as const]),
    ...(apart.length === 0
      ? []
      : [{ kind: 'warning', text: `not the way of its gateway: ${listOf(apart)}`, hint } as const]),
    ...(other.length === 0
      ? []
      : [{ kind: 'warning', text: `another way than wanted: ${listOf(other.map(pairOf))}` } as const]),
  ]
}

function drained(rows: readonly LinkRow[]): readonly Remark[] {
  const links = rows.flatMap(({ link, drainedBy }) => (drainedBy ? `${link} (by ${drainedBy.join(' and ')})` : []))
  if (links.length === 0) return []
  return [{ kind: 'warning', text: `drained, and no rotation is open: ${listOf(links)}`, hint: 'orion mesh apply' }]
}

const pairOf = ({ from, to }: WayRow): string => `${from} to ${to}`

function staticNote({ routing }: Pick<Mesh, 'routing'>, rows: readonly LinkRow[]): readonly Remark[] {
  const isDead = rows.some(({ state }) => state !== 'fresh' && state !== 'unknown')
  return routing === 'static' && isDead
    ? [{ kind: 'warning', text: 'routing is static: what went over a dead link goes nowhere until it is back' }]
    : []
}

function mtuOf({ gateway, peer, mtu, lossPercent }: EndRow): readonly Remark[] {
  if (mtu === undefined || lossPercent === 100) return []
  const { set, inner = set, outer = set } = mtu
  if (inner === 0) return []
  if (inner < set) {
    const hint = `set mesh.gateways.${gateway}.mtu to ${inner + OVERHEAD}, then orion mesh apply`
    return [{ kind: 'wrong', text: `${gateway} to ${peer}: packets of more than ${inner} bytes are lost`, hint }]
  }
  if (outer >= set || outer < MIN_MTU) return []
  const hint = `set mesh.gateways.${gateway}.mtu to ${outer + OVERHEAD}, then orion mesh apply`
  return [
    { kind: 'warning', text: `${gateway} to ${peer}: packets of more than ${outer} bytes travel in two pieces`, hint },
  ]
}
