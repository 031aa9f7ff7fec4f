// The network interfaces of a guest by their names inside of it: the site file knows their MAC addresses.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Guest } from '../../site/site.ts'

const LINKS = 'links'

export const LINK_FACTS: Facts = { commands: { [LINKS]: ['ip', '-j', 'link'] } }

interface Link {
  readonly ifname: string
  readonly address?: string
}

/**
 * Of each NIC that is there: the network that it is in, and its name. Before the guest was seen the name that systemd gives it
 * on Proxmox VE: `ens18` for net0. Names that no configuration can hold are left out.
 */
export function interfacesOf(
  guest: Pick<Guest, 'nics'>,
  seen: HostFacts,
): readonly { readonly network: string; readonly name: string }[] {
  const told = said(seen, LINKS)
  if (told === undefined) return guest.nics.map(({ network, index }) => ({ network, name: `ens${18 + index}` }))
  const links = JSON.parse(told || '[]') as readonly Link[]
  return guest.nics.flatMap(({ mac, network }) => {
    const name = links.find(({ address }) => address?.toLowerCase() === mac.toLowerCase())?.ifname
    return name !== undefined && /^[\w.-]{1,15}$/.test(name) ? [{ network, name }] : []
  })
}
