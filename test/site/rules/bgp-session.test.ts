// Options of a BGP session fit its relation and the daemon.
import assert from 'node:assert/strict'
import { bgpSessions } from '../../../src/site/rules/bgp-session.ts'
import type { Bgp, BgpPeer } from '../../../src/site/services.ts'
import { bgp, peer, site, told } from '../site-builder.ts'

const everything = { bfd: true, requireRole: true, authentication: 'tcp-ao', ttlSecurity: true } as const

describe('bgp-session', () => {
  const rows: [string, Partial<BgpPeer>, Partial<Bgp>, string[]][] = [
    ['a provider with everything', everything, {}, []],
    [
      'internal: no GTSM, no role',
      { relation: 'internal', ...everything },
      {},
      [
        'error bgp.peers.up.ttlSecurity: ttlSecurity is for peers outside, and up is internal: leave it out',
        'error bgp.peers.up.requireRole: requireRole is for peers outside, and up is internal: leave it out',
      ],
    ],
    ['internal: takes everything', { relation: 'internal' }, {}, []],
    [
      'a provider of which little is taken',
      { asSet: 'AS-UP' },
      {},
      ['warning bgp.peers.up.asSet: only these routes are taken, and up is a provider: the rest is not reached'],
    ],
    [
      '… by its prefixes',
      { prefixes: ['198.51.100.0/24'] },
      {},
      ['warning bgp.peers.up.prefixes: only these routes are taken, and up is a provider: the rest is not reached'],
    ],
    [
      'a customer without bounds',
      { relation: 'customer' },
      {},
      ['error bgp.peers.up: is a customer, and nothing says what it may announce: add asSet or prefixes'],
    ],
    ['a customer with an AS-SET', { relation: 'customer', asSet: 'AS-CUSTOMER' }, {}, []],
    ['a customer with prefixes', { relation: 'customer', prefixes: ['198.51.100.0/24'] }, {}, []],
    [
      'a peer without bounds',
      { relation: 'peer' },
      {},
      ['warning bgp.peers.up: may announce anything: add asSet or prefixes'],
    ],
    ['a peer with an AS-SET', { relation: 'peer', asSet: 'AS-PEER' }, {}, []],
    ['a route server is a peer', { relation: 'peer', routeServer: true, asSet: 'AS-IX' }, {}, []],
    [
      '… and nothing else',
      { relation: 'provider', routeServer: true },
      {},
      ['error bgp.peers.up.routeServer: a route server is a peer, and up is provider: leave it out'],
    ],
    ['GoBGP has GTSM and MD5', { ttlSecurity: true, password: { env: 'A' } }, { daemon: 'gobgp' }, []],
    [
      'GoBGP has no BFD, roles and TCP-AO',
      { ...everything, password: { env: 'A' } },
      { daemon: 'gobgp' },
      [
        'error bgp.peers.up.bfd: GoBGP has no BFD: leave it out, or say daemon: bird',
        'error bgp.peers.up.requireRole: GoBGP has no roles (RFC 9234): leave it out, or say daemon: bird',
        'error bgp.peers.up.authentication: GoBGP has no TCP-AO: leave it out, or say daemon: bird',
      ],
    ],
  ]
  for (const [title, parts, rest, want] of rows)
    it(title, () => assert.deepEqual(told(bgpSessions(site({ bgp: bgp([peer('up', parts)], rest) }))), want))
})
