// IP arithmetic for the address plan and the rules: strict parsing, and both families as ranges of whole numbers.
import { Address4, Address6 } from 'ip-address'

export type Family = 4 | 6

/** Addresses first to last, both included, of one family. A single address is a range of one. */
export interface IpRange {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
}

/** `address/prefix`: the range is the whole network, `address` the one that was written. */
export interface Cidr extends IpRange {
  readonly prefix: number
  readonly address: bigint
}

const BITS = { 4: 32, 6: 128 } as const

/**
 * The address that a text spells, or undefined. Strict: no prefix length, no zone, no brackets, no spaces,
 * and no IPv4 short forms (`10.1`) or leading zeros (`010.0.0.1`), which other programs read as octal.
 */
export function parseIp(text: string): IpRange | undefined {
  if (text.includes('/') || text.includes('%')) return undefined
  return toRange(text)
}

/** The network that a text such as `192.168.100.0/24` spells, or undefined. The prefix length is required. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0 || text.includes('%')) return undefined
  const ip = toRange(text)
  if (ip === undefined) return undefined
  const prefix = Number(text.slice(slash + 1))
  const first = (ip.first >> hostBits(ip.family, prefix)) << hostBits(ip.family, prefix)
  const last = first + (1n << hostBits(ip.family, prefix)) - 1n
  return { family: ip.family, first, last, prefix, address: ip.first }
}

function toRange(text: string): IpRange | undefined {
  if (text.includes(':')) {
    if (!Address6.isValid(text)) return undefined
    const value = new Address6(text).bigInt()
    return { family: 6, first: value, last: value }
  }
  if (!Address4.isValid(text)) return undefined
  const value = new Address4(text).bigInt()
  return { family: 4, first: value, last: value }
}

function hostBits(family: Family, prefix: number): bigint {
  return BigInt(BITS[family] - prefix)
}

/** The address in its canonical spelling (RFC 5952 for IPv6). */
export function formatIp(family: Family, value: bigint): string {
  return family === 4 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm()
}

/** The network of a CIDR without host bits: `192.168.100.5/24` → `192.168.100.0/24`. */
export function formatNetwork(cidr: Cidr): string {
  return `${formatIp(cidr.family, cidr.first)}/${cidr.prefix}`
}

/** Does `outer` hold every address of `inner`? Never across families. */
export function contains(outer: IpRange, inner: IpRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

/** Do two ranges share an address? Never across families. */
export function overlaps(a: IpRange, b: IpRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

/** How many addresses a range holds. */
export function rangeLength(range: IpRange): bigint {
  return range.last - range.first + 1n
}

/**
 * True where the address names its network and not a host: the first and, for IPv4, the last (broadcast) address.
 * /31 and /32 (RFC 3021), /127 and /128 (RFC 6164) have no such addresses.
 */
export function isNetworkAddress(network: Cidr, address: bigint): boolean {
  if (rangeLength(network) <= 2n) return false
  return address === network.first || (network.family === 4 && address === network.last)
}

/** fe80::/10: routers of IPv6 announce themselves with such an address, which lies in no network of the site. */
export function isLinkLocal(address: bigint, family: 4 | 6): boolean {
  return family === 6 && address >> 118n === 0x3fan
}
