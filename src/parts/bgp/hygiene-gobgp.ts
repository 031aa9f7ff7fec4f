// Hygiene under GoBGP: by which words of its configuration file each rule is kept. What is missing here GoBGP cannot do.
import type { BgpPeer } from '../../site/services.ts'

const statement = (name: string): RegExp => new RegExp(`^\\s*name = "${name}"$`, 'm')

/** By the names of rules. */
export const GOBGP: Readonly<Record<string, RegExp>> = {
  'own-prefix': statement('own-prefix[46]'),
  'bogon-prefix': statement('bogon-prefix[46]'),
  'bogon-as': statement('bogon-as-\\S+'),
  'prefix-length': statement('prefix-length-long[46]'),
  'path-length': statement('path-length'),
  'first-as': statement('first-as-\\S+'),
  // A route with another next hop gets no mark, and without one none is taken.
  'next-hop': /^\s*name = "from-\S+"\n(?:(?!\s*\[\[).*\n)*?\s*next-hop-in-list = .+$(?=[\s\S]*^\s*name = "next-hop"$)/m,
  // GoBGP drops such paths unless it is told to take some.
  'own-as': /^(?![\s\S]*\ballow-own-as\b)[\s\S]+/,
  'as-set': statement('as-set'),
  'default-route': statement('default-route[46]'),
  rpki: statement('rpki-invalid'),
  irr: statement('not-(?:registered|listed)-\\S+'),
  'receive-limit': /^\s*max-prefixes = \d+$/m,
  'graceful-shutdown-received': statement('graceful-shutdown'),
  'explicit-policy': /^\s*default-import-policy = "reject-route"\n\s*default-export-policy = "reject-route"$/m,
  'no-transit': statement('customers-out'),
  aggregate: statement('made-own[46]'),
  'private-as': /^\s*remove-private-as = /m,
  origin: statement('from-\\S+'),
  scrub: statement('scrub'),
  'graceful-shutdown-sent': statement('drained-out'),
  blackhole: statement('blackhole-out[46]'),
  gtsm: /^\s*ttl-min = 255$/m,
  password: /^\s*auth-password = /m,
  'graceful-restart': /^\s*restart-time = 120$/m,
  timers: /^\s*hold-time = 90$/m,
  'rpki-caches': /^\[\[rpki-servers\]\]$(?:\n.*)*?\n\[\[rpki-servers\]\]$/m,
}

/** Statements about one peer alone. */
const OF_ONE = /^ *name = "(?:first-as|bogon-as|from|not-listed|not-registered|part-of-own|prepend)-(.+)"$/

/** The file without what it says of other peers. Pure. */
export function aboutPeer(text: string, { name, address }: Pick<BgpPeer, 'name' | 'address'>): string {
  const blocks = text.split(/^(?=\[)/m)
  const own = blocks.filter((block) => !block.startsWith('[[neighbors]]') || block.includes(`address = "${address}"`))
  const lines = own.join('').split('\n')
  return lines.filter((line) => (OF_ONE.exec(line)?.[1] ?? name) === name).join('\n')
}
