// Hygiene: what is told to a peer.
import { impossible, never, off, type Rule, says } from './hygiene-rule.ts'

export const TOLD: readonly Rule[] = [
  {
    name: 'explicit-policy',
    title: 'nothing passes without a filter',
    standard: 'RFC 8212',
    of: 'peer',
    bird: { in: 'protocol', pattern: /^\s*import filter \w+;\n\s*export filter \w+;/m },
    off: never,
  },
  {
    name: 'no-transit',
    title: 'only our own and our customers’ routes leave',
    standard: 'RFC 7908, RFC 7454 6.2',
    of: 'outside',
    bird: { in: 'export', pattern: /^\s*if bgp_large_community !~ \[\(ASN, ORIGIN, .+\)\] then reject;/m },
    off: never,
  },
  {
    name: 'aggregate',
    title: 'our prefixes leave as a whole, and unused parts do not loop',
    standard: 'RFC 4632 5.1',
    of: 'router',
    bird: { in: 'common', pattern: /^protocol static own[46] \{(?:\n.*)*?\n\s*route \S+ unreachable;/m },
    off: () => off('nothing is announced: bgp.announce'),
  },
  {
    name: 'export-limit',
    title: 'a leak of ours is cut off',
    standard: 'RFC 7454 8',
    of: 'outside',
    bird: says('export limit \\d+ action block;'),
    on: (_, one) => String(one?.limits.export),
    off: () => impossible('a customer gets all there is: no bound is known'),
  },
  {
    name: 'private-as',
    title: 'private AS numbers do not leave',
    standard: 'RFC 6996 4',
    of: 'outside',
    bird: { in: 'export', pattern: /^\s*bgp_path\.delete\(PRIVATE_ASNS\);/m },
    off: never,
  },
  {
    name: 'origin',
    title: 'each route carries who sent it, and says it to nobody',
    standard: 'RFC 8092, RFC 8195',
    of: 'outside',
    bird: {
      in: 'import',
      pattern:
        /^\s*bgp_large_community\.delete\(\[\(ASN, \*, \*\)\]\);(?:\n.*)+\n\s*bgp_large_community\.add\(\(ASN, ORIGIN, FROM_\w+\)\);/m,
    },
    off: never,
  },
  {
    name: 'scrub',
    title: 'communities of ours do not leave',
    standard: 'RFC 7454 11',
    of: 'outside',
    bird: { in: 'export', pattern: /^ {2}bgp_large_community\.delete\(\[\(ASN, \*, \*\)\]\);/m },
    off: never,
  },
  {
    name: 'graceful-shutdown-sent',
    title: 'a session can be drained before it goes down',
    standard: 'RFC 8326',
    of: 'outside',
    bird: { in: 'export', pattern: /^\s*if DRAIN_\w+ = 1 then bgp_community\.add\(\(65535, 0\)\);/m },
    off: never,
  },
  {
    name: 'blackhole',
    title: 'the peer drops what is sent to addresses that we give up',
    standard: 'RFC 7999',
    of: 'outside',
    bird: {
      in: 'export',
      pattern: /^\s*bgp_community\.add\(\(65535, 666\)\);|^\s*if \(65535, 666\) ~ bgp_community then \{/m,
    },
    off: (_, one) => off(`where the peer offers it: bgp.peers.${one?.peer.name}.blackhole`),
  },
]
