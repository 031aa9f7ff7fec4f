// A host as the installer leaves it, a second one with everything of a site, and what the interfaces file-set says of them.
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import type { Node } from '../../../src/site/site.ts'
import { type Facts, seenOf } from './facts.ts'
import { bridge, HOME, netNode } from './wanted-nodes.ts'

export const fileSet = (node: Node) => interfaces(node)
export const problems = (node: Node, facts: Facts) => fileSet(node).problems?.(seenOf(facts)) ?? []
export const disrupts = (node: Node, facts: Facts) => fileSet(node).disrupts?.(seenOf(facts))
export const drift = (node: Node, facts: Facts) =>
  fileSet(node)
    .drift?.(seenOf(facts))
    .map(({ field, have, want }) => `${field}: ${have} -> ${want}`)
export const text = (node: Node, facts: Facts = {}) => fileSet(node).files(seenOf(facts))[0]?.text ?? ''

export const FILE = `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address 192.168.1.10/24
	gateway 192.168.1.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
`

export type Links = NonNullable<Facts['links']>

/** A host as Proxmox's installer leaves it; the operator is in the same network. */
export const HOST: Facts = {
  file: FILE,
  links: { eno1: { master: 'vmbr0', altnames: ['enp3s0'] }, eno2: {}, eno3: {}, vmbr0: {} },
  addresses: { lo: ['127.0.0.1/8'], vmbr0: ['192.168.1.10/24', 'fe80::1/64'] },
  routes: ['default via 192.168.1.1 dev vmbr0', '192.168.1.0/24 dev vmbr0'],
  neighbours: ['192.168.1.1', '192.168.1.20'],
  ends: ['192.168.1.20', '192.168.1.10'],
}

export const links = (more: Links): Links => ({ ...HOST.links, ...more })
export const vmbr1 = (parts: Parameters<typeof bridge>[1] = {}) => bridge('vmbr1', { port: 'eno2', ...parts })
export const addressed = (cidr: string, gateway?: string) => [{ network: 'lan', cidr, ...(gateway && { gateway }) }]

export const TWO = netNode([HOME, vmbr1({ vlanAware: true, addresses: addressed('10.1.0.1/24') })])
export const changed = (changes: Partial<Facts> = {}): Facts => ({
  ...HOST,
  file: text(TWO, HOST),
  links: links({ eno2: { master: 'vmbr1' }, vmbr1: { vlanFiltering: true } }),
  addresses: { ...HOST.addresses, vmbr1: ['10.1.0.1/24'] },
  ...changes,
})
export const up = (name: string, fact: NonNullable<Facts['links']>[string]) =>
  changed({ links: { ...changed().links, [name]: fact } })
