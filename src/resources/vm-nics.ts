// The network cards of a virtual machine, and the addresses that cloud-init gives them.
import type { Guest, Nic, NicAddress } from '../site/site.ts'
import {
  mergeProperties,
  ownedProperties,
  type Properties,
  parseProperties,
  printProperties,
} from './property-string.ts'
import type { Settings, Wanted } from './setting.ts'

// `mtu` is only ours where the site file names one.
const OWNED = { model: '', macaddr: '', bridge: '', tag: '', firewall: '0' }

/** One row per NIC. The MAC address is always sent: without it Proxmox VE makes a new one with every change. */
export function vmNics(guest: Guest): readonly Wanted[] {
  return guest.nics.map((nic) => {
    const owned = nic.mtu === undefined ? OWNED : { ...OWNED, mtu: '' }
    const want = nicProperties(nic)
    return {
      key: `net${nic.index}`,
      value: printNic(want),
      normal: (text) => ownedProperties(parseNic(text), owned),
      merge: (have) => printNic(mergeProperties(parseNic(have), want, owned)),
    }
  })
}

/**
 * Rows that take away NICs which the site file does not have: a NIC is a way into a network, so the list is complete. An adopted
 * guest keeps those that the site file has no words for.
 */
export function surplusNics(guest: Guest, have: Settings): readonly Wanted[] {
  if (guest.adopted) return []
  const wanted = new Set(guest.nics.map(({ index }) => `net${index}`))
  const found = [...have.keys()].filter((key) => /^net\d+$/.test(key) && !wanted.has(key))
  return found.map((key) => ({ key, value: '' }))
}

function nicProperties(nic: Nic): Properties {
  return new Map([
    ['model', nic.model],
    ['macaddr', nic.mac.toUpperCase()],
    ['bridge', nic.bridge],
    ...(nic.vlan === undefined ? [] : [['tag', String(nic.vlan)] as const]),
    ...(nic.mtu === undefined ? [] : [['mtu', String(nic.mtu)] as const]),
    ...(nic.firewall ? [['firewall', '1'] as const] : []),
  ])
}

/** `virtio=MAC,…` and `model=virtio,macaddr=MAC,…` say the same; read as the second. */
function parseNic(text: string): Properties {
  const properties = new Map<string, string>()
  for (const [key, value] of parseProperties(text, 'model')) {
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) properties.set(key, value)
    else if (key === 'macaddr') properties.set(key, value.toUpperCase())
    else properties.set('model', key).set('macaddr', value.toUpperCase())
  }
  return properties
}

function printNic(properties: Properties): string {
  const { model = '', macaddr = '', ...rest } = Object.fromEntries(properties)
  return printProperties(new Map([[model, macaddr], ...Object.entries(rest)]))
}

/** `ipconfigN` of cloud-init, one row per NIC; '' where the site file gives it no address. */
export function vmAddresses(guest: Guest): readonly Wanted[] {
  return guest.nics.map((nic) => ({
    key: `ipconfig${nic.index}`,
    value: printAddresses(nic),
    normal: (text) => printProperties(new Map([...parseProperties(text.toLowerCase())].sort())),
  }))
}

function printAddresses({ ipv4, ipv6 }: Nic): string {
  return [...addressParts(ipv4, 'ip', 'gw'), ...addressParts(ipv6, 'ip6', 'gw6')].join(',')
}

/** `ip=…,gw=…` of one family, as cloud-init drives and containers both take it. */
export function addressParts(
  address: NicAddress | 'auto' | undefined,
  key: string,
  gatewayKey: string,
): readonly string[] {
  if (address === undefined) return []
  if (typeof address === 'string') return [`${key}=${address}`]
  return [`${key}=${address.cidr}`, ...(address.gateway === undefined ? [] : [`${gatewayKey}=${address.gateway}`])]
}
