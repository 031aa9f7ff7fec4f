// What of the site's parts is a joining node's own: its network and mesh, its services, and the mesh of guests that are gateways.
import type { Part, Resource } from '../resource.ts'
import type { Node, Site } from '../site/site.ts'
import { bgp } from './bgp.ts'
import { type Gateway, gatewayOf, getMesh } from './mesh/model.ts'
import { meshOf } from './mesh.ts'
import { netOf } from './net.ts'
import { node as nodes } from './node.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

/** Gateways of the mesh that stand or fall with a node: itself, and its guests. */
export function gatewaysOn(site: Site, node: Node): readonly Gateway[] {
  return [node.name, ...guestsOf(site, node)].flatMap((one) => gatewayOf(site, one) ?? [])
}

/**
 * Gateways with the far ends of their links, and what all others let through and announce: a new one's prefixes stand in every
 * filter. What is checked is what `places` have, and not how the others are among themselves.
 */
function meshParts(gateways: readonly Gateway[], { site, node, places }: Joined): readonly Part[] {
  const names = new Set(gateways.flatMap(({ name, links }) => [name, ...links.map(({ peer }) => peer.name)]))
  if (names.size === 0) return []
  const part = meshOf({ gateways: [...names], alone: true })
  const others = otherGateways(site, node).filter(({ name }) => !names.has(name))
  const filters = meshOf({ gateways: others.map(({ name }) => name), alone: true })
  const resources: Part['resources'] = (of, wishes) => {
    const own = part.resources(of, wishes)
    const known = new Set(own.map(({ id }) => id))
    const more = filters.resources(of, wishes).filter(({ id }) => id.startsWith('file-set:') && !known.has(id))
    return [...own, ...more.map(onlyThere)]
  }
  return [{ ...part, resources, probes: (of) => part.probes(of).filter(isAt(places)) }]
}

interface Joined {
  readonly site: Site
  readonly node: Node
  readonly places: ReadonlySet<string>
}

/** All but those that stand or fall with the node. */
export function otherGateways(site: Site, node: Node): readonly Gateway[] {
  const own = new Set(gatewaysOn(site, node).map(({ name }) => name))
  return getMesh(site).gateways.filter(({ name }) => !own.has(name))
}

/** A gateway that has not joined yet does so by its own command. */
function onlyThere<Have>(resource: Resource<Have>): Resource<Have> {
  return { ...resource, diff: (have) => (have === undefined ? [] : resource.diff(have)) }
}

/** The node's network; and its mesh, or the ways into the mesh where it is no gateway. */
export function networkParts(site: Site, node: Node): readonly Part[] {
  const { name } = node
  const [own, places] = [netOf({ nodes: [name] }), new Set([name])]
  if (site.mesh === undefined) return [own]
  const gateway = gatewayOf(site, name)
  return [
    own,
    ...(gateway === undefined
      ? [placedAt(meshOf({ alone: true }), places)]
      : meshParts([gateway], { site, node, places })),
  ]
}

/** Storage and images that it has, its guests, and what runs on them. */
export function serviceParts(site: Site, node: Node): readonly Part[] {
  const places = new Set([node.name, node.cluster, ...guestsOf(site, node)])
  return [nodes, storage, vm, bgp].map((part) => placedAt(part, places))
}

/** The mesh of guests, which are there only once the services are. */
export function guestMeshParts(site: Site, node: Node): readonly Part[] {
  const guests = guestsOf(site, node)
  return meshParts(
    gatewaysOn(site, node).filter(({ isNode }) => !isNode),
    { site, node, places: new Set(guests) },
  )
}

function guestsOf(site: Site, node: Node): readonly string[] {
  return site.guests.filter((guest) => guest.node === node.name).map(({ name }) => name)
}

function placedAt(part: Part, places: ReadonlySet<string>): Part {
  return {
    ...part,
    resources: (site, wishes) => part.resources(site, wishes).filter(isAt(places)),
    probes: (site) => part.probes(site).filter(isAt(places)),
  }
}

/** A thing of a link is at both of its ends. */
function isAt(places: ReadonlySet<string>): (one: { readonly id: string }) => boolean {
  return ({ id }) =>
    placeOf(id)
      .split('~')
      .some((place) => places.has(place))
}

/** `vm:r730/200` → `r730`; a check of a resource has that one's id behind its own kind. */
function placeOf(id: string): string {
  const own = id.replace(/^as-wanted:/, '')
  return own.slice(own.indexOf(':') + 1).replace(/\/.*$/, '')
}
