// The computed address plan: MAC, IPv6 address and SMBIOS UUID of a guest follow from the site file, never from chance.
import { createHash } from 'node:crypto'
import { type Cidr, formatIp, parseCidr, parseIp } from './ip.ts'

/** Names of orion's guests in the sense of RFC 9562, section 6.6. It must never change: every guest's identity hangs on it. */
const NAMESPACE = '8f1f5b0e-3c64-4c0c-9a1e-6d5b7a2c91d4'

const VMID_BITS = 30n // Proxmox ends at 999999999, which is below 2^30
const INDEX_BITS = 5n // Proxmox ends at net31
const SITE_BITS = 11n

/**
 * MAC address of a NIC as Proxmox prints it (`AA:BB:…`, upper case): locally administered and unicast.
 * 11 bits of a hash of the site, then the VMID (30 bits) and the NIC's index (5 bits) as they are, so no two NICs of a
 * site are alike for VMIDs below 2^30 and indices below 32. Two sites on one wire with the same VMID meet once in 2,048.
 */
export function macAddress(site: string, vmid: number, index: number): string {
  const place = BigInt(createHash('sha256').update(site).digest().readUInt16BE(0)) % (1n << SITE_BITS)
  const low =
    (BigInt.asUintN(Number(VMID_BITS), BigInt(vmid)) << INDEX_BITS) | BigInt.asUintN(Number(INDEX_BITS), BigInt(index))
  const bits = (place << (VMID_BITS + INDEX_BITS)) | low
  // 46 free bits: six before the two flag bits of the first byte (0b10 = local, unicast), forty after them.
  const mac = ((bits >> 40n) << 42n) | (0b10n << 40n) | BigInt.asUintN(40, bits)
  const hex = mac.toString(16).padStart(12, '0').toUpperCase()
  return (hex.match(/../g) ?? []).join(':')
}

/** SMBIOS UUID of a guest: RFC 9562 version 5 (SHA-1, name based) of `site/vmid`, lower case. */
export function smbiosUuid(site: string, vmid: number): string {
  return nameUuid(NAMESPACE, `${site}/${vmid}`)
}

/** UUID version 5 of a name within a namespace (RFC 9562, section 5.5). */
export function nameUuid(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/**
 * IPv6 address (without prefix length) of a guest in `network6` (CIDR). It is made to be read: the decimal digits of the
 * IPv4 host part are written as they are, so 192.168.100.30 becomes `…::30`. `ipv4` may be a CIDR, whose host part is then
 * every octet that the prefix does not fill (10.1.2.30/16 → `…::2:30`); without a prefix it is the last octet.
 * Without an IPv4 address the digits are the VMID's: 200 → `…::200`, 12345 → `…::1:2345`.
 *
 * Within one network two IPv4 addresses never give one IPv6 address; VMID 200 and x.x.x.200 do, and a host part that is
 * too big for a network longer than /64 runs out of it. The rules report both. Throws RangeError if an input is no address.
 */
export function guestIpv6(network6: string, ipv4: string | undefined, vmid: number): string {
  const network = parseCidr(network6)
  if (network?.family !== 6) throw new RangeError(`${network6} is not an IPv6 network`)
  const groups = ipv4 === undefined ? vmidGroups(vmid) : hostOctets(ipv4)
  const host = groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
  return formatIp(6, network.first | host)
}

function hostOctets(ipv4: string): string[] {
  const cidr: Pick<Cidr, 'family' | 'prefix'> | undefined = parseCidr(ipv4) ?? withPrefix24(ipv4)
  if (cidr?.family !== 4) throw new RangeError(`${ipv4} is not an IPv4 address`)
  const octets = (ipv4.split('/')[0] ?? '').split('.')
  return octets.slice(Math.min(3, Math.floor(cidr.prefix / 8)))
}

function withPrefix24(ipv4: string): Pick<Cidr, 'family' | 'prefix'> | undefined {
  const ip = parseIp(ipv4)
  return ip && { family: ip.family, prefix: 24 }
}

function vmidGroups(vmid: number): string[] {
  return `${vmid}`.match(/\d{1,4}(?=(?:\d{4})*$)/g) ?? ['0']
}
