// The guest that speaks BGP for a site, and what stands in the way of asking its BIRD.
import { OrionError } from '../../errors.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import { didYouMean } from '../../site/nearest.ts'
import type { Bgp } from '../../site/services.ts'
import type { Guest, Site } from '../../site/site.ts'
import { type Session, sessionsOf } from './sessions.ts'

/** The BGP of a site that has this peer. Errors: E_USAGE. */
export function bgpOf({ name, bgp }: Site, peer?: string): Bgp {
  if (bgp === undefined)
    throw new OrionError(`${name} has no BGP: its site file says nothing under bgp`, { code: 'E_USAGE' })
  const names = bgp.peers.map((one) => one.name)
  if (peer === undefined || names.includes(peer)) return bgp
  const suggestions = [names.length === 0 ? 'add one under bgp.peers' : `peers are named ${names.join(', ')}`]
  throw new OrionError(`${name} has no peer named ${peer}${didYouMean(peer, names)}`, { code: 'E_USAGE', suggestions })
}

/** Errors: E_USAGE where the site has no such guest. */
export function guestOf({ name, guests }: Site, { router }: Bgp): Guest {
  const guest = guests.find((one) => one.name === router)
  if (guest) return guest
  throw new OrionError(`${name} has no guest named ${router}`, {
    code: 'E_USAGE',
    suggestions: ['correct bgp.router in the site file'],
  })
}

/** Errors: E_HOST_COMMAND where BIRD did not answer. */
export function refuseSilence(bgp: Bgp, seen: HostFacts): readonly Session[] {
  const sessions = sessionsOf(bgp, seen)
  if (sessions === undefined) throw silentBird(bgp.router, seen)
  return sessions
}

function silentBird(router: string, seen: HostFacts): OrionError {
  const output = seen.commands.get('bird-protocols')
  if (output === undefined || output.code === 127)
    return new OrionError(`BIRD is not installed on ${router}`, {
      code: 'E_HOST_COMMAND',
      suggestions: ['orion bgp apply'],
    })
  // birdc says why on stderr, which a read of many things does not bring.
  return new OrionError(`BIRD on ${router} does not answer (birdc ended with ${output.code})`, {
    code: 'E_HOST_COMMAND',
    suggestions: [`on ${router}, as root: systemctl status bird`],
  })
}
