// Can the operator reach a simulated host? As its network in force, its cable and the faults have it.
import { isIP } from 'node:net'
import { endsThroughNode } from '../router/router-network.ts'
import { clientOf } from './ip-command.ts'
import { type Link, networkOf } from './links.ts'
import type { Machine } from './machine.ts'

/** The address that SSH reaches the host at now; undefined = nobody reaches it. */
export function addressInForce({ node, host, world, faults }: Machine): string | undefined {
  if (faults.isUnreachable(node)) return undefined
  const hardware = world.state.hardware.nodes.find(({ name }) => name === node)
  const { cable, address } = host
  const { links } = networkOf(host, host.applied)
  // A lab without wiring, or a host that is called by a name: nothing can be said against it.
  if (cable === undefined || isIP(address) === 0) return address
  const wired = linksOver(links, cable)
  const carriers = [...links.values()].filter(({ up }) => up)
  const has = (link: Link, wanted: string) => link.addresses.some((cidr) => cidr.split('/')[0] === wanted)
  const own = [hardware?.address, address].find(
    (wanted) => wanted !== undefined && carriers.some((link) => wired.has(link.name) && has(link, wanted)),
  )
  return own ?? hardware?.alsoAt?.find((wanted) => carriers.some((link) => has(link, wanted)))
}

/** A port, and what stands on it: bonds, VLAN interfaces, bridges. */
function linksOver(links: ReadonlyMap<string, Link>, port: string): ReadonlySet<string> {
  const over = new Set([port])
  for (let grown = 0; grown !== over.size; ) {
    grown = over.size
    for (const { name, master, parent } of links.values()) {
      if (over.has(name) && master !== undefined) over.add(master)
      if (parent !== undefined && over.has(parent)) over.add(name)
    }
  }
  return over
}

/** SSH_CONNECTION: the operator sits beside the host, in its own network; a guest is reached through its node. */
export function connectionOf(machine: Machine, clientPort: number): string {
  if (machine.kind === 'router') {
    const { client, server } = endsThroughNode(machine.world.state, machine.host)
    return `${client} ${clientPort} ${server} 22`
  }
  const address = addressInForce(machine) ?? machine.host.address
  return `${clientOf(address)} ${clientPort} ${address} 22`
}
