// Options of /etc/network/interfaces: which ones orion owns, when two spellings mean the same, and which ones ifupdown2 knows.
import { distance, nearest } from '../../site/nearest.ts'
import type { Line, Stanza } from './interfaces-file.ts'
import { formatCidr } from './interfaces-ip.ts'

/** Of every interface. */
const ADDRESSING = new Set(['address', 'netmask', 'broadcast', 'network', 'gateway', 'mtu'])

/** Of bridges and bonds. */
const MANAGED = new Set([
  ...ADDRESSING,
  'bridge-ports',
  'bridge-stp',
  'bridge-fd',
  'bridge-vlan-aware',
  'bridge-vids',
  'bond-slaves',
  'bond-miimon',
  'bond-mode',
  'bond-xmit-hash-policy',
  'bond-primary',
  'vlan-id',
  'vlan-raw-device',
])

/** Further ones that ifupdown2's addons and Proxmox know (interfaces(5), ifupdown-addons-interfaces(5), bond, vxlan, ovs). */
const KNOWN =
  `hwaddress metric pointopoint scope preferred-lifetime label dad-attempts dad-interval up down pre-up post-up pre-down
post-down alias vrf vrf-table link-type link-down link-speed link-duplex link-autoneg link-fec ethtool-ring address-virtual accept-ra
accept_ra autoconf privext dhcp hostname dns-nameservers dns-nameserver dns-search dns-domain client vendor leasehours leasetime mode
tunnel-mode tunnel-local tunnel-endpoint tunnel-ttl tunnel-physdev ttl endpoint local bridge-access bridge-ageing bridge-allow-untagged
bridge-arp-nd-suppress bridge-bridgeprio bridge-gcint bridge-hashel bridge-hashmax bridge-hello bridge-hw bridge-learning bridge-maxage
bridge-maxwait bridge-mclmc bridge-mclmi bridge-mcmi bridge-mcqi bridge-mcqifaddr bridge-mcqpi bridge-mcqri bridge-mcquerier
bridge-mcrouter bridge-mcsnoop bridge-mcsqc bridge-mcsqi bridge-mcstats bridge-multicast-flood bridge-pathcosts bridge-portmcfl
bridge-portmcrouter bridge-portprios bridge-ports-condone-regex bridge-pvid bridge-unicast-flood bridge-vlan-protocol
bridge-vlan-stats bridge-waitport bridge-broadcast-flood bridge-igmp-version bridge-mld-version bridge-l2protocol-tunnel bond-downdelay
bond-updelay bond-lacp-rate bond-lacp-bypass-allow bond-min-links bond-num-grat-arp bond-num-unsol-na bond-ad-sys-priority
bond-ad-sys-mac-addr bond-ad-actor-sys-prio bond-ad-actor-system bond-use-carrier bond-arp-interval bond-arp-ip-target
bond-primary-reselect bond-master slaves vlan-protocol vlan-bridge-binding vxlan-id vxlan-local-tunnelip vxlan-svcnodeip
vxlan-remoteip vxlan-physdev vxlan-learning vxlan-ageing vxlan-port vxlan-ttl vxlan-tos vxlan-mcastgrp vxlan-vnifilter
uplink-id ovs-type ovs-ports ovs-bridge ovs-bonds ovs-options ovs-mtu ovs-tag ovs-extra ip-forward ip6-forward mpls-enable
arp-accept proxy-arp-pvlan multicast allow-hotplug requires inherits`.split(/\s+/)

/** Characters that a slip changes at the most. */
const MOST_SLIPS = 2

const WORDS = ['iface', 'auto', 'source', 'source-directory', 'mapping', 'allow-hotplug']

/** `bridge_ports` and `slaves` as ifupdown2 spells them. */
function optionName(key: string): string {
  const name = key.replaceAll('_', '-')
  return name === 'slaves' ? 'bond-slaves' : name
}

/**
 * Is the line orion's to replace, in a stanza of a bridge or bond, or (`plain`) of a port or VLAN? There what makes the interface
 * (`bond-slaves` of a bond that the site file does not know, `vlan-raw-device`) stays. Every line that is not managed is kept.
 */
export function isManaged({ key }: Line, plain: boolean): boolean {
  return (plain ? ADDRESSING : MANAGED).has(optionName(key))
}

/** Values of one option of a stanza, by its ifupdown2 name. */
export function optionsOf(stanza: Stanza | undefined, name: string): readonly string[] {
  return stanza?.body.filter(({ key }) => key !== '' && optionName(key) === name).map(({ value }) => value) ?? []
}

/** The words of a list option such as `bridge-ports`, without `none`. */
export function listOf(stanza: Stanza | undefined, name: string): readonly string[] {
  return wordsOf(optionsOf(stanza, name))
}

export function wordsOf(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(/[\s,;]+/).filter((word) => word !== '' && word !== 'none'))
}

/** The addresses of a stanza as CIDR, a separate netmask folded in. */
export function cidrsOf(stanza: Stanza): readonly string[] {
  const [mask] = optionsOf(stanza, 'netmask')
  return optionsOf(stanza, 'address').map((address) => formatCidr(address, mask))
}

/** What the options that orion owns mean: equal for two spellings of the same. */
export function meaning(stanza: Stanza, plain: boolean): string {
  const managed = new Set(stanza.body.filter((line) => isManaged(line, plain)).map(({ key }) => optionName(key)))
  const rows = [...managed]
    .filter((name) => !['netmask', 'broadcast', 'network'].includes(name))
    .map((name) => `${name}=${meantBy(stanza, name)}`)
  return [`${stanza.family} ${stanza.method}`, ...rows.sort()].join('\n')
}

function meantBy(stanza: Stanza, name: string): string {
  if (name === 'address') return cidrsOf(stanza).join(' ')
  if (name === 'bridge-ports' || name === 'bond-slaves') return [...listOf(stanza, name)].sort().join(' ')
  const value = optionsOf(stanza, name).join(' ')
  if (name === 'bridge-stp' || name === 'bridge-vlan-aware') return /^(on|yes|true|1)$/i.test(value) ? 'yes' : 'no'
  return value
}

/** An option that looks like a slip of a known one, or of `iface`: ifupdown2 passes over it in silence. undefined = none seen. */
export function slipOf(stanza: Stanza): { readonly line: string; readonly meant: string } | undefined {
  const known = [...MANAGED, ...KNOWN]
  for (const { key, raw } of stanza.body) {
    if (key === '' || known.includes(optionName(key))) continue
    const meant = nearest(optionName(key), [...known, ...(/^\s/.test(raw) ? [] : WORDS)])
    // Further away it is rather an option that only newer versions know.
    const isSlip = meant !== undefined && distance(optionName(key), meant) <= MOST_SLIPS
    if (isSlip && key.length > 3) return { line: raw.trim(), meant }
  }
  return undefined
}
