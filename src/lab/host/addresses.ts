// Arithmetic on IP addresses and their networks.
import { isIP } from 'node:net'

/** `192.0.2.5/24` → `192.0.2.0/24`; IPv6 in eight groups where it has to be taken apart. */
export function networkAddress(cidr: string): string {
  const [ip = '', prefix = ''] = cidr.split('/')
  const bits = bitsOf(ip)
  const kept = bits.slice(0, Number(prefix)).padEnd(bits.length, '0')
  const size = bits.length === 32 ? 8 : 16
  const parts = (kept.match(new RegExp(`.{${size}}`, 'g')) ?? []).map((part) => Number.parseInt(part, 2))
  const text = size === 8 ? parts.join('.') : shorten(parts.map((part) => part.toString(16)))
  return `${text}/${prefix}`
}

/** Is an address inside a network? */
export function isInside(ip: string, cidr: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/')
  const [left, right] = [bitsOf(ip), bitsOf(network)]
  return left.length === right.length && left.slice(0, Number(prefix)) === right.slice(0, Number(prefix))
}

function bitsOf(ip: string): string {
  if (isIP(ip) === 4)
    return ip
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  if (isIP(ip) !== 6) return ''
  const [head = '', tail] = ip.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0')
  const groups = tail === undefined ? left : [...left, ...middle, ...right]
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}

function shorten(groups: readonly string[]): string {
  return groups
    .join(':')
    .replace(/(^|:)0(:0)+(:|$)/, '::')
    .replace(':::', '::')
}
