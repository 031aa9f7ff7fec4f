// Guests' ports on a host's bridges: how many guests a change interrupts, and which ports must still be there after it.
import type { Layout } from './interfaces-layout.ts'
import { GUEST_PORT, type Link, type Live } from './interfaces-live.ts'

function isGuestPort({ name, master }: Link): boolean {
  return master !== undefined && GUEST_PORT.test(name)
}

/** How many guests have a port on the bridge. */
export function guestsOn(live: Live, bridge: string): number {
  const ports = [...live.links.values()].filter((link) => isGuestPort(link) && link.master === bridge)
  return new Set(ports.map(({ name }) => GUEST_PORT.exec(name)?.[1])).size
}

/** Ports of guests that were on a bridge and are there without it; one that is gone altogether went with its guest. */
export function lostPorts(before: Live, after: Live): readonly string[] {
  return [...before.links.values()].filter(isGuestPort).flatMap(({ name, master }) => {
    const now = after.links.get(name)
    if (now === undefined || now.master === master) return []
    return [`the guest port ${name} is no longer on ${master}${now.master ? ` but on ${now.master}` : ''}`]
  })
}

/**
 * Why guests would lose their network: Debian's own ifupdown2 takes every port off every bridge that its file does not name as one;
 * Proxmox's build leaves guests' ports alone, and so does a bridge with `bridge-ports-condone-regex`.
 */
export function guestsAtRisk(host: string, live: Live, layout: Layout, version: string): readonly string[] {
  if (version.includes('pmx')) return []
  const bare = [...layout.values()].filter(({ isBridge, keepsGuests }) => isBridge && !keepsGuests)
  const risky = bare.map(({ name }) => ({ name, guests: guestsOn(live, name) })).filter(({ guests }) => guests > 0)
  if (risky.length === 0) return []
  const list = risky.map(({ name, guests }) => `${name} (${countGuests(guests)})`).join(', ')
  return [
    `${host} has ifupdown2 ${version || 'of an unknown build'}, not Proxmox's own: \`ifreload -a\` would take running guests off ${list}. Install Proxmox's ifupdown2, stop these guests, or add \`bridge-ports-condone-regex ^(tap|veth|fwpr|fwln)\` to the stanza of each of these bridges.`,
  ]
}

export const countGuests = (count: number): string => (count === 1 ? '1 guest' : `${count} guests`)

/** A bridge that filters VLANs now and would stop: all VLANs of its running guests would become one. */
export function mixedVlans(live: Live, layout: Layout): readonly string[] {
  return [...layout.values()].flatMap(({ name, isBridge, text }) => {
    const stops =
      isBridge &&
      live.links.get(name)?.vlanFiltering === true &&
      !/^\s*bridge[-_]vlan[-_]aware\s+(yes|on|1|true)\b/m.test(text)
    if (!stops || guestsOn(live, name) === 0) return []
    return [
      `${name} filters VLANs now and the site file does not say so: the VLANs of its guests would be mixed. Give its network \`vlanAware: true\`, or stop these guests first.`,
    ]
  })
}
