// The `allow` rules of the site file as rules of nftables: what passes, what reaches the router, which ports are forwarded.
import type { FirewallRule } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { type End, endsOf, guestEnds } from './firewall-ends.ts'
import { anyOf, type Interface, match } from './firewall-interfaces.ts'

export interface AllowRules {
  readonly forward: readonly string[]
  /** To the router itself. */
  readonly input: readonly string[]
  /** Port forwards, from outside; and the same for who asks for the outside address from inside. */
  readonly forwards: readonly { readonly dnat: string; readonly hairpin: string; readonly accept: string }[]
}

/** Names of the site file's rules, without the router itself: its own connections are not filtered. */
export function allowRules(site: Site, interfaces: readonly Interface[]): AllowRules {
  const { allow = [], router = '' } = site.firewall ?? {}
  const rules = allow.map((rule, index) => ({ rule, title: titleOf(rule, index) }))
  const others = (names: readonly string[]) => names.filter((name) => name !== router)
  const lines = (title: string, made: readonly string[]) => (made.length === 0 ? [] : [title, ...made])
  return {
    forward: rules.flatMap(({ rule, title }) => {
      const [from, to] = [rule.from, rule.to].map((names) => endsOf(site, interfaces, others(names)))
      return lines(title, passing(rule, { from: from ?? [], to: to ?? [], verdict: 'accept' }))
    }),
    input: rules.flatMap(({ rule, title }) => {
      if (!rule.to.includes(router)) return []
      const from = endsOf(site, interfaces, others(rule.from))
      return lines(title, passing(rule, { from, to: [{}], verdict: 'goto admit' }))
    }),
    forwards: allow.flatMap((rule) => forwardsOf(site, interfaces, rule)),
  }
}

/** A comment of one line. Names have no other signs than these; what else comes as one shall not end the comment. */
function titleOf({ from, to }: FirewallRule, index: number): string {
  const words = (names: readonly string[]) => names.map((name) => name.replace(/[^\w.-]/g, '?')).join(', ')
  return `# firewall.allow[${index}]: ${words(from)} -> ${words(to)}`
}

interface Passing {
  readonly from: readonly End[]
  readonly to: readonly End[]
  readonly verdict: string
}

function passing(rule: FirewallRule, { from, to, verdict }: Passing): string[] {
  return from.flatMap((source) =>
    to.flatMap((target) =>
      familiesOf(source, target).flatMap((family) =>
        servicesOf(rule, family).map((service) =>
          words(
            source.interface && `iifname "${source.interface}"`,
            target.interface && `oifname "${target.interface}"`,
            family && source.addresses && match(family, 'saddr', source.addresses[family]),
            family && target.addresses && match(family, 'daddr', target.addresses[family]),
            service,
            verdict,
          ),
        ),
      ),
    ),
  )
}

/** Where addresses limit a side, a rule for each family that both sides have; else one for both. */
function familiesOf(...ends: readonly End[]): readonly (4 | 6 | undefined)[] {
  const limited = ends.flatMap(({ addresses }) => addresses ?? [])
  if (limited.length === 0) return [undefined]
  return ([4, 6] as const).filter((family) => limited.every((addresses) => addresses[family].length > 0))
}

/** `''` = everything. */
function servicesOf({ tcp, udp, icmp }: FirewallRule, family?: 4 | 6): readonly string[] {
  const echo = [
    ...(icmp && family !== 6 ? ['icmp type echo-request'] : []),
    ...(icmp && family !== 4 ? ['icmpv6 type echo-request'] : []),
  ]
  const all = [...portsOf('tcp', tcp), ...portsOf('udp', udp), ...echo]
  return all.length === 0 ? [''] : all
}

/** Overlapping ranges become one: nftables refuses them. */
function portsOf(protocol: 'tcp' | 'udp', texts: readonly string[]): readonly string[] {
  const ranges = texts.map((text) => {
    const [first = Number.NaN, last = first] = text.split('-').map(Number)
    if (!(Number.isInteger(first) && Number.isInteger(last))) throw new TypeError(`not a port: ${text}`)
    return [first, last] as const
  })
  const merged: (readonly [number, number])[] = []
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const [begin, end] = merged.at(-1) ?? [0, -1]
    if (first > end + 1) merged.push([first, last])
    else merged.splice(-1, 1, [begin, Math.max(end, last)])
  }
  const spelled = merged.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
  return spelled.length === 0 ? [] : [`${protocol} dport ${anyOf(spelled)}`]
}

/**
 * Ports that come in over a masqueraded network for one guest. Hairpin: who is inside and not isolated reaches the forwarded
 * port at the outside address, too, as names of the site resolve to it; an address of our own inside is not the outside one.
 */
function forwardsOf(site: Site, interfaces: readonly Interface[], rule: FirewallRule): AllowRules['forwards'] {
  const inside = interfaces.filter(({ side }) => side === 'inside')
  return interfaces
    .filter(({ masqueraded, network }) => masqueraded && rule.from.includes(network))
    .flatMap((outside) =>
      rule.to.flatMap((name) => {
        const guest = site.guests.find((one) => one.name === name)
        if (guest === undefined || name === site.firewall?.router) return []
        const [target] = guestEnds(guest, inside).flatMap(({ addresses }) => addresses?.[4] ?? [])
        if (target === undefined) return []
        return [...portsOf('tcp', rule.tcp), ...portsOf('udp', rule.udp)].map((ports) => ({
          dnat: `iifname "${outside.name}" meta nfproto ipv4 fib daddr . iif type local ${ports} dnat ip to ${target}`,
          hairpin: `iifname @open ip daddr != @own4 fib daddr type local ${ports} dnat ip to ${target}`,
          accept: `iifname @open ct status dnat ip daddr ${target} ${ports} accept`,
        }))
      }),
    )
}

function words(...all: readonly (string | undefined)[]): string {
  return all.filter((word) => word).join(' ')
}
