// Which way a packet goes in the lab's mesh, and whether its answer comes back: table 5180 of each host, link by link.
import { isInside } from '../host/addresses.ts'
import type { Machine } from '../host/machine.ts'
import { announcedBy, type Rib, ribsOf } from './bgp-mesh.ts'
import { endOf, farOf, isJoined } from './wire.ts'

/** Device by which table 5180 of a host leads to an address; undefined = it leads nowhere. */
export function wayOf(machine: Machine, address: string, ribs = ribsOf(machine.all())): string | undefined {
  const { rules = false, routes = {} } = machine.host.mesh ?? {}
  if (!rules) return undefined
  const learned = [...(ribs.get(machine.node) ?? [])].map(([prefix, path]) => [prefix, path.interface] as const)
  const fits = [...Object.entries(routes), ...learned].filter(([prefix]) => isInside(address, prefix))
  return fits.sort(([a], [b]) => Number(b.split('/')[1]) - Number(a.split('/')[1]))[0]?.[1]
}

const MAX_HOPS = 16

/** Does a packet come to the host that has this address, and its answer back? */
export function isAnswered(machine: Machine, address: string, ribs = ribsOf(machine.all())): boolean {
  const there = arrival(machine, address, ribs)
  const [back = ''] = Object.values(machine.host.mesh?.tunnels ?? {})
    .flatMap(({ addresses }) => addresses)
    .filter((cidr) => !cidr.startsWith('fe80:'))
  return there !== undefined && arrival(there, back.replace(/\/.*/, ''), ribs) === machine
}

function arrival(from: Machine, address: string, ribs: ReadonlyMap<string, Rib>): Machine | undefined {
  let here = from
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const name = wayOf(here, address, ribs)
    if (name === undefined) return isHome(here, address) ? here : undefined
    const end = endOf(here, name)
    const far = end && isJoined(end) ? farOf(end) : undefined
    if (far === undefined) return undefined
    here = far.machine
  }
  return undefined
}

/** Its own address in the mesh, or one of the networks that it announces. */
function isHome(machine: Machine, address: string): boolean {
  const own = Object.values(machine.host.mesh?.tunnels ?? {}).flatMap(({ addresses }) => addresses)
  return (
    own.some((cidr) => cidr.split('/')[0] === address) ||
    announcedBy(machine).some((prefix) => isInside(address, prefix))
  )
}
