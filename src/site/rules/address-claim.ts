// Every address that the site file gives away, with its owner: guests, nodes, BMCs, DHCP ranges and the mesh.
import { type IpRange, parseCidr, parseIp } from '../ip.ts'
import type { Guest, Nic, NicAddress, Path, Site } from '../site.ts'
import type { Taken } from './interval.ts'
import { guestPath } from './verdict.ts'

/** An address or range with its owner. Two claims of one `holder` on one address are one claim. */
export interface Claim extends Taken {
  readonly kind: 'address' | 'range'
  readonly holder: string
  readonly owner: string
  readonly path: Path
}

type Found = Omit<Claim, 'order' | keyof IpRange> & { readonly ip: IpRange | undefined }

/** In the order of the site file; addresses that do not parse are left to the schema. */
export function addressClaims(site: Site): Claim[] {
  const claims: Claim[] = []
  for (const { ip, ...claim } of [...nodeClaims(site), ...dhcpClaims(site), ...guestClaims(site), ...meshClaims(site)])
    if (ip !== undefined) claims.push({ ...claim, ...ip, order: claims.length })
  return claims
}

/** The address of a static NIC as a single address, or undefined. */
export function nicIp(address: NicAddress | 'auto' | undefined): IpRange | undefined {
  if (typeof address !== 'object') return undefined
  const cidr = parseCidr(address.cidr)
  return cidr && { family: cidr.family, first: cidr.address, last: cidr.address }
}

/** First to last of a DHCP range, or undefined if it is none. */
export function dhcpRange(dhcp: { readonly first: string; readonly last: string }): IpRange | undefined {
  const first = parseIp(dhcp.first)
  const last = parseIp(dhcp.last)
  if (first === undefined || last === undefined || first.family !== last.family || last.first < first.first)
    return undefined
  return { family: first.family, first: first.first, last: last.first }
}

function* nodeClaims(site: Site): Generator<Found> {
  for (const node of site.nodes) {
    const place = `nodes.${node.name}`
    const path = ['nodes', node.name]
    const kind = 'address'
    yield { kind, holder: place, owner: `${place}.address`, path: [...path, 'address'], ip: parseIp(node.address) }
    if (node.bmc !== undefined)
      yield { kind, holder: `${place}.bmc`, owner: `${place}.bmc`, path: [...path, 'bmc'], ip: parseIp(node.bmc) }
    for (const [network, addresses] of Object.entries(node.addresses))
      for (const address of addresses)
        yield {
          kind,
          holder: place,
          owner: `${place} (network ${network})`,
          path: [...path, 'addresses', network],
          ip: parseIp(address),
        }
  }
}

function* dhcpClaims(site: Site): Generator<Found> {
  for (const { name, dhcp } of site.networks) {
    if (dhcp === undefined) continue
    const owner = `the DHCP range of networks.${name}`
    yield { kind: 'range', holder: owner, owner, path: ['networks', name, 'dhcp'], ip: dhcpRange(dhcp) }
  }
}

function* guestClaims(site: Site): Generator<Found> {
  for (const guest of site.guests)
    for (const nic of guest.nics) for (const address of [nic.ipv4, nic.ipv6]) yield nicClaim(guest, nic, address)
}

function nicClaim(guest: Guest, nic: Nic, address: NicAddress | 'auto' | undefined): Found {
  return {
    kind: 'address',
    holder: `guests.${guest.name}/${nic.index}`,
    owner: `guests.${guest.name} (network ${nic.network})`,
    path: guestPath(guest, 'nics', nic.network),
    ip: nicIp(address),
  }
}

function* meshClaims(site: Site): Generator<Found> {
  for (const section of ['gateways', 'clients'] as const)
    for (const { name, address } of site.mesh?.[section] ?? []) {
      const owner = `mesh.${section}.${name}`
      yield { kind: 'address', holder: owner, owner, path: ['mesh', section, name, 'address'], ip: parseIp(address) }
    }
}
