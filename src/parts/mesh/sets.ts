// The files of each gateway, set by set, in the order in which they come into being, and what they look at of the others.
import type { ResourceId } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { routersOf } from '../router/router.ts'
import { meshBird } from './bird.ts'
import { clientFiles, clientProblems, clientsOf } from './client-files.ts'
import { meshWish } from './facts.ts'
import { MESH_FIREWALL, meshFirewall, meshFirewallCheck, meshFirewallDrift } from './firewall.ts'
import { meshForwarding } from './forwarding.ts'
import { links } from './links.ts'
import { type Gateway, getMesh } from './model.ts'
import { listOf } from './names.ts'
import { inOrder, type Planned } from './order.ts'
import { pskFile } from './psk-program.ts'
import { reachOf } from './reach.ts'

export interface SetsWish {
  /** Only these, and what the others need to have of them waits. A name that no gateway has is nobody's. Default: all. */
  readonly gateways?: readonly string[] | undefined
  /** Tunnels to the bypass stay as they stand. */
  readonly isHeld?: boolean
}

export function meshSets(site: Site, { gateways, isHeld = false }: SetsWish = {}): Planned {
  const mesh = getMesh(site)
  const on = mesh.gateways.filter(({ name }) => gateways?.includes(name) ?? true)
  const names = new Set(on.map(({ name }) => name))
  const wish = { planned: names, held: isHeld ? site.mesh?.bypass?.hub : undefined }
  const planned = new Map(on.map((gateway) => [gateway, setsOf(site, gateway, wish)]))
  return inOrder(mesh, planned, { postQuantum: site.mesh?.postQuantum !== undefined })
}

interface Run {
  readonly planned: ReadonlySet<string>
  readonly held: string | undefined
}

function setsOf(site: Site, gateway: Gateway, run: Run): readonly FileSet[] {
  const wish = meshWish(site, gateway)
  const forwarding = meshForwarding(site, gateway, wish)
  const bird = meshBird(site, gateway, wish)
  const brief = `BGP AS${gateway.asn} over each tunnel, and its unit`
  return [linksSet(site, gateway, run), ...(forwarding ? [forwarding] : []), ...(bird ? [{ ...bird, brief }] : [])]
}

/** Tunnels, firewall and people's devices change together: each without the others would be half a mesh. */
function linksSet(site: Site, gateway: Gateway, { planned, held }: Run): FileSet {
  const peers = gateway.links.map(({ peer }) => peer).filter(({ name }) => planned.has(name))
  const others = Object.fromEntries(peers.map((peer) => [peer.name, meshWish(site, peer)]))
  const more = (seen: HostFacts): readonly WantedFile[] => [
    { path: MESH_FIREWALL, text: meshFirewall(site, gateway, seen) },
    pskFile(),
    ...clientFiles(site, gateway, seen),
  ]
  const set = links(site, gateway, {
    wish: meshWish(site, gateway),
    others,
    more,
    isMaking: (name) => planned.has(name),
    isHeld: (name) => name === held,
  })
  return {
    ...set,
    brief: briefOf(site, gateway),
    needs: routerNeeds(site, gateway),
    reach: reachOf(site),
    problems: (seen) => [...(set.problems?.(seen) ?? []), ...clientProblems(site, gateway, seen)],
    drift: (seen) => [...(set.drift?.(seen) ?? []), ...meshFirewallDrift(site, gateway, seen)],
    check: [...(set.check ?? []), ...meshFirewallCheck()],
  }
}

/** A gateway may be there for people's devices alone. */
function briefOf(site: Site, gateway: Gateway): string {
  const [peers, clients] = [
    gateway.links.map(({ peer }) => peer.name),
    clientsOf(site, gateway).map(({ name }) => name),
  ]
  const parts = [
    ...(peers.length === 0 ? [] : [`tunnels to ${listOf(peers)}`]),
    ...(clients.length === 0 ? [] : [`clients ${listOf(clients)}`]),
    'firewall and units',
  ]
  return parts.join('; ')
}

/** On the site's router firewall and forwarding are that part's: first what lets the mesh through. */
function routerNeeds(site: Site, { name }: Gateway): readonly ResourceId[] {
  const isRouter = routersOf(site).some(({ guest }) => guest.name === name)
  return isRouter ? [`file-set:${name}/firewall`, `file-set:${name}/forwarding`] : []
}
