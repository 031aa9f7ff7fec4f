// The NICs of an imported guest: network name → addresses, MAC address and model, as far as the site file has words for them.
import { parseProperties } from '../resources/property-string.ts'
import type { FoundGuest } from '../site/discovery.ts'
import { parseCidr, parseIp } from '../site/ip.ts'
import type { GuestPlace } from './import-guest.ts'
import { type Entry, type FoundNetwork, type NicPlace, networkKey, nicsOf } from './import-network.ts'

/** One card's own address: the first byte's lowest bit is that of groups. */
const MAC = /^[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}$/
const OF_NIC = new Set([
  'bridge',
  'tag',
  'firewall',
  'mtu',
  'macaddr',
  'hwaddr',
  'model',
  'ip',
  'gw',
  'ip6',
  'gw6',
  'type',
])

export function nicEntries(guest: FoundGuest, place: GuestPlace): Entry {
  const { networks, name, notes } = place
  const path = `guests.${name}.nics`
  const entries: Record<string, Entry> = {}
  for (const nic of nicsOf(guest.config)) {
    const network = nic.bridge === undefined ? undefined : networks.get(networkKey(nic.bridge, nic.vlan))
    const why = whyLeft(nic, network, entries)
    if (network === undefined || why !== undefined) {
      notes.note(`guests.${name}`, `net${nic.index} stays as it is: ${why}`)
      continue
    }
    const place = Object.keys(entries).length
    entries[network.name] = toEntry(guest, nic, network, place, (text) => notes.note(`${path}.${network.name}`, text))
  }
  return Object.keys(entries).length === 0 ? {} : { nics: entries }
}

function whyLeft(
  { bridge, properties }: NicPlace,
  network: FoundNetwork | undefined,
  entries: Entry,
): string | undefined {
  if (bridge === undefined) return 'it is on no bridge'
  if (network === undefined) return `${bridge} is no bridge of /etc/network/interfaces`
  if (Object.hasOwn(entries, network.name))
    return `it is the second one in ${network.name}, and the site file has one NIC per network`
  if (!MAC.test(macOf(properties).mac)) return 'its MAC address'
  return properties.has('trunks') ? 'it has several VLANs' : undefined
}

/** `virtio=BC:24:…` and `model=virtio,macaddr=…` of VMs, `hwaddr=…` of containers. */
function macOf(properties: NicPlace['properties']): { readonly mac: string; readonly model: string } {
  const [model, mac] = [...properties].find(([key, value]) => MAC.test(value) && !/addr$/.test(key)) ?? []
  if (model !== undefined && mac !== undefined) return { model, mac }
  return {
    model: properties.get('model') ?? 'virtio',
    mac: properties.get('macaddr') ?? properties.get('hwaddr') ?? '',
  }
}

function toEntry(
  guest: FoundGuest,
  nic: NicPlace,
  network: FoundNetwork,
  place: number,
  note: (text: string) => void,
): Entry {
  const { mac, model } = macOf(nic.properties)
  const cloud = guest.config[`ipconfig${nic.index}`]
  const said = guest.kind === 'ct' ? nic.properties : parseProperties(cloud ?? '')
  const left = [...nic.properties.keys()].filter((key) => !OF_NIC.has(key) && key !== model && key !== 'name')
  if (left.length > 0) note(`stays as it is, without words here: ${left.join(', ')}`)
  const mtu = Number(nic.properties.get('mtu'))
  return {
    ...family(said, 'ip', 'gw', network, note),
    ...family(said, 'ip6', 'gw6', network, note),
    ...(mtu >= 576 ? { mtu } : {}),
    ...(guest.kind === 'vm' && model !== 'virtio' ? { model } : {}),
    ...(nic.properties.get('firewall') === '1' ? { firewall: true } : {}),
    mac: mac.toUpperCase(),
    ...(nic.index === place ? {} : { index: nic.index }),
  }
}

const KEYS = { ip: ['ipv4', 'gateway', 4], ip6: ['ipv6', 'gateway6', 6] } as const

/** One family; what cannot be said is left alone, also where the network would bring an address by itself. */
function family(
  said: ReadonlyMap<string, string>,
  ip: keyof typeof KEYS,
  gw: string,
  { entry }: FoundNetwork,
  note: (text: string) => void,
): Entry {
  const [key, gatewayKey, number] = KEYS[ip]
  const text = said.get(ip) ?? ''
  const network = parseCidr(String(entry[key] ?? ''))
  const none = number === 6 && network !== undefined ? { [key]: 'none' } : {}
  if (text === 'dhcp' || (text === 'auto' && number === 6)) return { [key]: text }
  const cidr = parseCidr(text)
  if (cidr === undefined || cidr.family !== number) {
    if (text !== '' && text !== 'manual') note(`${ip}=${text} stays as it is`)
    return none
  }
  const plain = text.split('/')[0] ?? ''
  const gateway = said.get(gw)
  const via = gateway === undefined ? 'none' : parseIp(gateway)?.family === number ? gateway : undefined
  return {
    [key]: network?.prefix === cidr.prefix ? plain : text,
    ...(via === undefined ? {} : { [gatewayKey]: via }),
  }
}
