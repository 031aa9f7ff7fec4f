// The operator's own path: does the address that carries this SSH session stay reachable through the new file?
import type { Node } from '../../site/site.ts'
import { addressOf, familyOf, formatAddress, holds } from './interfaces-ip.ts'
import { groundOf, type Layout, type Placed, placeOf, stackOf } from './interfaces-layout.ts'
import { interfaceWith, isWire, type Live, routeTo } from './interfaces-live.ts'

/** The file as it is and as it would be, and what the host says now. */
export interface Situation {
  readonly node: Node
  readonly live: Live
  readonly old: Layout
  readonly next: Layout
}

/** `lost`: why the operator would be cut off for good; `touched`: the path is interrupted, and comes back. */
export interface Path {
  readonly lost?: string
  readonly touched: boolean
}

/**
 * Where the session comes in by an address that the host itself does not have (NAT, a jump through the host), or over `lo`, the interface of
 * its default route stands for it. Without facts about the session nothing can be said: the guard stands in.
 */
export function pathOf(situation: Situation): Path {
  const { live, node } = situation
  const carrier = carrierOf(live)
  if (carrier === undefined) return { touched: false }
  const { name, address } = carrier
  if (!isConcerned(situation, name)) return { touched: false }
  const kept = placeAfter(situation, name, address)
  if (kept === undefined) return elsewhere(situation, name, address)
  if (losesWires(situation, name, kept)) {
    return {
      touched: true,
      lost: `${address}, which carries this session, is wanted on ${kept.name}, which would have no port left: name its port in nodes.${node.name}.ports.`,
    }
  }
  const dead = deadPort(situation, kept)
  if (dead !== undefined) {
    return {
      touched: true,
      lost: `${address}, which carries this session, would move to ${kept.name}, and its port ${dead} has no link: plug the cable in, or name another port in nodes.${node.name}.ports.`,
    }
  }
  const blocked = wayBack(situation, kept, address)
  if (blocked !== undefined) return { touched: true, lost: blocked }
  return { touched: true }
}

function carrierOf(live: Live): { name: string; address: string } | undefined {
  const { ends } = live
  if (ends === undefined) return undefined
  const own = interfaceWith(live, ends.server)
  // What comes in over `lo` (a tunnel's daemon, orion on the node itself) came over the wire before that.
  if (own !== undefined && own !== 'lo') return { name: own, address: ends.server }
  const family = familyOf(ends.server)
  const device = live.routes.find((route) => route.family === family && route.to.endsWith('/0'))?.device
  const cidr = live.addresses.get(device ?? '')?.find((one) => familyOf(one) === family && !one.startsWith('fe80:'))
  return device !== undefined && cidr !== undefined ? { name: device, address: addressOf(cidr) } : undefined
}

/** Is the interface, or anything that it stands on, another one in the new file? */
function isConcerned({ old, next, live }: Situation, name: string): boolean {
  const stack = new Set([...stackOf(old, name), ...stackOf(next, name), name])
  const master = live.links.get(name)?.master
  const changed = [...stack].some((one) => old.get(one)?.text !== next.get(one)?.text)
  const taken = [...next.values()].some(
    ({ name: user, lower }) => lower.includes(name) && !old.get(user)?.lower.includes(name),
  )
  return changed || (taken && master === undefined)
}

/** The interface that has the address in the new file; one that got it by DHCP keeps it as long as it keeps DHCP and its place. */
function placeAfter({ old, next }: Situation, name: string, address: string): Placed | undefined {
  const stays = placeOf(next, address)
  if (stays) return stays
  const same = next.get(name)
  return same?.dynamic && old.get(name)?.dynamic && groundOf(old, name) === groundOf(next, name) ? same : undefined
}

/** The address goes: only fine where the site file has another way in. */
function elsewhere({ node, next, live }: Situation, name: string, address: string): Path {
  const isKept = (other: string) => {
    const now = interfaceWith(live, other)
    return placeOf(next, other) !== undefined || (now !== undefined && now !== 'lo' && now !== name && !next.has(now))
  }
  const others = [node.address, ...node.ssh.alsoAt].map(formatAddress).filter((other) => other !== address)
  if (others.some(isKept)) return { touched: true }
  return {
    touched: true,
    lost: `this session reaches ${node.name} at ${address} on ${name}, and the new /etc/network/interfaces has that address nowhere: give ${node.name} an address in that network (nodes.${node.name}.addresses), or name another address where SSH answers (nodes.${node.name}.ssh.alsoAt).`,
  }
}

/** Nothing but bridges is left below the address, which has stood on a wire so far. */
function losesWires({ old, next }: Situation, name: string, kept: Placed): boolean {
  const hasWire = (layout: Layout, above: string) =>
    stackOf(layout, above).some((one) => {
      const placed = layout.get(one)
      return placed === undefined || (placed.lower.length === 0 && !placed.isBridge)
    })
  return !hasWire(next, kept.name) && hasWire(old, name)
}

/** A physical port under the new place that is up and has no cable, where the address moves. */
function deadPort({ old, next, live }: Situation, kept: Placed): string | undefined {
  const before = [...old.values()].find(({ cidrs }) => cidrs.some((cidr) => kept.cidrs.includes(cidr)))
  if (before !== undefined && groundOf(old, before.name) === groundOf(next, kept.name)) return undefined
  const links = stackOf(next, kept.name).flatMap((name) => live.links.get(name) ?? [])
  const wires = links.filter(isWire)
  return wires.length > 0 && wires.every((link) => !link.carrier) ? wires[0]?.name : undefined
}

/** Why answers would not find back to the client: its network is on another interface, or its gateway is gone. */
function wayBack({ node, next, live }: Situation, kept: Placed, address: string): string | undefined {
  const client = live.ends?.client ?? ''
  const now = routeTo(live, client)
  if (
    kept.dynamic ||
    now === undefined ||
    [...next.values()].some(({ cidrs }) => cidrs.some((cidr) => holds(cidr, client)))
  ) {
    return undefined
  }
  const gateways = [...next.values()]
    .flatMap((placed) => placed.gateways)
    .filter((one) => familyOf(one) === familyOf(address))
  const isDefault = now.to.endsWith('/0')
  if (gateways.length > 0 || (!isDefault && now.via !== undefined) || isFree(next, now.device)) return undefined
  return `answers to ${client} leave ${node.name} ${now.via ? `by the gateway ${now.via}` : `on ${now.device}`} now, and the new /etc/network/interfaces has no way there: name nodes.${node.name}.gateway${familyOf(address) === 'inet6' ? '6' : ''}.`
}

/** An interface that the file does not rule over: what made its routes will keep them. */
const isFree = (next: Layout, device: string): boolean => !next.has(device)
