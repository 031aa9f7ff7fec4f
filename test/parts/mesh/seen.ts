// What a gateway of a model would say to orion-mesh-look, as text: a whole mesh that is as wanted, and what a test makes of it.
import { addressesOf } from '../../../src/parts/mesh/look.ts'
import { type GatewayLook, parseLook } from '../../../src/parts/mesh/look-text.ts'
import type { Gateway, LinkEnd } from '../../../src/parts/mesh/model.ts'
import { waysTo } from '../../../src/parts/mesh/way.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const NOW = 1_800_000_000

export interface EndFacts {
  readonly state: 'up' | 'down' | 'absent'
  readonly handshakeSeconds: number | undefined
  readonly publicKey: string
  readonly peerKey: string
  readonly psk: string | undefined
  readonly pskDays: number
  readonly isRotating: boolean
  readonly isDrained: boolean
  readonly received: number
  readonly rttMs: number
  readonly inner: number | '-'
  readonly outer: number | '-'
  readonly bgp: string
}

/** Changes of what is as wanted, for the ends of which it says something. */
export type Change = (end: LinkEnd) => Partial<EndFacts>

const keyOf = (own: Gateway, peer: Gateway): string => `key-${own.name}-${peer.name}`

function factsOf(end: LinkEnd, change: Change): EndFacts {
  return {
    state: 'up',
    handshakeSeconds: 12 + end.own.number,
    publicKey: keyOf(end.own, end.peer),
    peerKey: keyOf(end.peer, end.own),
    psk: 'a1b2c3d4e5f60718',
    pskDays: 3,
    isRotating: false,
    isDrained: false,
    received: 5,
    rttMs: 10 * end.peer.number + 0.8,
    inner: 1420,
    outer: '-',
    bgp: 'Established',
    ...change(end),
  }
}

/** Everything of one gateway, its ways over the links that are up; `more`: lines of its own. */
export function lookText(gateways: readonly Gateway[], own: Gateway, change: Change = () => ({}), more = ''): string {
  const links = own.links.flatMap((end) => linkLines(end, factsOf(end, change)))
  const isThere = (end: LinkEnd) => factsOf(end, change).received > 0 && factsOf(end, change).state === 'up'
  const ways = gateways.flatMap((to) => {
    const [next] = waysTo(gateways, to, isThere).get(own.name)?.path ?? []
    const dev = own.links.find(({ peer }) => peer.name === next)?.interface
    if (dev === undefined) return []
    return addressesOf(to).map((dst) => `way ${JSON.stringify([{ dst, dev, flags: [], uid: 0, cache: [] }])}`)
  })
  return [`now ${NOW}`, ...links, ...ways, ...(more === '' ? [] : [more]), 'end', ''].join('\n')
}

function linkLines(end: LinkEnd, facts: EndFacts): readonly string[] {
  const name = end.interface
  if (facts.state === 'absent') return [`link ${name} absent`]
  const handshake = facts.handshakeSeconds === undefined ? 0 : NOW - facts.handshakeSeconds
  const endpoint = `203.0.113.${end.peer.number}:${51_820 + end.own.number}`
  return [
    `ping ${name} 5 ${facts.received} ${facts.received > 0 ? facts.rttMs : '-'}`,
    `inner ${name} ${facts.inner}`,
    `outer ${name} ${facts.outer}`,
    `link ${name} ${facts.state} 1420`,
    ...(facts.psk === undefined
      ? []
      : [`state ${name} kind=ml-kem-768 at=${NOW - facts.pskDays * 86_400} id=${facts.psk}`]),
    ...(facts.isRotating ? [`rotating ${name}`] : []),
    ...(facts.isDrained ? [`drained ${name}`] : []),
    `wg ${name} ${facts.publicKey} ${end.listenPort}`,
    `peer ${name} ${facts.peerKey} ${facts.psk === undefined ? 'none' : 'set'} ${endpoint} ${handshake} 9228 9140 off`,
    `bgp 1002-${name}  BGP        ---        up     2026-11-21 18:16:11  ${facts.bgp}`,
    `bgp 1006-  BGP state:          ${facts.bgp}`,
    `bgp          Neighbor address: ${end.remote}%${name}`,
    ...(facts.bgp === 'Established' ? [] : ['bgp          Last error:       Socket: Connection refused']),
    'bfd 1020-bfd1:',
    `bfd      ${end.remote}   ${name}     ${facts.received > 0 ? 'Up' : 'Down'}   2026-11-21 18:16:10    0.300    0.900`,
  ]
}

/** Of all gateways but those that do not answer. */
export function looksOf(
  gateways: readonly Gateway[],
  change: Change = () => ({}),
  silent: readonly string[] = [],
): ReadonlyMap<string, GatewayLook | undefined> {
  return new Map(
    gateways.map((own) => [
      own.name,
      silent.includes(own.name) ? undefined : parseLook(lookText(gateways, own, change)),
    ]),
  )
}

/** A hub, a bypass and two spokes that have both: five links. */
export function fourGateways(): Site {
  const names = ['hub', 'byp', 'spa', 'spb']
  return site({
    nodes: names.map((name) => node(name)),
    mesh: mesh(
      names.map((name, at) => gateway(name, `10.99.0.${at + 1}`, { number: at + 1 })),
      { topology: 'hub', hub: 'hub', bypass: { hub: 'byp' } },
    ),
  })
}
