// What connects nodes, guests and the outside in the picture: BGP sessions, tunnels of the mesh, Tailscale.
import type { Mesh } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { endsOf, getMesh, type Link } from '../mesh/model.ts'
import type { Fact, Thing, Wire } from './model.ts'
import { facts, joined } from './words.ts'

interface Drawn {
  readonly wires: readonly Wire[]
  readonly things: readonly Thing[]
}

type Plain = Omit<Wire, 'thing' | 'tone'> & { readonly id: string; readonly facts: readonly Fact[] }

/** Every tunnel is on one wire: those of a hub share one, and in a full mesh all do. */
export function drawWires(site: Site): Drawn {
  const place = placesOf(site)
  const plain = [...bgpWires(site, place), ...meshWires(site, place), ...tailscaleWires(site, place)]
  const wires = plain.map(({ id, facts: _, ...wire }, at) => ({ ...wire, thing: id, tone: site.networks.length + at }))
  const things = plain.map(({ id, kind, label, note, facts: known, members }): Thing => {
    const words = { bgp: 'BGP sessions', mesh: 'tunnels', tailscale: 'tunnels' }
    return { id, kind: words[kind], name: note === '' ? label : note, facts: known, related: members }
  })
  return { wires, things }
}

type Place = (name: string) => string

/** Id of the node or guest of this name. */
function placesOf({ nodes }: Site): Place {
  const known = new Set(nodes.map(({ name }) => name))
  return (name) => (known.has(name) ? `node:${name}` : `guest:${name}`)
}

function bgpWires({ bgp }: Site, place: Place): readonly Plain[] {
  if (bgp === undefined || bgp.peers.length === 0) return []
  const hub = place(bgp.router)
  const known = facts({
    Router: bgp.router,
    'Router ID': bgp.routerId,
    Daemon: bgp.daemon,
    Announces: joined(bgp.announce),
    Blackhole: joined(bgp.blackhole),
    'Routes validated': bgp.rpki === undefined ? 'no' : 'yes, by RPKI',
  })
  const members = [hub, ...bgp.peers.map(({ name }) => `peer:${name}`)]
  return [
    {
      id: 'wire:bgp',
      kind: 'bgp',
      label: `BGP AS${bgp.asn}`,
      note: `of ${bgp.router}`,
      hub,
      members,
      facts: known,
    },
  ]
}

function meshWires(site: Site, place: Place): readonly Plain[] {
  const { mesh } = site
  if (mesh === undefined) return []
  const { links, gateways } = getMesh(site)
  const isFull = mesh.topology === 'full'
  const straight = links.filter(({ kinds }) => kinds.has('direct'))
  const all = gateways.map(({ name }) => place(name))
  const whole = {
    id: 'wire:mesh',
    label: 'mesh',
    note: 'each with each',
    members: all,
    facts: meshFacts(mesh, straight),
  }
  const full: readonly Plain[] = isFull && all.length > 1 ? [{ ...whole, kind: 'mesh' }] : []
  const pairs = isFull ? [] : straight.map((link) => pairWire(link, place))
  const stars = gateways.flatMap(({ name }) => starWires(mesh, name, { links, place }))
  return [...stars, ...full, ...pairs]
}

interface Ways {
  readonly links: readonly Link[]
  readonly place: Place
}

/** Links of the hub or the bypass, and the clients that dial this gateway. A link that is straight, too, has a wire of its own. */
function starWires(mesh: Mesh, name: string, { links, place }: Ways): readonly Plain[] {
  const kind = name === mesh.hub ? 'hub' : name === mesh.bypass?.hub ? 'bypass' : undefined
  const own = links.filter((link) => kind && link.kinds.has(kind) && (link.a.name === name || link.b.name === name))
  const others = own.map(({ a, b }) => place(a.name === name ? b.name : a.name))
  const clients = mesh.clients.filter(({ gateway }) => gateway === name).map((client) => `client:${client.name}`)
  if (others.length + clients.length === 0) return []
  const note = kind === undefined ? `clients of ${name}` : `${kind} ${name}`
  const hub = place(name)
  const star = { id: `wire:star/${name}`, hub, members: [hub, ...others, ...clients], facts: meshFacts(mesh, own) }
  return [{ ...star, kind: 'mesh', label: 'mesh', note }]
}

function pairWire(link: Link, place: Place): Plain {
  const { a, b, id } = link
  const ends = { members: [place(a.name), place(b.name)], facts: linkFacts([link]) }
  return { id: `wire:link/${id}`, kind: 'mesh', label: 'mesh', note: `${a.name} – ${b.name}`, ...ends }
}

function meshFacts({ network, port, postQuantum, routing }: Mesh, links: readonly Link[]): readonly Fact[] {
  const known = facts({
    Network: network,
    'Port of clients': String(port),
    Routing: routing,
    'Post-quantum keys': postQuantum && `${postQuantum.kem}${postQuantum.required ? '' : ', where both ends can'}`,
  })
  return [...known, ...linkFacts(links)]
}

/** More than this nobody reads. */
const MAX_LINKS = 50

/** `['fra-1 – van-1', 'wg-van-1 UDP 51821, wg-fra-1 UDP 51825']` */
function linkFacts(links: readonly Link[]): readonly Fact[] {
  const shown = links.slice(0, MAX_LINKS).map((link): Fact => {
    const ends = endsOf(link).map((end) => `${end.interface} UDP ${end.listenPort}`)
    return [`${link.a.name} – ${link.b.name}`, ends.join(', ')]
  })
  const more = links.length - shown.length
  return more > 0 ? [...shown, ['More tunnels', String(more)]] : shown
}

function tailscaleWires({ mesh }: Site, place: Place): readonly Plain[] {
  const tailscale = mesh?.tailscale
  if (tailscale === undefined) return []
  const known = facts({ Routes: joined(tailscale.routes), Tags: joined(tailscale.tags), Port: String(tailscale.port) })
  return [
    {
      id: 'wire:tailscale',
      kind: 'tailscale',
      label: 'Tailscale',
      note: '',
      members: tailscale.hosts.map(place),
      facts: known,
    },
  ]
}
