// /etc/orion/firewall.nft: the whole table as text, from the site file and the names that the router's interfaces have.
import { template } from '../../render.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { anyOf, cidrsOf, type Interface, interfacesOf, toAddresses } from './firewall-interfaces.ts'
import { meshRules } from './firewall-mesh.ts'
import { type AllowRules, allowRules } from './firewall-rules.ts'
import { type AddressSet, addressSets, interfaceSets, type NamedSet, namesOf } from './firewall-sets.ts'
import { sourceRules } from './firewall-sources.ts'
import type { Router } from './router.ts'

/** Why a packet was dropped, as `nft list counters` shows it; the log has the same words. */
const REASONS = ['invalid', 'spoofed', 'martian', 'isolated', 'leaving', 'rate', 'noise', 'input', 'forward'] as const

type Nat = Pick<View, 'prerouting' | 'postrouting'>

interface View {
  readonly reasons: readonly string[]
  readonly interfaceSets: readonly NamedSet[]
  readonly addressSets: readonly AddressSet[]
  readonly sources: readonly string[]
  readonly isolation: readonly string[]
  readonly clients: readonly string[]
  readonly sshPort: number
  readonly input: readonly string[]
  /** Before what is established passes. */
  readonly guarded: readonly string[]
  readonly forward: readonly string[]
  readonly prerouting: readonly string[]
  readonly postrouting: readonly string[]
}

const firewallText = template<View>('router/firewall')

/** Pure. The names of interfaces are checked before (`problems` of firewall.ts). */
export function firewallFile(site: Site, router: Router, seen: HostFacts): string {
  const interfaces = interfacesOf(site, router, seen)
  const rules = allowRules(site, interfaces)
  const mesh = meshRules(site, router)
  return firewallText({
    reasons: REASONS,
    interfaceSets: interfaceSets(site, router, interfaces),
    addressSets: addressSets(site, router, interfaces),
    sources: [...sourceRules(site, interfaces), ...mesh.sources],
    isolation: isolation(interfaces),
    clients: clients(interfaces),
    sshPort: router.guest.ssh.port ?? 22,
    input: [...rules.input, ...mesh.input],
    guarded: mesh.guarded,
    forward: [...rules.forward, ...rules.forwards.map(({ accept }) => accept), ...mesh.forward],
    ...natRules(site, interfaces, rules),
  })
}

/** Out of an isolated network only outside, or back into itself: no rule after these can say otherwise. */
function isolation(interfaces: readonly Interface[]): string[] {
  const outside = interfaces.filter(({ side }) => side === 'outside')
  return interfaces
    .filter(({ isolated }) => isolated)
    .map((one) => `iifname "${one.name}" oifname != { ${namesOf([one, ...outside])} } goto drop_isolated`)
}

/** The router is a client itself: the answers come to a broadcast address, or from one that nothing was sent to. */
function clients(interfaces: readonly Interface[]): string[] {
  return interfaces.flatMap(({ name, nic }) => [
    ...(nic.ipv4 === 'dhcp' ? [`iifname "${name}" udp sport 67 udp dport 68 accept`] : []),
    ...(nic.ipv6 === 'dhcp' || nic.ipv6 === 'auto'
      ? [`iifname "${name}" ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept`]
      : []),
  ])
}

/** IPv4 alone is translated: sources of ours that the world does not know. */
function natRules(site: Site, interfaces: readonly Interface[], { forwards }: AllowRules): Nat {
  const announced = toAddresses(cidrsOf(site.bgp?.announce ?? []))[4]
  const known = announced.length === 0 ? '' : ` ip saddr != ${anyOf(announced)}`
  const open = interfaces.filter(({ side, isolated }) => side === 'inside' && !isolated)
  return {
    prerouting: forwards.flatMap(({ dnat, hairpin }) => [dnat, hairpin]),
    postrouting: [
      `oifname @masqueraded ip saddr @own4${known} masquerade`,
      // Client and server on one wire: the server's answer must come back through here.
      ...(forwards.length === 0 ? [] : open).flatMap(({ name, networks }) =>
        toAddresses(networks)[4].map((cidr) => `oifname "${name}" ip saddr ${cidr} ct status dnat masquerade`),
      ),
    ],
  }
}
