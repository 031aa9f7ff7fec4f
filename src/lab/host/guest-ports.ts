// The network of a simulated host with the ports of the guests that run on it.
import { parseProperties } from '../property.ts'
import type { WorldState } from '../world.ts'
import { type Link, type Network, networkOf, plainLink } from './links.ts'
import type { HostState } from './state.ts'

/** The same with the ports of the guests that run: a bridge that is there has them. */
export function liveNetwork(state: WorldState, node: string, host: HostState): Network {
  const network = networkOf(host, host.applied)
  const links = new Map(network.links)
  for (const guest of Object.values(state.guests)) {
    if (guest.node !== node || guest.status !== 'running') continue
    for (const [key, value] of Object.entries(guest.config)) {
      const index = /^net(\d+)$/.exec(key)?.[1]
      if (index === undefined) continue
      const { bridge, firewall } = parseProperties(String(value), 'model')
      const kind = guest.kind === 'qemu' ? 'tap' : 'veth'
      const tap = `${kind}${guest.vmid}i${index}`
      const master = bridge !== undefined && links.has(bridge) ? { master: bridge } : {}
      if (firewall !== '1') links.set(tap, { ...plainLink(tap, kind), ...master })
      else addFirewallBridge(links, `${guest.vmid}`, index, plainLink(tap, kind), master)
    }
  }
  return { ...network, links }
}

/** A guest with a firewall has a bridge of its own between its port and the node's bridge. */
function addFirewallBridge(
  links: Map<string, Link>,
  vmid: string,
  index: string,
  tap: Link,
  master: { readonly master?: string },
): void {
  const [bridge, outer, inner] = [`fwbr${vmid}i${index}`, `fwpr${vmid}p${index}`, `fwln${vmid}i${index}`]
  links.set(bridge, plainLink(bridge, 'bridge'))
  links.set(outer, { ...plainLink(outer, 'veth'), ...master })
  links.set(inner, { ...plainLink(inner, 'veth'), master: bridge })
  links.set(tap.name, { ...tap, master: bridge })
}
