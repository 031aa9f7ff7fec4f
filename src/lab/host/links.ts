// The network in force on a simulated host: what ifreload makes of the file it read last, and the guests' ports on it.
import { createHash } from 'node:crypto'
import { networkAddress } from './addresses.ts'
import { cidrOf, optionValues, type ParsedInterfaces, parseWithSources, type Stanza } from './interfaces-file.ts'
import type { HostState } from './state.ts'

export interface Link {
  readonly name: string
  readonly kind: 'loopback' | 'port' | 'bridge' | 'bond' | 'vlan' | 'tap' | 'veth'
  readonly mac: string
  readonly mtu: number
  up: boolean
  master?: string
  /** Of a VLAN interface. */
  readonly parent?: string
  readonly vlan?: number
  readonly vlanAware?: boolean
  /** Of a bond. */
  readonly mode?: string
  readonly altnames: readonly string[]
  /** CIDR. */
  readonly addresses: string[]
}

export interface Route {
  readonly to: string
  readonly via?: string
  readonly dev: string
  readonly from?: string
}

export interface Network {
  /** In the order of their index. */
  readonly links: ReadonlyMap<string, Link>
  readonly routes: readonly Route[]
  /** What ifupdown2 complains of while it makes this. */
  readonly errors: readonly string[]
}

/** What a text of /etc/network/interfaces makes of a host's hardware. */
export function networkOf(host: HostState, text: string): Network {
  const parsed = parseWithSources(host, text)
  const links = new Map<string, Link>([['lo', loopback()]])
  for (const [name, { mac, altnames }] of Object.entries(host.ports)) {
    links.set(name, { ...newLink(name, 'port', parsed), mac, altnames, up: parsed.auto.has(name) })
  }
  const errors: string[] = []
  for (const name of virtualOf(parsed)) addVirtual(links, parsed, name, errors)
  const addressed = [...new Set(parsed.stanzas.map(({ name }) => name))].flatMap((name) => {
    const link = links.get(resolve(links, name))
    return link ? [{ link, own: parsed.stanzas.filter((stanza) => stanza.name === name) }] : []
  })
  for (const { link, own } of addressed) link.addresses.push(...own.flatMap(addressesOf))
  return { links, routes: addressed.flatMap(({ link, own }) => routesOf(link, own)), errors }
}

/** A MAC address that follows from a name. */
export function macOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return `02:${hex.match(/../g)?.join(':')}`
}

/** The name of a link that is called so, or has this altname. */
export function resolve(links: ReadonlyMap<string, Link>, name: string): string {
  if (links.has(name)) return name
  return [...links.values()].find(({ altnames }) => altnames.includes(name))?.name ?? name
}

function loopback(): Link {
  const addresses = ['127.0.0.1/8', '::1/128']
  return { ...plainLink('lo', 'loopback'), mac: '00:00:00:00:00:00', mtu: 65_536, addresses }
}

/** A link that is up and has nothing else. */
export function plainLink(name: string, kind: Link['kind']): Link {
  return { name, kind, mac: macOf(name), mtu: 1500, up: true, altnames: [], addresses: [] }
}

function newLink(name: string, kind: Link['kind'], { stanzas }: ParsedInterfaces): Link {
  const mtu = Number(optionValues(stanzas, name, 'mtu')[0] ?? 1500)
  return { ...plainLink(name, kind), mtu: Number.isInteger(mtu) ? mtu : 1500 }
}

function has(parsed: ParsedInterfaces, name: string, key: string): boolean {
  return optionValues(parsed.stanzas, name, key).length > 0
}

/** Interfaces that the file makes: bonds first, then VLAN interfaces, then bridges, then VLAN interfaces on those. */
function virtualOf(parsed: ParsedInterfaces): string[] {
  const names = [...new Set(parsed.stanzas.map(({ name }) => name))].filter((name) => parsed.auto.has(name))
  const isBond = (name: string) => has(parsed, name, 'bond-slaves')
  const isBridge = (name: string) => has(parsed, name, 'bridge-ports')
  const isVlan = (name: string) => /\.\d+$/.test(name) || has(parsed, name, 'vlan-raw-device')
  const onBridge = (name: string) => names.some((other) => isBridge(other) && parentOf(parsed, name) === other)
  const vlans = names.filter(isVlan)
  return [
    ...names.filter(isBond),
    ...vlans.filter((name) => !onBridge(name)),
    ...names.filter(isBridge),
    ...vlans.filter(onBridge),
  ]
}

function parentOf({ stanzas }: ParsedInterfaces, name: string): string {
  return optionValues(stanzas, name, 'vlan-raw-device')[0] ?? name.replace(/\.\d+$/, '')
}

function addVirtual(links: Map<string, Link>, parsed: ParsedInterfaces, name: string, errors: string[]): void {
  if (has(parsed, name, 'bridge-ports')) addMaster(links, parsed, name, 'bridge', errors)
  else if (has(parsed, name, 'bond-slaves')) addMaster(links, parsed, name, 'bond', errors)
  else addVlan(links, parsed, name, errors)
}

function addMaster(
  links: Map<string, Link>,
  parsed: ParsedInterfaces,
  name: string,
  kind: 'bridge' | 'bond',
  errors: string[],
): void {
  const key = kind === 'bridge' ? 'bridge-ports' : 'bond-slaves'
  const wanted = (optionValues(parsed.stanzas, name, key)[0] ?? '').split(/\s+/).filter((port) => port !== '')
  const ports = wanted.filter((port) => port !== 'none')
  const missing = ports.filter((port) => !findPort(links, parsed, port))
  for (const port of missing)
    errors.push(`${name}: ${kind === 'bridge' ? 'bridge port' : 'slave'} ${port} does not exist`)
  const vlanAware = ['yes', '1', 'on'].includes(optionValues(parsed.stanzas, name, 'bridge-vlan-aware')[0] ?? '')
  const mode = optionValues(parsed.stanzas, name, 'bond-mode')[0]
  // ifupdown2 leaves a master down whose port it did not find, and lets go of the others.
  const up = missing.length === 0
  links.set(name, { ...newLink(name, kind, parsed), vlanAware, up, ...(mode === undefined ? {} : { mode }) })
  for (const port of up ? ports : []) {
    const link = findPort(links, parsed, port)
    if (link) Object.assign(link, { master: name, up: true })
  }
}

/** A port by name or altname; `eno1.20` is made where its parent is there. */
function findPort(links: Map<string, Link>, parsed: ParsedInterfaces, name: string): Link | undefined {
  const known = links.get(resolve(links, name))
  if (known || !/\.\d+$/.test(name)) return known
  addVlan(links, parsed, name, [])
  return links.get(name)
}

function addVlan(links: Map<string, Link>, parsed: ParsedInterfaces, name: string, errors: string[]): void {
  const parent = resolve(links, parentOf(parsed, name))
  const [id = /(\d+)$/.exec(name)?.[1]] = optionValues(parsed.stanzas, name, 'vlan-id')
  if (links.has(parent)) {
    links.set(name, { ...newLink(name, 'vlan', parsed), parent, vlan: Number(id) })
    const link = links.get(parent)
    if (link?.kind === 'port') link.up = true
  } else errors.push(`${name}: vlan raw device ${parent} does not exist`)
}

function addressesOf({ options, method }: Stanza): string[] {
  if (method === 'loopback') return []
  const netmask = options.find(([key]) => key === 'netmask')?.[1]
  return options.flatMap(([key, value]) => (key === 'address' ? (cidrOf(value, netmask) ?? []) : []))
}

function routesOf(link: Link, stanzas: readonly Stanza[]): Route[] {
  if (!link.up) return []
  const connected = stanzas.flatMap(addressesOf).map((cidr) => {
    const [from = ''] = cidr.split('/')
    return { to: networkAddress(cidr), dev: link.name, from }
  })
  const gateways = stanzas.flatMap(({ options }) => options.filter(([key]) => key === 'gateway'))
  return [...gateways.map(([, via]) => ({ to: 'default', via, dev: link.name })), ...connected]
}
