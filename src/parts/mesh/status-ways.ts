// Which way goes from each gateway to each other now, and which one the preferences of the links want.
import type { Mesh } from '../../site/services.ts'
import { addressesOf } from './look.ts'
import type { GatewayLook } from './look-text.ts'
import type { Gateway, LinkEnd } from './model.ts'
import type { Looks } from './status.ts'
import { staticWaysTo, waysTo } from './way.ts'

export interface WayRow {
  readonly from: string
  readonly to: string
  /** The gateways on the way, without `from`, with `to`; [] = there is none. It ends early where one on it was not asked. */
  readonly now: readonly string[]
  /** All gateways on it were asked, and it does not come to `to`: a circle, or a dead end. */
  readonly isLost?: true
  /** The next gateway, as the site file wants it while every link stands; undefined = there is no way by design. */
  readonly wanted?: string
  /** Routes of `to` that go another way than its own address; undefined `next` = none. */
  readonly apart: readonly { readonly route: string; readonly next?: string }[]
}

/** Pure. From each gateway that answered to each other one, in the order given. */
export function wayRows(
  gateways: readonly Gateway[],
  looks: Looks,
  routing: Mesh['routing'] = 'bgp',
): readonly WayRow[] {
  const wanted = wantedOf(gateways, routing)
  return gateways.flatMap((from) => {
    const look = looks.get(from.name)
    if (look === undefined) return []
    return gateways.filter((to) => to !== from).map((to) => toRow(from, to, look, { gateways, looks, wanted }))
  })
}

type Wanted = ReadonlyMap<Gateway, ReadonlyMap<string, { readonly path: readonly string[] }>>

interface All {
  readonly gateways: readonly Gateway[]
  readonly looks: Looks
  readonly wanted: Wanted
}

const known = new WeakMap<readonly Gateway[], Wanted>()

/** Of the model alone: computed once, however often the gateways are looked at. */
function wantedOf(gateways: readonly Gateway[], routing: Mesh['routing']): Wanted {
  const waysOf = routing === 'bgp' ? waysTo : staticWaysTo
  const wanted = known.get(gateways) ?? new Map(gateways.map((to) => [to, waysOf(gateways, to)]))
  known.set(gateways, wanted)
  return wanted
}

function toRow(from: Gateway, to: Gateway, look: GatewayLook, all: All): WayRow {
  const [first, ...rest] = addressesOf(to)
  const next = nextOf(from, look, first)
  const [wanted] = all.wanted.get(to)?.get(from.name)?.path ?? []
  const apart = rest.flatMap((address, at) => {
    const other = nextOf(from, look, address)?.peer.name
    const route = to.routes[at] ?? address
    return other === next?.peer.name ? [] : [{ route, ...(other === undefined ? {} : { next: other }) }]
  })
  const now = next === undefined ? [] : [next.peer.name, ...furtherOf(next.peer, to, all)]
  const last = now.at(-1)
  return {
    from: from.name,
    to: to.name,
    now,
    ...(last === undefined || last === to.name || all.looks.get(last) === undefined ? {} : { isLost: true }),
    ...(wanted === undefined ? {} : { wanted }),
    apart,
  }
}

/** A way that leaves by another interface than one of ours is none: main's default route would carry it to the Internet. */
function nextOf(from: Gateway, { ways }: GatewayLook, address = ''): LinkEnd | undefined {
  const name = ways.get(address)
  return from.links.find((end) => end.interface === name)
}

/** On from the first gateway of the way, as far as the others told; a circle ends where it closes. */
function furtherOf(first: Gateway, to: Gateway, { looks }: Pick<All, 'looks'>): readonly string[] {
  const names: string[] = []
  const passed = new Set([first.name])
  let at = first
  while (at !== to) {
    const look = looks.get(at.name)
    const next = look && nextOf(at, look, to.address)?.peer
    if (next === undefined) break
    names.push(next.name)
    if (passed.has(next.name)) break
    passed.add(next.name)
    at = next
  }
  return names
}
