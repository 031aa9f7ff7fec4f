// Putting an earlier /etc/network/interfaces back: what that interrupts, and what must stand after it.
import type { Node } from '../../site/site.ts'
import { disruptionOf } from './interfaces-disruption.ts'
import { lostPorts } from './interfaces-guests.ts'
import { type Layout, layoutOf } from './interfaces-layout.ts'
import { interfaceWith, type Live, liveOf, type Seen } from './interfaces-live.ts'
import { FILE } from './interfaces-wish.ts'

/** What the way back to `text` interrupts; undefined = nothing. `now`: holds `interfacesWish(node)`. Pure. */
export function disruptionBack(node: Node, text: string | undefined, now: Seen): string | undefined {
  const have = textOf(now)
  if (have === (text ?? '')) return undefined
  return disruptionOf({ node, live: liveOf(now), old: layoutOf(have), next: layoutOf(text ?? '') })
}

/** What does not stand after it: guests' ports, our session's address, addresses of bridges that are in both files. Pure. */
export function worseAfterBack(node: Node, text: string | undefined, before: Seen, after: Seen): readonly string[] {
  const [old, next] = [layoutOf(textOf(before)), layoutOf(text ?? '')]
  const [was, is] = [liveOf(before), liveOf(after)]
  // The guests of a bridge that goes were named before it was agreed to.
  const stays = (bridge: string | undefined) => bridge !== undefined && (next.has(bridge) || !old.has(bridge))
  const links = new Map([...was.links].filter(([, { master }]) => stays(master)))
  return [
    ...lostPorts({ ...was, links }, is),
    ...lostSession(node.name, was, is, { old, next }),
    ...lostAddresses(was, is, next),
  ]
}

function textOf(seen: Seen): string {
  const file = seen.files.get(FILE)
  return file?.kind === 'file' ? file.text : ''
}

/** The address that carried the session: on the host before, and not after it, although the earlier file does not move it away. */
function lostSession(
  host: string,
  was: Live,
  is: Live,
  { old, next }: { old: Layout; next: Layout },
): readonly string[] {
  const address = was.ends?.server ?? ''
  if (interfaceWith(was, address) === undefined || interfaceWith(is, address) !== undefined) return []
  const names = (layout: Layout) => [...layout.values()].some(({ cidrs }) => cidrs.some((cidr) => isOf(cidr, address)))
  return names(old) && !names(next) ? [] : [`${address}, which carried this session, is no longer on ${host}`]
}

const isOf = (cidr: string, address: string): boolean => cidr.split('/')[0] === address

/** Bridges that were there and that the earlier file has too. */
function lostAddresses(was: Live, is: Live, next: Layout): readonly string[] {
  return [...next.values()].flatMap(({ name, isBridge, cidrs }) => {
    if (!isBridge || !was.links.has(name)) return []
    const link = is.links.get(name)
    if (link === undefined) return [`${name} is not there`]
    const missing = cidrs.filter((cidr) => !(is.addresses.get(name) ?? []).includes(cidr))
    return missing.map((cidr) => `${name} has no address ${cidr}`)
  })
}
