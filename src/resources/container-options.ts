// Every option of a container that orion keeps, as rows of one table (volumes and NICs have their own files).
import type { Guest, Nic, Site } from '../site/site.ts'
import { COMMON_OPTIONS, flag, type Option, wantedRows } from './guest-options.ts'
import {
  mergeProperties,
  ownedProperties,
  type Properties,
  parseProperties,
  printProperties,
} from './property-string.ts'
import { isRootFeature } from './root-only.ts'
import type { Wanted } from './setting.ts'
import { plainKeys, showKeys } from './ssh-keys.ts'
import { addressParts } from './vm-nics.ts'

const UNPRIVILEGED_HINT =
  'a container cannot change between privileged and unprivileged: back it up and restore it as the other kind, or set it in the site file'

const OPTIONS: readonly Option[] = [
  { key: 'hostname', want: ({ name }) => name },
  { key: 'swap', want: ({ swapMib }) => String(swapMib), absent: '512' },
  { key: 'ostype', want: ({ ostype }) => ostype },
  { key: 'timezone', want: ({ timezone }) => timezone },
  // Always sent: the default is privileged up to Proxmox VE 8 and unprivileged since 9.
  { key: 'unprivileged', want: ({ unprivileged }) => flag(unprivileged), absent: '0', fixed: UNPRIVILEGED_HINT },
  // Plain text here, and it cannot be read back: the keys are written into the container when it is made.
  { key: 'ssh-public-keys', want: keys, show: showKeys, createOnly: true },
]

/** The rows of a container but for its volumes. */
export function containerOptions(guest: Guest, site: Site): readonly Wanted[] {
  return [
    ...wantedRows(OPTIONS, guest, site),
    ...wantedRows(COMMON_OPTIONS, guest, site),
    ...features(guest),
    ...guest.nics.map((nic) => nicRow(nic, guest.adopted !== undefined)),
  ]
}

function keys({ sshKeys }: Guest): string | undefined {
  return sshKeys.length === 0 ? undefined : plainKeys(sshKeys)
}

// Two rows of one key where both channels have a part in it: each keeps what is the other's.
function features(guest: Guest): readonly Wanted[] {
  const wanted = Object.entries(guest.features)
  const byApi = wanted.filter(([name]) => !isRootFeature(name, guest))
  const byRoot = wanted.filter(([name]) => isRootFeature(name, guest))
  return [
    ...(byApi.length === 0 ? [] : [featuresRow(byApi)]),
    ...(byRoot.length === 0 ? [] : [{ ...featuresRow(byRoot), channel: 'root' as const }]),
  ]
}

function featuresRow(wanted: readonly (readonly [string, boolean])[]): Wanted {
  const owned = Object.fromEntries(wanted.map(([name]) => [name, '0']))
  const on = new Map(wanted.filter(([, value]) => value).map(([name]) => [name, '1']))
  return {
    key: 'features',
    value: printProperties(on),
    normal: (text) => ownedProperties(parseProperties(text), owned),
    merge: (have) => printProperties(mergeProperties(parseProperties(have), on, owned)),
  }
}

const NIC_OWNED = {
  name: '',
  hwaddr: '',
  bridge: '',
  tag: '',
  firewall: '0',
  ip: '',
  gw: '',
  ip6: '',
  gw6: '',
  type: 'veth',
}

// `mtu` is only ours where the site file names one.
function nicRow(nic: Nic, isAdopted: boolean): Wanted {
  const all = nic.mtu === undefined ? NIC_OWNED : { ...NIC_OWNED, mtu: '' }
  const owned = isAdopted ? statedOf(nic, all) : all
  const want = nicProperties(nic)
  return {
    key: `net${nic.index}`,
    value: printProperties(want),
    normal: (text) => ownedProperties(readNic(text), owned),
    merge: (have) => printProperties(mergeProperties(parseProperties(have), want, owned)),
  }
}

/** Of a container that was there before orion: its interface keeps its name, and a family of which nothing is said its address. */
function statedOf({ ipv4, ipv6 }: Nic, owned: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const left = ['name', ...(ipv4 === undefined ? ['ip', 'gw'] : []), ...(ipv6 === undefined ? ['ip6', 'gw6'] : [])]
  return Object.fromEntries(Object.entries(owned).filter(([key]) => !left.includes(key)))
}

function nicProperties(nic: Nic): Properties {
  const addresses = [...addressParts(nic.ipv4, 'ip', 'gw'), ...addressParts(nic.ipv6, 'ip6', 'gw6')]
  return new Map([
    ['name', `eth${nic.index}`],
    ['bridge', nic.bridge],
    ['hwaddr', nic.mac.toUpperCase()],
    ...parseProperties(addresses.join(',')),
    ...(nic.vlan === undefined ? [] : [['tag', String(nic.vlan)] as const]),
    ...(nic.mtu === undefined ? [] : [['mtu', String(nic.mtu)] as const]),
    ...(nic.firewall ? [['firewall', '1'] as const] : []),
    ['type', 'veth'],
  ])
}

function readNic(text: string): Properties {
  const properties = new Map(parseProperties(text, 'name'))
  properties.set('hwaddr', (properties.get('hwaddr') ?? '').toUpperCase())
  for (const key of ['ip', 'ip6']) if (properties.get(key) === 'manual') properties.delete(key)
  return properties
}
