// What stands around the nodes in the picture: networks with their addresses; BGP peers and people's devices outside.
import type { BgpPeer, MeshClient } from '../../site/services.ts'
import type { Network, Site } from '../../site/site.ts'
import type { Frame, Piece, Row, Thing } from './model.ts'
import { facts, joined } from './words.ts'

/** Every network of the site with its addresses, also one without a bridge. */
export function drawNetworks({ networks }: Site): Piece<Frame> {
  const rows = networks.map((network, tone): Row => {
    const { name, ipv4, ipv6, bridge, vlan, router } = network
    const cidrs = [ipv4, ipv6].filter((one) => one !== undefined)
    const tag = [bridge ?? 'no bridge', ...(vlan === undefined ? [] : [`VLAN ${vlan}`])].join(' ')
    const notes = [
      ...cidrs,
      ...(router === undefined ? [] : [`routed by ${router}`]),
      ...(network.isolated ? ['isolated'] : []),
    ]
    return { thing: `network:${name}`, title: name, tag, notes, tone, stops: [] }
  })
  return { drawn: { title: 'Networks', notes: [], lanes: [], rows }, things: networks.map(networkThing) }
}

function networkThing({ name, dhcp, ...network }: Network): Thing {
  return {
    id: `network:${name}`,
    kind: 'network',
    name,
    facts: facts({
      IPv4: network.ipv4,
      IPv6: network.ipv6,
      Gateway: joined([network.gateway, network.gateway6].filter((one) => one !== undefined)),
      Router: network.router,
      DHCP: dhcp && `${dhcp.first} to ${dhcp.last}`,
      DNS: joined(network.dns),
      Bridge: network.bridge,
      VLAN: network.vlan === undefined ? undefined : String(network.vlan),
      MTU: network.mtu === undefined ? undefined : String(network.mtu),
      Isolated: network.isolated ? 'yes: reaches the internet, and no other network of the site' : undefined,
    }),
    related: network.router === undefined ? [] : [`guest:${network.router}`],
  }
}

/** Who is connected with the site and not of it. */
export function drawOutside({ bgp, mesh }: Site): Piece<Frame> {
  const pieces = [...(bgp?.peers ?? []).map(drawPeer), ...(mesh?.clients ?? []).map(drawClient)]
  const rows = pieces.map(({ drawn }) => drawn)
  return { drawn: { title: 'Outside', notes: [], lanes: [], rows }, things: pieces.flatMap(({ things }) => things) }
}

function drawPeer(peer: BgpPeer): Piece<Row> {
  const { name, asn, address, relation } = peer
  const protection = [
    ...(peer.password ? [peer.authentication === 'md5' ? 'TCP MD5' : 'TCP-AO'] : []),
    ...(peer.ttlSecurity ? ['TTL security'] : []),
    ...(peer.requireRole ? ['role required'] : []),
  ]
  const row: Row = { thing: `peer:${name}`, title: name, tag: `AS${asn}`, notes: [relation, address], stops: [] }
  const thing: Thing = {
    id: row.thing,
    kind: 'BGP peer',
    name,
    facts: facts({
      AS: String(asn),
      Address: address,
      'Local address': peer.localAddress,
      Relation: peer.routeServer ? `${relation}, route server` : relation,
      Hops: peer.multihop === undefined ? undefined : `${peer.multihop} at most`,
      Prefixes: peer.maxPrefixes === undefined ? undefined : `${peer.maxPrefixes} at most`,
      'AS-SET': peer.asSet,
      'Only from': joined(peer.prefixes),
      Protection: joined(protection),
      BFD: peer.bfd ? 'yes' : undefined,
      'Local preference': String(peer.localPreference),
    }),
    related: [],
  }
  return { drawn: row, things: [thing] }
}

function drawClient({ name, address, gateway }: MeshClient): Piece<Row> {
  const row: Row = { thing: `client:${name}`, title: name, tag: 'mesh client', notes: [address], stops: [] }
  const known = facts({ Address: address, Dials: gateway })
  return { drawn: row, things: [{ id: row.thing, kind: 'mesh client', name, facts: known, related: [] }] }
}
