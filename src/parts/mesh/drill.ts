// A drill as it is planned: what is cut and where, which pairs must find another way, and who watches.
import { OrionError } from '../../errors.ts'
import type { Site } from '../../site/site.ts'
import { endsOf, type Gateway, gatewayOf, getMesh, type Link, type LinkEnd, type MeshModel } from './model.ts'
import { linkNamed } from './names.ts'
import { staticWaysTo, type Way, waysTo } from './way.ts'

export interface DrillPlan {
  /** What is typed before something real is cut: a gateway, or a link. */
  readonly name: string
  /** `the hub van-1`, `the link fra-1~kel-1`. */
  readonly what: string
  /** On this one its packets are dropped, in both directions; that is enough. */
  readonly at: Gateway
  /** UDP, of `at`. */
  readonly ports: readonly number[]
  readonly links: readonly Link[]
  readonly routing: 'bgp' | 'static'
  /** Those whose way goes over it, from each end. */
  readonly pairs: readonly DrillPair[]
}

export interface DrillPair {
  readonly from: Gateway
  readonly to: Gateway
  /** The next gateways of `from`; `after` undefined = by design there is no other way. */
  readonly before: string
  readonly after?: string
}

/** Errors: E_USAGE where there is no such link, hub or bypass. Pure. */
export function planDrill(site: Site, target: string): DrillPlan {
  const model = getMesh(site)
  const routing = site.mesh?.routing ?? 'bgp'
  const cut = target === 'hub' || target === 'bypass' ? cutGateway(site, model, target) : cutLink(site, target)
  return { ...cut, routing, pairs: pairsOf(model, cut, routing) }
}

type Cut = Pick<DrillPlan, 'name' | 'what' | 'at' | 'ports' | 'links'> & {
  /** A gateway that is as good as dead meanwhile. */
  readonly dead?: Gateway
}

function cutGateway(site: Site, { gateways }: MeshModel, role: 'hub' | 'bypass'): Cut {
  const dead = gateways.find((gateway) => gateway.role === role)
  if (dead === undefined)
    throw new OrionError(`the mesh of ${site.name} has no ${role}`, {
      code: 'E_USAGE',
      suggestions: ['name a link: they stand in orion mesh status'],
    })
  const ports = dead.links.map(({ listenPort }) => listenPort).sort((one, other) => one - other)
  return {
    name: dead.name,
    what: `the ${role} ${dead.name}`,
    at: dead,
    ports,
    links: dead.links.map(({ link }) => link),
    dead,
  }
}

/** At the end that is more out of the way: what goes wrong there touches the fewest. */
function cutLink(site: Site, id: string): Cut {
  refuseHub(site, id)
  const link = linkNamed(site, id, ['hub', 'bypass'])
  const [one, other] = endsOf(link)
  const { own, listenPort } = one.own.role === 'spoke' || other.own.role !== 'spoke' ? one : other
  return { name: link.id, what: `the link ${link.id}`, at: own, ports: [listenPort], links: [link] }
}

/** A hub by its own name is told what to type. Errors: E_USAGE. */
function refuseHub(site: Site, name: string): void {
  const role = gatewayOf(site, name)?.role
  if (role !== 'hub' && role !== 'bypass') return
  throw new OrionError(`${name} is no link: it is the ${role}`, {
    code: 'E_USAGE',
    suggestions: [`orion mesh drill ${role}`],
  })
}

function pairsOf({ gateways }: MeshModel, { links, dead }: Cut, routing: DrillPlan['routing']): readonly DrillPair[] {
  const cut = new Set(links)
  const isThere = (end: LinkEnd) => !cut.has(end.link)
  const living = gateways.filter((gateway) => gateway !== dead)
  const ways = living.map((to) => ({
    to,
    before: routing === 'bgp' ? waysTo(gateways, to) : staticWaysTo(gateways, to),
    after: routing === 'bgp' ? waysTo(gateways, to, isThere) : undefined,
  }))
  return living.flatMap((from) =>
    ways.flatMap(({ to, before, after }): readonly DrillPair[] => {
      const way = before.get(from.name)
      if (from === to || way === undefined || !isOver(from, way, cut)) return []
      const [next = ''] = way.path
      const other = after?.get(from.name)?.path[0]
      return [{ from, to, before: next, ...(other === undefined ? {} : { after: other }) }]
    }),
  )
}

function isOver(from: Gateway, { path }: Pick<Way, 'path'>, cut: ReadonlySet<Link>): boolean {
  let at = from
  return path.some((name) => {
    const end = at.links.find(({ peer }) => peer.name === name)
    if (end !== undefined) at = end.peer
    return end !== undefined && cut.has(end.link)
  })
}

/** Twenty pings a second for each pair: of a large mesh some are enough. */
const MOST_OBSERVERS = 32
const MOST_EACH = 8

/** Who watches whom: each pair of a small mesh, spread over the gateways of a large one. Pure. */
export function observersOf({ pairs }: Pick<DrillPlan, 'pairs'>): ReadonlyMap<Gateway, readonly DrillPair[]> {
  const all = new Map<Gateway, DrillPair[]>()
  for (const pair of pairs) all.set(pair.from, [...(all.get(pair.from) ?? []), pair])
  return new Map([...all].slice(0, MOST_OBSERVERS).map(([from, own]) => [from, own.slice(0, MOST_EACH)]))
}
