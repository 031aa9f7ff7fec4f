// The network of a node for a discovery: /etc/network/interfaces as it is stored, and ports as they are now. Pure.
import { type Facts, said } from '../resources/host-facts.ts'
import type { Discovery, FoundBond, FoundBridge, FoundPort, FoundVlan } from '../site/discovery.ts'
import { lookLines } from './discovery-look.ts'
import { parse, type Stanza } from './net/interfaces-file.ts'
import { familyOf, formatAddress } from './net/interfaces-ip.ts'
import { type Live, liveOf } from './net/interfaces-live.ts'
import { cidrsOf, listOf, optionsOf } from './net/interfaces-options.ts'
import { FILE } from './net/interfaces-wish.ts'

type Seen = Parameters<typeof liveOf>[0]

export const networkFacts: Facts = {
  files: [FILE],
  commands: {
    'ip-links': ['ip', '-j', '-d', 'link'],
    'ip-addresses': ['ip', '-j', 'addr'],
    'ip-routes': ['ip', '-j', 'route'],
    'ip-routes6': ['ip', '-j', '-6', 'route'],
  },
}

type OfNetwork = Pick<Discovery, 'ports' | 'bonds' | 'bridges' | 'vlans' | 'gateway' | 'gateway6'>

/** What the file says is what a site file can say; bridges that others make (SDN, a container engine) are not in it. */
export function networkOf(seen: Seen): OfNetwork {
  const live = liveOf(seen)
  const stanzas = new Map<string, Stanza[]>()
  for (const segment of parse(seen.files.get(FILE)?.text ?? '')) {
    if (segment.kind !== 'stanza') continue
    stanzas.set(segment.name, [...(stanzas.get(segment.name) ?? []), segment])
  }
  const named = [...stanzas].filter(([name]) => !name.includes(':') && name !== 'lo').sort(byName)
  const [gateway, gateway6] = ['inet', 'inet6'].map((family) => defaultWay(live, family))
  return {
    ports: portsOf(seen, live),
    bonds: named.flatMap(([name, own]) => (isBond(own) ? [bondOf(name, own, live)] : [])),
    bridges: named.flatMap(([name, own]) => (isBridge(own) ? [bridgeOf(name, own, stanzas)] : [])),
    vlans: named.flatMap(([name, own]) => (isBridge(own) || isBond(own) ? [] : vlanOf(name, own, live))),
    ...(gateway === undefined ? {} : { gateway }),
    ...(gateway6 === undefined ? {} : { gateway6 }),
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
const one = (stanzas: readonly Stanza[], option: string): string | undefined =>
  stanzas.flatMap((stanza) => optionsOf(stanza, option))[0]
const isBridge = (stanzas: readonly Stanza[]): boolean => one(stanzas, 'bridge-ports') !== undefined
const isBond = (stanzas: readonly Stanza[]): boolean => one(stanzas, 'bond-slaves') !== undefined
const words = (stanzas: readonly Stanza[], option: string): readonly string[] =>
  stanzas.flatMap((stanza) => listOf(stanza, option))

function defaultWay(live: Live, family: string): string | undefined {
  const ways = live.routes.filter(
    ({ to, via, family: own }) => own === family && via && /^(0\.0\.0\.0|::)\/0$/.test(to),
  )
  return [...ways].sort((a, b) => a.metric - b.metric)[0]?.via
}

function bridgeOf(name: string, own: readonly Stanza[], all: ReadonlyMap<string, readonly Stanza[]>): FoundBridge {
  const aliases = [...all].filter(([other]) => other.startsWith(`${name}:`)).flatMap(([, stanzas]) => stanzas)
  return {
    name,
    ports: words(own, 'bridge-ports'),
    vlanAware: /^(on|yes|true|1)$/i.test(one(own, 'bridge-vlan-aware') ?? ''),
    ...mtuOf(own),
    ...addressingOf([...own, ...aliases]),
  }
}

function addressingOf(stanzas: readonly Stanza[]): Pick<FoundBridge, 'addresses' | 'gateway' | 'gateway6'> {
  const gateways = stanzas.flatMap((stanza) => optionsOf(stanza, 'gateway')).map(formatAddress)
  const four = gateways.find((address) => familyOf(address) === 'inet')
  const six = gateways.find((address) => familyOf(address) === 'inet6')
  return {
    addresses: [...new Set(stanzas.flatMap(cidrsOf))],
    ...(four === undefined ? {} : { gateway: four }),
    ...(six === undefined ? {} : { gateway6: six }),
  }
}

function mtuOf(stanzas: readonly Stanza[]): { readonly mtu?: number } {
  const mtu = Number(one(stanzas, 'mtu'))
  return Number.isInteger(mtu) && mtu > 0 ? { mtu } : {}
}

function bondOf(name: string, own: readonly Stanza[], live: Live): FoundBond {
  const hashPolicy = one(own, 'bond-xmit-hash-policy')
  const primary = one(own, 'bond-primary')
  const master = live.links.get(name)?.master
  return {
    name,
    ports: words(own, 'bond-slaves'),
    mode: modeOf(one(own, 'bond-mode') ?? 'balance-rr'),
    ...(hashPolicy === undefined ? {} : { hashPolicy }),
    ...(primary === undefined ? {} : { primary }),
    ...mtuOf(own),
    ...(master === undefined ? {} : { master }),
  }
}

/** Linux takes numbers for modes, too (Documentation/networking/bonding.rst). */
const MODES = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb']
const modeOf = (mode: string): string => (/^[0-6]$/.test(mode) ? (MODES[Number(mode)] ?? mode) : mode)

/** By its name (`eno1.20`), or by vlan-raw-device and vlan-id. */
function vlanOf(name: string, own: readonly Stanza[], live: Live): readonly FoundVlan[] {
  const [, base, tag] = /^(.+)\.(\d{1,4})$/.exec(name) ?? []
  const link = live.links.get(name)
  const parent = one(own, 'vlan-raw-device') ?? link?.parent ?? base
  const id = Number(one(own, 'vlan-id') ?? link?.vlan ?? tag ?? /^vlan(\d{1,4})$/.exec(name)?.[1])
  return parent === undefined || !Number.isInteger(id) ? [] : [{ name, parent, id, ...addressingOf(own) }]
}

function portsOf(seen: Seen, live: Live): readonly FoundPort[] {
  const macs = new Map(
    rowsOf(seen).map(({ ifname, permaddr, address, parentdev }) => [ifname, { mac: permaddr ?? address, parentdev }]),
  )
  return lookLines(seen, 'nic')
    .map((line): FoundPort => {
      const [name = '', speed = '-', carrier, driver = '-'] = line.split(' ')
      const master = live.links.get(name)?.master
      const { mac, parentdev } = macs.get(name) ?? {}
      return {
        name,
        mac: String(mac ?? '').toLowerCase(),
        isUp: carrier === '1',
        ...(carrier === '1' && Number(speed) > 0 ? { speed: Number(speed) } : {}),
        ...(driver === '-' ? {} : { driver }),
        ...(typeof parentdev === 'string' ? { pci: parentdev } : {}),
        ...(master === undefined ? {} : { master }),
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Row {
  readonly ifname?: unknown
  readonly permaddr?: unknown
  readonly address?: unknown
  readonly parentdev?: unknown
}

function rowsOf(seen: Seen): readonly Row[] {
  try {
    const rows: unknown = JSON.parse(said(seen, 'ip-links') ?? '[]')
    return Array.isArray(rows) ? rows.filter((row): row is Row => typeof row === 'object' && row !== null) : []
  } catch {
    return []
  }
}
