// The rules of the firewall meet packets, and contradict neither isolation nor each other.
import assert from 'node:assert/strict'
import { firewall } from '../../../src/site/rules/firewall.ts'
import { isolation } from '../../../src/site/rules/firewall-reach.ts'
import type { FirewallRule } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, network, peer, site, told, vm } from '../site-builder.ts'

const rule = (from: string | string[], to: string | string[], parts: Partial<FirewallRule> = {}): FirewallRule => ({
  from: [from].flat(),
  to: [to].flat(),
  tcp: [],
  udp: [],
  icmp: false,
  ...parts,
})
const filtered = (allow: readonly FirewallRule[], masquerade: string[] = ['wan'], parts: Partial<Site> = {}) =>
  site({
    networks: [
      network('wan', { bridge: 'vmbr0' }),
      network('lan', { bridge: 'vmbr1' }),
      network('guest', { bridge: 'vmbr2', isolated: true }),
      network('lab', { bridge: 'vmbr3' }),
      network('pods'),
    ],
    guests: [
      vm('router', 100, { wan: 'dhcp', lan: '10.0.0.1/24', guest: '10.2.0.1/24' }),
      vm('web-1', 101, { lan: '10.0.0.2/24' }, { group: 'web' }),
      vm('web-2', 102, { lan: '10.0.0.3/24' }, { group: 'web' }),
      vm('six', 103, { lan: { ipv6: 'auto' } }),
      vm('hidden', 104, { lab: '10.1.0.2/24' }),
      vm('beside', 105, { wan: '192.0.2.2/24' }),
      vm('visitor', 106, { guest: '10.2.0.2/24' }),
      vm('both', 107, { guest: '10.2.0.3/24', lan: '10.0.0.4/24' }),
      vm('young', 108, { lan: { ipv6: { cidr: '2602:f674::8/64' } } }),
    ],
    firewall: { router: 'router', allow, masquerade },
    ...parts,
  })
const one = (from: string, to: string | string[], masquerade?: string[]) => filtered([rule(from, to)], masquerade)
const isolated = (to: string) =>
  `error firewall.allow.0.to: network guest is isolated, so it cannot reach ${to}: leave this out, or take isolated off it`
const isolatedGuest = (to: string) =>
  `error firewall.allow.0.to: guests.visitor is in network guest, which is isolated, so it cannot reach ${to}: leave this out, or take isolated off it`

describe('firewall', () => {
  const rows: [string, Site, string[]][] = [
    ['networks of the router and the guests beside it', one('lan', 'web-1'), []],
    ['the router itself', one('wan', 'router'), []],
    [
      'a word for two things',
      filtered([rule('lab', 'wan')], [], { guests: [vm('router', 100, { wan: 'dhcp' }), vm('lab', 101)] }),
      ['error firewall.allow.0.from: lab is both a network and a guest: rename one'],
    ],
    [
      'a network that it is not in',
      filtered([rule('lab', 'wan'), rule('lan', 'lab')]),
      [
        'error firewall.allow.0.from: guests.router has no NIC in lab: give it one, or leave this out',
        'error firewall.allow.1.to: guests.router has no NIC in lab: give it one, or leave this out',
      ],
    ],
    [
      'a network behind some guest',
      one('pods', 'wan'),
      ['warning firewall.allow.0.from: guests.router has no NIC on the way to pods'],
    ],
    [
      'a guest beside which it is not',
      one('wan', 'hidden'),
      ['warning firewall.allow.0.to: guests.router has no NIC on the way to hidden'],
    ],
    [
      'masquerade on a network that it is not in',
      filtered([], ['lab']),
      ['error firewall.masquerade: guests.router has no NIC in lab'],
    ],
    [
      'an isolated network reaches the internet, itself and the router',
      one('guest', ['wan', 'guest', 'router', 'visitor', 'beside']),
      [],
    ],
    ['an isolated network is reached', one('lan', 'guest'), []],
    ['… and a guest in it, from everywhere', one('lan', 'visitor'), []],
    ['a guest in it reaches what its network does', one('visitor', ['wan', 'guest', 'router', 'beside']), []],
    ['… and nothing else', one('visitor', ['lan', 'web-1']), [isolatedGuest('lan'), isolatedGuest('web-1')]],
    ['… but where it has another way', one('both', ['lan', 'web-1']), []],
    [
      'guests that have no family of addresses in common',
      filtered([rule(['web-1', 'web-2'], 'young'), rule(['young', 'web-1'], ['web-2', 'six'])]),
      [
        'error firewall.allow.0.to: guests.young has only a fixed IPv6 address, and nothing in from has one: no packet would pass',
      ],
    ],
    [
      '… one of several in from',
      filtered([rule(['young', 'web-1'], 'web-2')]),
      [
        'error firewall.allow.0.from: guests.young has only a fixed IPv6 address, and nothing in to has one: no packet would pass',
      ],
    ],
    ['… but with somebody', filtered([rule(['web-1', 'young'], ['young', 'web-2']), rule('young', 'lan')]), []],
    ['an isolated network, another network', one('guest', 'lan'), [isolated('lan')]],
    ['an isolated network, a guest elsewhere', one('guest', ['web-1', 'visitor']), [isolated('web-1')]],
    ['… and a network outside where nothing is masqueraded', one('guest', 'wan', []), [isolated('wan')]],
    [
      'where a provider stands is outside, too',
      filtered([rule('guest', 'wan')], [], {
        bgp: bgp([peer('up', { address: '192.0.2.1' })]),
        networks: [
          network('wan', { bridge: 'vmbr0', ipv4: '192.0.2.0/24' }),
          network('guest', { bridge: 'vmbr2', isolated: true }),
        ],
      }),
      [],
    ],
    [
      'a port to one guest, and others to another',
      filtered([rule('wan', 'web-1', { tcp: ['443'] }), rule('wan', 'web-2', { tcp: ['444'], udp: ['443'] })]),
      [],
    ],
    ['a port to one guest twice', filtered([rule('wan', 'web-1', { tcp: ['443', '400-500'] })]), []],
    ['a port to several inside', filtered([rule('lan', ['web-1', 'router'], { tcp: ['443'] })]), []],
    [
      'a port to several over IPv6, or beside',
      filtered([rule('wan', ['web-1', 'six', 'beside'], { tcp: ['443'] })]),
      [],
    ],
    ['everything to several is no forward', filtered([rule('wan', ['web-1', 'web-2'])]), []],
    [
      'a port to two guests of one rule',
      filtered([rule('wan', ['web-1', 'web-2'], { tcp: ['443'] })]),
      [
        'error firewall.allow.0.to: tcp 443 of wan is for guests.web-2, and tcp 443 of wan already for guests.web-1: one address forwards a port to one guest',
      ],
    ],
    [
      'ranges that overlap, of two rules, one of them about the router',
      filtered([rule('wan', 'web-1', { udp: ['50000-60000'] }), rule(['lan', 'wan'], 'router', { udp: ['51820'] })]),
      [
        'error firewall.allow.1.to: udp 51820 of wan is for guests.router, and udp 50000-60000 of wan already for guests.web-1: one address forwards a port to one guest',
      ],
    ],
    ['is silent without one', site(), []],
  ]
  for (const [title, given, want] of rows)
    it(title, () => assert.deepEqual(told([...isolation(given), ...firewall(given)]), want))
})
