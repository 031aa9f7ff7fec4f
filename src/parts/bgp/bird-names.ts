// What the things of bird.conf are called, and where BIRD's files lie.
import { formatIp, parseIp } from '../../site/ip.ts'
import { symbolOf } from './symbol.ts'

export const BIRD_FILES = {
  conf: '/etc/bird/bird.conf',
  /** `define PASSWORD_… = "…";`, one for each peer with a password. */
  secrets: '/etc/bird/orion-secrets.conf',
} as const

/** The BGP protocol of a peer. With a prefix, as a peer may be called `filter`, `s` or `1up`: words of BIRD's own, or none at all. */
export function protocolOf(peer: string): string {
  return `peer_${symbolOf(peer)}`
}

/** The RPKI protocol of a cache. */
export function cacheProtocolOf(cache: string): string {
  return `rpki_${cache}`
}

/** Upper-case constant for a word, e.g. `own-prefix` → `OWN_PREFIX`. */
export function constantOf(word: string): string {
  return symbolOf(word).toUpperCase()
}

/** A peer's name where it is no symbol; nothing but its own signs can be in it. */
export function nameText(name: string): string {
  return name.replace(/[^a-z0-9-]/g, '_')
}

/** As BIRD reads it. Errors: RangeError: the site file has addresses here, so another text is a mistake of ours. */
export function addressText(text: string): string {
  const ip = parseIp(text)
  if (ip === undefined) throw new RangeError('an address of bird.conf is none')
  return formatIp(ip.family, ip.first)
}
