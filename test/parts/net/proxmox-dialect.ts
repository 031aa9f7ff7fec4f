// An independent reader and writer of /etc/network/interfaces as Proxmox's GUI has it (pve-docs "Network Configuration",
// interfaces(5)): what it shows of a file, and the file that it writes back. Shares nothing with src/parts/net.

export interface Shown {
  type: 'loopback' | 'eth' | 'bond' | 'bridge' | 'vlan' | 'alias' | 'unknown'
  autostart: boolean
  families: string[]
  /** `method`, `address`, `gateway`, with suffix `6` for IPv6; options by the GUI's names. */
  fields: Record<string, string>
  /** Lines the GUI keeps and does not understand, and its comments. */
  extra: Record<string, string[]>
}

export interface Network {
  shown: Record<string, Shown>
  /** Lines outside of interfaces that it keeps: `source …`; each with how many interfaces came before it. */
  loose: { line: string; after: number }[]
  /** What it would lose when writing back. */
  lost: string[]
}

const NIC = /^(?:eth\d+|nic\d+|en[^:.]+|ib[^:.]+)$/
const FIELDS =
  /^(?:address|gateway|netmask|mtu|bridge-(?:ports|stp|fd|vlan-aware|vids)|bond-(?:slaves|miimon|mode|xmit-hash-policy|primary))$/
const ONCE_PER_FAMILY = /^(?:address|gateway|netmask)$/

export function readBack(text: string): Network {
  const net: Network = { shown: {}, loose: [], lost: [] }
  const at = (name: string) => {
    net.shown[name] ??= { type: kindOf(name), autostart: false, families: [], fields: {}, extra: {} }
    return net.shown[name]
  }
  let here: { shown: Shown; six: string } | null = null
  for (const line of text.split('\n').slice(0, -1)) {
    const words = line.trim().split(/\s+/)
    const head = words[0] ?? ''
    if (head === 'auto') {
      for (const name of words.slice(1)) at(name).autostart = true
      here = null
    } else if (head === 'iface') {
      const [, name = '', family = '', method = ''] = words
      const shown = at(name)
      if (shown.families.includes(family)) net.lost.push(`second ${family} of ${name}`)
      shown.families.push(family)
      here = { shown, six: family === 'inet6' ? '6' : '' }
      shown.fields[`method${here.six}`] = method
    } else if (/^(?:source|source-directory|mapping)$/.test(head) || head.startsWith('allow-')) {
      net.loose.push({ line, after: Object.keys(net.shown).length })
      here = null
    } else if (head === '') here = null
    else if (here === null) {
      if (head.startsWith('#')) net.lost.push(line)
      else net.loose.push({ line, after: Object.keys(net.shown).length })
    } else if (head.startsWith('#')) keep(here.shown, `comments${here.six}`, line.trim())
    else if (FIELDS.test(head)) {
      const key = ONCE_PER_FAMILY.test(head) ? head + here.six : head
      if (key in here.shown.fields) net.lost.push(`${key} of ${line.trim()}`)
      here.shown.fields[key] = words.slice(1).join(' ')
    } else keep(here.shown, `options${here.six}`, line.trim())
  }
  return net
}

function keep(shown: Shown, where: string, line: string): void {
  shown.extra[where] = [...(shown.extra[where] ?? []), line]
}

function kindOf(name: string): Shown['type'] {
  if (name === 'lo') return 'loopback'
  if (/:\d+$/.test(name)) return 'alias'
  if (/\.\d+$/.test(name)) return 'vlan'
  if (/^bond\d+$/.test(name)) return 'bond'
  if (/^vmbr\d+$/.test(name)) return 'bridge'
  return NIC.test(name) ? 'eth' : 'unknown'
}

/** What the GUI refuses to write: its own consistency checks. */
export function complaints({ shown }: Network): string[] {
  const out: string[] = []
  const users: Record<string, string> = {}
  const list = (value = '') => value.split(' ').filter((word) => word !== '' && word !== 'none')
  for (const [name, one] of Object.entries(shown)) {
    for (const port of [...list(one.fields['bridge-ports']), ...list(one.fields['bond-slaves'])]) {
      if (users[port]) out.push(`${port} used by ${users[port]} and ${name}`)
      users[port] = name
      if (!shown[port]) out.push(`${name}: no such port ${port}`)
      if (shown[port]?.fields.address) out.push(`${port}: address on a port`)
      const [own, below] = [Number(one.fields.mtu ?? 1500), Number(shown[port]?.fields.mtu ?? 1500)]
      if (one.type === 'bridge' ? own > below : below > own) out.push(`${name}: mtu ${own} over ${port} with ${below}`)
    }
    const parent = name.split(/[.:]/)[0] ?? ''
    if ((one.type === 'vlan' || one.type === 'alias') && !shown[parent]) out.push(`${name}: no parent ${parent}`)
    const { 'bond-primary': primary } = one.fields
    if (primary && !list(one.fields['bond-slaves']).includes(primary))
      out.push(`${name}: primary ${primary} is no slave`)
  }
  return out
}

const RANK = { loopback: 1, eth: 2, bond: 4, bridge: 5, vlan: 0, alias: 0, unknown: 0 }
const ORDER = [
  'bridge-ports',
  'bridge-stp',
  'bridge-fd',
  'bridge-vlan-aware',
  'bridge-vids',
  'bond-slaves',
  'bond-miimon',
]
const REST = ['bond-mode', 'bond-xmit-hash-policy', 'bond-primary', 'mtu']

/** The file as the GUI writes it, below its own heading. */
export function writeBack(net: Network): string {
  const names = Object.keys(net.shown)
  const rootOf = (name: string) => net.shown[name.split(/[.:]/)[0] ?? '']
  const level = (name: string) => name.split(/[.:]/).length - 1
  const weight = (name: string) => RANK[rootOf(name)?.type ?? 'unknown'] * 1e5 + level(name) + names.indexOf(name)
  const slaves = names.flatMap((name) => (net.shown[name]?.fields['bond-slaves'] ?? '').split(' '))
  const sorted = [...names].sort((a, b) => weight(a) - weight(b) || (a < b ? -1 : 1))
  const blocks = sorted.flatMap((name) => {
    const one = net.shown[name]
    if (!one) return []
    const auto = one.autostart || slaves.includes(name) ? `auto ${name}\n` : ''
    return [auto + one.families.map((family, index) => block(name, one, family, index === 0)).join('')]
  })
  return blocks.join('') + net.loose.map(({ line }) => `${line}\n`).join('')
}

function block(name: string, one: Shown, family: string, first: boolean): string {
  const six = family === 'inet6' ? '6' : ''
  const field = (key: string, label = key) => (key in one.fields ? [`\t${label} ${one.fields[key]}`] : [])
  const lines = [
    `iface ${name} ${family} ${one.fields[`method${six}`]}`,
    ...field(`address${six}`, 'address'),
    ...field(`gateway${six}`, 'gateway'),
    ...(first ? [...ORDER, ...REST].flatMap((key) => field(key)) : []),
    ...(one.extra[`options${six}`] ?? []).map((line) => `\t${line}`),
    ...(one.extra[`comments${six}`] ?? []),
  ]
  return `${lines.join('\n')}\n\n`
}
