// What a host would say of itself, in iproute2's own JSON, from a few words.
import type { Output, Seen } from '../../../src/host/host.ts'

export interface Facts {
  /** /etc/network/interfaces; absent = there is none. */
  readonly file?: string
  /** Interfaces by name: kind, master … as `ip -d link` has them; `down`, and `dead` = up without a cable. */
  readonly links?: Readonly<Record<string, LinkFact>>
  /** Interface → CIDRs. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>
  /** `default via 10.0.0.1 dev vmbr0`, `10.0.0.0/24 dev vmbr0`. */
  readonly routes?: readonly string[]
  /** `ADDRESS STATE INTERFACE`, by default REACHABLE on vmbr0. */
  readonly neighbours?: readonly string[]
  /** Client and server address of the SSH session. */
  readonly ends?: readonly [string, string]
  /** Of ifupdown2; null = not there. */
  readonly version?: string | null
}

export interface LinkFact {
  readonly kind?: string
  readonly master?: string
  readonly altnames?: readonly string[]
  readonly state?: 'down' | 'dead'
  readonly vlanFiltering?: boolean
  readonly vlan?: { readonly id: number; readonly link: string }
  readonly mtu?: number
}

export function seenOf(facts: Facts): Seen {
  const output = (stdout: unknown, code = 0): Output => ({ code, stdout: JSON.stringify(stdout), stderr: '' })
  const routes = (facts.routes ?? []).map(toRoute)
  const isSix = ({ dst, gateway = '' }: ReturnType<typeof toRoute>) => `${dst}${gateway}`.includes(':')
  const { version = '3.3.0-1+pmx11' } = facts
  const text = version === null ? '' : `ifupdown2\t${version}\n`
  return {
    files: new Map(
      facts.file === undefined
        ? []
        : [['/etc/network/interfaces', { kind: 'file', text: facts.file, mode: 0o644, owner: 'root', group: 'root' }]],
    ),
    commands: new Map([
      ['ip-links', output(Object.entries({ lo: {}, ...facts.links }).map(([name, fact]) => toLink(name, fact)))],
      ['ip-addresses', output(Object.entries(facts.addresses ?? {}).map(([name, cidrs]) => toAddresses(name, cidrs)))],
      ['ip-routes', output(routes.filter((route) => !isSix(route)))],
      ['ip-routes6', output(routes.filter(isSix))],
      ['ip-neighbours', output((facts.neighbours ?? []).map(toNeighbour))],
      ['ifupdown2', { code: version === null ? 1 : 0, stdout: text, stderr: '' }],
      ...(facts.ends ? [['ssh-ends', { code: 0, stdout: facts.ends.join(' '), stderr: '' }] as const] : []),
    ]),
  }
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^vmbr/, 'bridge'],
  [/^tap/, 'tun'],
  [/^(veth|fw)/, 'veth'],
]

function toLink(name: string, fact: LinkFact) {
  const flags = { up: ['UP', 'LOWER_UP'], down: [], dead: ['NO-CARRIER', 'UP'] }[fact.state ?? 'up']
  const kind = fact.kind ?? (fact.vlan ? 'vlan' : KINDS.find(([pattern]) => pattern.test(name))?.[1])
  const data = {
    ...(kind === 'bridge' && { vlan_filtering: fact.vlanFiltering ? 1 : 0 }),
    ...(fact.vlan && { id: fact.vlan.id }),
  }
  return {
    ifname: name,
    flags,
    mtu: fact.mtu ?? 1500,
    ...(fact.master && { master: fact.master }),
    ...(fact.altnames && { altnames: fact.altnames }),
    ...(fact.vlan && { link: fact.vlan.link }),
    ...(kind && { linkinfo: { info_kind: kind, info_data: data } }),
  }
}

function toAddresses(name: string, cidrs: readonly string[]) {
  const infos = cidrs.map((cidr) => {
    const [local = '', prefix] = cidr.split('/')
    return { family: local.includes(':') ? 'inet6' : 'inet', local, prefixlen: Number(prefix) }
  })
  return { ifname: name, addr_info: infos }
}

function toRoute(text: string) {
  const words = text.split(' ')
  const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined)
  return { dst: words[0], gateway: after('via'), dev: after('dev'), metric: Number(after('metric') ?? 0) }
}

function toNeighbour(text: string) {
  const [dst = '', state = 'REACHABLE', dev = 'vmbr0'] = text.split(' ')
  return { dst, dev, ...(state !== 'FAILED' && { lladdr: '02:00:00:00:00:01' }), state: [state] }
}
