// What lies outside decides over rules of the firewall: where that is in doubt, nothing is said that may be wrong.
import assert from 'node:assert/strict'
import { findingsOf, siteText } from '../site-text.ts'

const NETWORKS = `networks:
  wan: { bridge: vmbr0, ipv4: 198.51.100.0/24 }
  lan: { bridge: vmbr1, ipv4: 203.0.113.0/24, router: gw }
  dmz: { bridge: vmbr2, ipv4: 10.2.0.0/24, router: gw, isolated: true }`
const GUESTS = 'guests: { gw: { id: 100, nics: { wan: 198.51.100.2, lan: 203.0.113.1, dmz: 10.2.0.1 } } }'
const UP = 'up: { asn: 6939, address: 198.51.100.1, relation: provider }'
const bgp = (peers: string) =>
  `bgp: { router: gw, asn: 394955, routerId: 10.0.0.1, announce: 203.0.113.0/24, peers: { ${peers} } }`
const firewall = (allow: string, more = '') => `firewall: { router: gw, allow: [${allow}]${more} }`
const OUT = '{ from: [lan, dmz], to: wan }'

const told = async (...rest: string[]) =>
  (await findingsOf(siteText({ networks: NETWORKS, guests: GUESTS, rest: rest.join('\n') }))).map((line) =>
    line.replace(/^\S+ /, ''),
  )

describe('rules about what lies outside', () => {
  const rows: [string, string[], string[]][] = [
    [
      'a mistake of the schema in bgp',
      [firewall(OUT), bgp(`${UP}, bad: { asn: 64512, relation: peer }`)],
      ['bgp.peers.bad.address: is missing'],
    ],
    [
      '… which may have been the way out',
      [firewall('', ', masquerade: wan'), bgp(`${UP}, bad: { asn: 64512, relation: peer }`)],
      ['bgp.peers.bad.address: is missing'],
    ],
    [
      'a peer in no network',
      [firewall(OUT), bgp(UP.replace('198.51.100.1', '192.0.2.1'))],
      ['bgp.peers.up.address: 192.0.2.1 is in no network of guests.gw: give it one there, or set multihop'],
    ],
    [
      'a masquerade of nothing',
      [firewall(OUT, ', masquerade: wam')],
      ['firewall.masquerade: no network is called "wam" (did you mean "wan"?)'],
    ],
    [
      'a mistake of bgp that says nothing about where out is',
      [firewall('{ from: dmz, to: lan }'), bgp(UP.replace('6939', '64512'))],
      [
        'firewall.allow.0.to: network dmz is isolated, so it cannot reach lan: leave this out, or take isolated off it',
        'bgp.peers.up: warning: is a provider, and no rule of the firewall lets anything out there: add { from: lan, to: wan }',
        'bgp.router: warning: guests.gw has no gateway: until BGP brings a way out it cannot fetch its packages',
        'bgp.peers.up.asn: AS64512 is private, and up is a provider',
      ],
    ],
    [
      'a malformed rule beside others that are wrong',
      [
        firewall(
          '{ frm: lan, to: wan }, { from: lan, to: nowhere }, { from: dmz, to: lan }, { from: wan, to: a, tcp: 443 }, { from: wan, to: b, tcp: [443, 99999] }',
          ', masquerade: wan',
        ),
        bgp(UP),
      ],
      [
        'firewall.allow.0.frm: unknown key "frm" (did you mean "from"?)',
        'firewall.allow.0.from: is missing',
        'firewall.allow.1.to: no network or guest is called "nowhere"',
        'firewall.allow.2.to: network dmz is isolated, so it cannot reach lan: leave this out, or take isolated off it',
        'firewall.allow.3.to: no network or guest is called "a" (did you mean "wan"?)',
        'firewall.allow.4.tcp.1: 99999 is not a port: 1 to 65535',
      ],
    ],
  ]
  for (const [title, rest, want] of rows)
    it(title, async () => assert.deepEqual((await told(...rest)).sort(), want.sort()))
})
