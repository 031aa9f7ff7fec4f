// The network of a router as cloud-init makes it of the virtual machine's options: NICs as ens18 and on, addresses of ipconfigN.
import { isInside } from '../host/addresses.ts'
import { networkOf } from '../host/links.ts'
import type { HostState } from '../host/state.ts'
import { parseProperties } from '../property.ts'
import type { GuestState, WorldState } from '../world.ts'

/** systemd's name of net0 on Proxmox VE's default machine type. */
const FIRST_SLOT = 18

/** Gives the host its ports, and puts their addresses into force. */
export function applyNetwork(host: HostState, { config, vmid }: GuestState): void {
  const nics = Object.entries(config)
    .flatMap(([key, value]) => (/^net\d+$/.test(key) ? [{ index: Number(key.slice(3)), text: String(value) }] : []))
    .sort((a, b) => a.index - b.index)
  host.ports = Object.fromEntries(nics.map(({ index, text }) => [nameOf(index), { mac: macOf(text), altnames: [] }]))
  const stanzas = nics.map(({ index }) => {
    const options = parseProperties(String(config[`ipconfig${index}`] ?? ''), '')
    const ipv4 = options.ip === 'dhcp' ? leaseOf(vmid, index) : options
    return `auto ${nameOf(index)}\n${stanza(index, 'inet', ipv4.ip, ipv4.gw)}${stanza(index, 'inet6', options.ip6, options.gw6)}`
  })
  host.applied = `auto lo\niface lo inet loopback\n${stanzas.join('')}`
}

function nameOf(index: number): string {
  return `ens${FIRST_SLOT + index}`
}

/** `virtio=AA:BB:…,bridge=vmbr0` */
function macOf(text: string): string {
  return (/(?:^|[=,])((?:[0-9A-F]{2}:){5}[0-9A-F]{2})/i.exec(text)?.[1] ?? '').toLowerCase()
}

/** Somebody outside gives addresses out (RFC 5737). */
function leaseOf(vmid: number, index: number): { readonly ip: string; readonly gw: string } {
  return { ip: `198.51.100.${10 + ((vmid + index) % 200)}/24`, gw: '198.51.100.1' }
}

function stanza(index: number, family: string, address: string | undefined, gateway: string | undefined): string {
  if (address?.includes('/') !== true) return `iface ${nameOf(index)} ${family} manual\n`
  const lines = [`address ${address}`, ...(gateway === undefined ? [] : [`gateway ${gateway}`])]
  return `iface ${nameOf(index)} ${family} static\n${lines.map((line) => `\t${line}\n`).join('')}`
}

/** The two ends of a session that comes through the node: its address, and the router's in the same network. */
export function endsThroughNode(
  state: WorldState,
  host: HostState,
): { readonly client: string; readonly server: string } {
  const node = state.guests[String(host.vm?.vmid)]?.node ?? ''
  const behind = state.hosts?.[node]
  const clients = behind ? addressesOf(behind).map((cidr) => cidr.split('/')[0] ?? '') : []
  const pairs = addressesOf(host).flatMap((cidr) => {
    const client = clients.find((one) => isInside(one, cidr))
    return client === undefined ? [] : [{ client, server: cidr.split('/')[0] ?? '' }]
  })
  return pairs[0] ?? { client: clients[0] ?? '127.0.0.1', server: addressesOf(host)[0]?.split('/')[0] ?? '127.0.0.1' }
}

function addressesOf(host: HostState): string[] {
  const { links } = networkOf(host, host.applied)
  return [...links.values()].filter(({ kind }) => kind !== 'loopback').flatMap(({ addresses }) => addresses)
}
