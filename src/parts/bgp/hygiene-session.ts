// Hygiene: how sessions are kept, and what the router has as a whole.
import { has } from './bird-version.ts'
import { asks, impossible, never, off, type Rule, says, since, versionText } from './hygiene-rule.ts'

/** How sessions are kept. */
export const SESSION: readonly Rule[] = [
  {
    name: 'role',
    title: 'both ends say what they are to each other',
    standard: 'RFC 9234',
    of: 'outside',
    bird: says('local role \\w+;'),
    on: (_, one) => `we are its ${one?.role?.replace('_', '-')}`,
    off: never,
  },
  {
    name: 'role-required',
    title: 'no session with a peer that does not say its role',
    standard: 'RFC 9234 4.2',
    of: 'outside',
    bird: says('require roles on;'),
    off: asks('requireRole'),
  },
  {
    name: 'gtsm',
    title: 'packets from far away are dropped',
    standard: 'RFC 5082',
    of: 'outside',
    bird: says('ttl security on;'),
    off: asks('ttlSecurity'),
  },
  {
    name: 'password',
    title: 'the session is protected by a password',
    standard: 'RFC 2385, RFC 5925',
    of: 'peer',
    bird: { in: 'protocol', pattern: /^\s*(?:password|key \{ id 1; secret) PASSWORD_\w+;/m },
    on: (_, one) => (one?.peer.authentication === 'md5' ? 'MD5' : 'TCP-AO'),
    off: asks('password'),
  },
  {
    name: 'tcp-ao',
    title: 'the password is used by TCP-AO and not by MD5',
    standard: 'RFC 5925',
    of: 'peer',
    bird: says('authentication ao;'),
    off: (model, one) =>
      has(model.version, 'authentication')
        ? asks('authentication')(model, one)
        : impossible(`${versionText(model)} has none (since ${since('authentication')})`),
  },
  {
    name: 'bfd',
    title: 'a dead peer is noticed within a second',
    standard: 'RFC 5880, RFC 5882',
    of: 'peer',
    bird: says('bfd on;'),
    off: asks('bfd'),
  },
  {
    name: 'graceful-restart',
    title: 'routes stay while BIRD restarts',
    standard: 'RFC 4724',
    of: 'peer',
    bird: says('graceful restart on;'),
    off: never,
  },
  {
    name: 'timers',
    title: 'a silent peer is gone after 90 s',
    standard: 'RFC 4271 10',
    of: 'peer',
    bird: says('hold time 90;'),
    off: never,
  },
  {
    name: 'send-hold',
    title: 'a peer that stopped reading is gone, too',
    standard: 'RFC 9687',
    of: 'peer',
    bird: says('send hold time \\d+;'),
    off: (model) => impossible(`${versionText(model)} has none (since ${since('sendHold')})`),
  },
]

/** Once for the router. */
export const ROUTER: readonly Rule[] = [
  {
    name: 'rpki-caches',
    title: 'two sources of validated ROAs',
    standard: 'RFC 7115 3',
    of: 'router',
    bird: { in: 'common', pattern: /^protocol rpki (?:.*\n)+?protocol rpki /m },
    on: ({ caches }) => caches.map(({ name }) => name).join(', '),
    off: ({ caches }) =>
      off(caches.length === 1 ? 'there is one: name another in bgp.rpki.caches' : 'there is none: bgp.rpki'),
  },
  {
    name: 'source-address',
    title: 'what the router sends comes from an address of its own prefix',
    standard: 'RFC 6724 5',
    of: 'router',
    bird: { in: 'common', pattern: /^\s*krt_prefsrc = \S+;/m },
    on: ({ families }) => families.flatMap(({ source }) => source ?? []).join(', '),
    off: () => impossible('no NIC of the router has an address in bgp.announce'),
  },
]
