// Between /etc/network/interfaces and the rows of the API, the way Proxmox VE reads and writes that file.
import type { Interfaces } from '../world.ts'
import { cidrOf, type ParsedInterfaces, parseInterfaces, type Stanza } from './interfaces-file.ts'

type Row = Interfaces[string]

/** Proxmox names these options with another key than ifupdown2 does. */
const KEYS: Readonly<Record<string, string>> = { slaves: 'bond-slaves', mtu: 'mtu' }
/** Rows that are no options of a stanza. */
const OWN = new Set(['type', 'method', 'method6', 'autostart', 'comments', 'comments6', 'taken', 'netmask', 'netmask6'])
const PLACES = ['address', 'cidr', 'address6', 'cidr6', 'gateway', 'gateway6']

/** The interfaces of a text as the API shows them; `lo` is not among them. `taken`: names that stay manual. */
export function toInterfaces(text: string, taken: readonly string[] = []): Interfaces {
  const parsed = parseInterfaces(text)
  // Names come from outside: nothing is inherited here.
  const rows = Object.create(null) as Interfaces
  for (const { name } of parsed.stanzas) if (name !== 'lo') rows[name] ??= rowOf(parsed, name, taken)
  return rows
}

function rowOf(parsed: ParsedInterfaces, name: string, taken: readonly string[]): Row {
  const own = parsed.stanzas.filter((stanza) => stanza.name === name)
  const row: Row = { type: '' }
  row.method = own.find(({ family }) => family === 'inet')?.method ?? 'manual'
  row.method6 = own.find(({ family }) => family === 'inet6')?.method ?? 'manual'
  if (parsed.auto.has(name)) row.autostart = 1
  for (const stanza of own) addOptions(row, stanza)
  row.type = typeOf(name, row)
  if (taken.includes(name)) row.taken = 1
  return row
}

function addOptions(row: Row, { family, options, comments }: Stanza): void {
  const suffix = family === 'inet6' ? '6' : ''
  const netmask = options.find(([key]) => key === 'netmask')?.[1]
  for (const [key, value] of options) {
    if (key === 'address') {
      const cidr = cidrOf(value, netmask) ?? value
      const [address = '', prefix = ''] = cidr.split('/')
      Object.assign(row, { [`cidr${suffix}`]: cidr, [`address${suffix}`]: address, [`netmask${suffix}`]: prefix })
    } else if (key === 'gateway') row[`gateway${suffix}`] = value
    else if (key === 'mtu') row.mtu = Number(value)
    else if (key === 'bridge-vlan-aware') row.bridge_vlan_aware = value === 'yes' ? 1 : 0
    else if (key === 'bridge-ports') row.bridge_ports = value === 'none' ? '' : value
    else if (key !== 'netmask') row[apiKey(key)] = value
  }
  if (comments.length > 0) row[`comments${suffix}`] = `${comments.join('\n')}\n`
}

function apiKey(key: string): string {
  if (key === 'bond-slaves') return 'slaves'
  return /^(bridge|bond|ovs)-/.test(key) && key !== 'bond-primary' ? key.replaceAll('-', '_') : key
}

function typeOf(name: string, row: Row): string {
  if (row.ovs_type !== undefined) return String(row.ovs_type)
  if (row.bridge_ports !== undefined || /^vmbr\d+$/.test(name)) return 'bridge'
  if (row.slaves !== undefined || /^bond\d+$/.test(name)) return 'bond'
  if (/\.\d+$/.test(name) || row['vlan-raw-device'] !== undefined) return 'vlan'
  if (/:\d+$/.test(name)) return 'alias'
  return /^(eth|en|nic)/.test(name) ? 'eth' : 'unknown'
}

/** The whole file, written anew as Proxmox VE does: its own order and form; the head and the `source` lines of the old text stay. */
export function toText(rows: Interfaces, old: string): string {
  const stanzas = Object.entries(rows).map(([name, row]) => textOf(name, row))
  const sources = parseInterfaces(old).sources.map((pattern) => `source ${pattern}\n`)
  const head = /^(#.*\n|\n)*/.exec(old)?.[0] ?? ''
  return `${head}auto lo\niface lo inet loopback\n\n${stanzas.join('')}${sources.join('')}`
}

function textOf(name: string, row: Row): string {
  const auto = row.autostart === 1 ? `auto ${name}\n` : ''
  const first = stanzaText(name, row, '', [...linesOf(row, ''), ...optionLines(row)])
  const has6 = row.cidr6 !== undefined || row.address6 !== undefined || (row.method6 ?? 'manual') !== 'manual'
  return `${auto}${first}${has6 ? stanzaText(name, row, '6', linesOf(row, '6')) : ''}`
}

function stanzaText(name: string, row: Row, suffix: '' | '6', lines: readonly string[]): string {
  const comment = row[`comments${suffix}`]
  const comments = comment === undefined ? [] : String(comment).trimEnd().split('\n')
  const method = row[`method${suffix}`] ?? 'manual'
  return [
    `iface ${name} inet${suffix} ${method}`,
    ...lines.map((line) => `\t${line}`),
    ...comments.map((line) => `#${line}`),
    '',
    '',
  ].join('\n')
}

function linesOf(row: Row, suffix: '' | '6'): string[] {
  const netmask = row[`netmask${suffix}`]
  const address = row[`cidr${suffix}`] ?? row[`address${suffix}`]
  const whole = address === undefined ? undefined : (cidrOf(String(address), netmask?.toString()) ?? address)
  const gateway = row[`gateway${suffix}`]
  return [
    ...(whole === undefined ? [] : [`address ${whole}`]),
    ...(gateway === undefined ? [] : [`gateway ${gateway}`]),
  ]
}

function optionLines(row: Row): string[] {
  return Object.entries(row)
    .filter(([key]) => !OWN.has(key) && !PLACES.includes(key))
    .map(([key, value]) => `${KEYS[key] ?? key.replaceAll('_', '-')} ${textOfValue(key, value)}`)
}

function textOfValue(key: string, value: string | number): string | number {
  if (key === 'bridge_ports') return value === '' ? 'none' : value
  return key === 'bridge_vlan_aware' ? (value === 1 ? 'yes' : 'no') : value
}
