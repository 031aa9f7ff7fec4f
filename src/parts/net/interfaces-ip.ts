// Addresses of interfaces: one spelling for each, and which network holds which.
import { BlockList, isIP } from 'node:net'

export type Family = 'inet' | 'inet6'

export const familyOf = (address: string): Family => (address.includes(':') ? 'inet6' : 'inet')

/** `192.168.1.10` of `192.168.1.10/24`. */
export const addressOf = (cidr: string): string => cidr.split('/')[0] ?? ''

/** The address as every program prints it (RFC 5952): lower case, shortest; other text as it is. IPv4 in IPv6 as IPv4. */
export function formatAddress(text: string): string {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIP(address) !== 6) return address
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

/** `192.168.1.10` with `255.255.255.0`, or a prefix length, as `192.168.1.10/24`; what has its prefix keeps it. */
export function formatCidr(address: string, mask?: string): string {
  const [plain = '', prefix] = address.split('/')
  const bits = prefix ?? (mask === undefined ? undefined : prefixOf(mask))
  return `${formatAddress(plain)}/${bits ?? (familyOf(plain) === 'inet' ? 32 : 128)}`
}

function prefixOf(mask: string): string {
  if (isIP(mask) !== 4) return mask
  const ones = mask.split('.').map((byte) => Number(byte).toString(2).replaceAll('0', ''))
  return String(ones.join('').length)
}

/** Does the network of `cidr` hold the address? False for another family, and for text that is no address. */
export function holds(cidr: string, address: string): boolean {
  const [base = '', prefix = ''] = cidr.split('/')
  const version = isIP(base)
  if (version === 0 || version !== isIP(address) || !/^\d{1,3}$/.test(prefix)) return false
  if (Number(prefix) > (version === 4 ? 32 : 128)) return false
  const type = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(base, Number(prefix), type)
  return list.check(address, type)
}
