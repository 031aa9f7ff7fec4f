// Hygiene: what is believed of a peer.
import type { PeerModel } from './bird-model.ts'
import { impossible, never, off, type Rule, refuses, says } from './hygiene-rule.ts'

/** RFC 7947, section 2.2. */
const isServer = (why: string, { peer: { name } }: PeerModel) => off(`${why}: bgp.peers.${name}.routeServer`)

const noCache = () => off('bgp.rpki is false, or names no cache')

export const TAKEN: readonly Rule[] = [
  {
    name: 'own-prefix',
    title: 'our own prefixes are taken of nobody',
    standard: 'RFC 7454 6.1.4',
    of: 'outside',
    bird: refuses('OWN_PREFIX'),
    off: () => off('nothing is announced: bgp.announce'),
  },
  {
    name: 'bogon-prefix',
    title: 'prefixes that are nobody’s are refused',
    standard: 'RFC 6890, RFC 7454 6.1.1',
    of: 'peer',
    bird: refuses('BOGON_PREFIX'),
    off: never,
  },
  {
    name: 'bogon-as',
    title: 'paths with private or reserved AS numbers are refused',
    standard: 'RFC 7607, RFC 6996',
    of: 'outside',
    bird: refuses('BOGON_AS'),
    off: never,
  },
  {
    name: 'prefix-length',
    title: 'too short and too long prefixes are refused',
    standard: 'RFC 7454 6.1.3',
    of: 'outside',
    bird: refuses('PREFIX_LENGTH'),
    off: never,
  },
  {
    name: 'path-length',
    title: 'paths of more than 64 AS numbers are refused',
    standard: 'RFC 7454 9',
    of: 'peer',
    bird: refuses('PATH_LENGTH'),
    off: never,
  },
  {
    name: 'first-as',
    title: 'a path begins with the AS number of the peer',
    standard: 'RFC 4271 6.3',
    of: 'outside',
    bird: refuses('FIRST_AS'),
    off: (_, one) => (one?.peer.routeServer ? isServer('the first is its member’s', one) : never()),
  },
  {
    name: 'next-hop',
    title: 'a peer draws traffic to itself, to no third router',
    standard: 'RFC 7454 10',
    of: 'outside',
    bird: refuses('NEXT_HOP'),
    off: (_, one) => {
      if (one?.peer.routeServer) return isServer('its members are the next hops', one)
      return one?.peer.multihop === undefined ? never() : impossible('the peer is behind other routers: multihop')
    },
  },
  {
    name: 'own-as',
    title: 'paths with our own AS number are refused',
    standard: 'RFC 4271 9.1.2',
    of: 'outside',
    bird: refuses('OWN_AS'),
    off: never,
  },
  {
    name: 'as-set',
    title: 'paths with AS_SETs are refused',
    standard: 'RFC 9774',
    of: 'peer',
    bird: says('allow as sets off;'),
    off: never,
  },
  {
    name: 'default-route',
    title: 'a default route is refused',
    standard: 'RFC 7454 6.1.6',
    of: 'peer',
    bird: refuses('DEFAULT_ROUTE'),
    off: (_, one) => off(`asked for: bgp.peers.${one?.peer.name}.defaultRoute`),
  },
  {
    name: 'rpki',
    title: 'routes whose origin contradicts the ROAs are refused',
    standard: 'RFC 6811, RFC 7115',
    of: 'outside',
    bird: refuses('RPKI_INVALID'),
    off: noCache,
  },
  {
    name: 'rpki-reload',
    title: 'routes are judged anew when ROAs change',
    standard: 'RFC 9324',
    of: 'outside',
    bird: says('import table on;'),
    about: ({ caches }) => caches.length > 0,
    off: (model) => (model.caches.length > 0 ? never() : noCache()),
  },
  {
    name: 'irr',
    title: 'only what is registered or listed is taken',
    standard: 'RFC 7454 6.1.2.3',
    of: 'outside',
    bird: { in: 'import', pattern: /^\s*if !\(net ~ .+\) then refuse\((?:NOT_REGISTERED|NOT_LISTED)\);/m },
    on: (_, one) => [one?.peer.asSet, ...(one?.peer.prefixes ?? [])].filter((part) => part !== undefined).join(', '),
    off: (_, one) =>
      one?.peer.relation === 'provider'
        ? impossible('a provider sends the routes of everybody')
        : off(`name bgp.peers.${one?.peer.name}.asSet or .prefixes`),
  },
  {
    name: 'import-limit',
    title: 'more routes than a bound are not taken',
    standard: 'RFC 7454 8',
    of: 'peer',
    bird: says('import limit \\d+ action block;'),
    on: (_, one) => String(one?.limits.import),
    off: never,
  },
  {
    name: 'receive-limit',
    title: 'a peer that sends far more loses its session',
    standard: 'RFC 4486 4, RFC 7454 8',
    of: 'peer',
    bird: says('receive limit \\d+ action disable;'),
    on: (_, one) => String(one?.limits.receive),
    off: never,
  },
  {
    name: 'graceful-shutdown-received',
    title: 'a peer that is about to go down is avoided',
    standard: 'RFC 8326',
    of: 'outside',
    bird: { in: 'import', pattern: /^\s*if \(65535, 0\) ~ bgp_community\b.* then bgp_local_pref = 0;/m },
    off: never,
  },
  {
    name: 'reasons',
    title: 'refused routes are kept, with the reason',
    standard: 'RFC 7454 6',
    of: 'peer',
    bird: says('import keep filtered on;'),
    off: never,
  },
]
