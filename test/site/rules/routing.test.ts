// Routers stand in the networks that they route.
import assert from 'node:assert/strict'
import { routing } from '../../../src/site/rules/routing.ts'
import type { Guest, Site } from '../../../src/site/site.ts'
import { network, site, told, vm } from '../site-builder.ts'

const routed = (router: Guest): Partial<Site> => ({
  networks: [network('lan', { router: 'router' })],
  guests: [router],
})
const filtered = (from: string, to: string, masquerade: string[] = []): Partial<Site> => ({
  networks: [network('wan'), network('lan'), network('lab')],
  guests: [
    vm('router', 100, { wan: 'dhcp', lan: '10.0.0.1/24' }),
    vm('web-1', 101, { lan: '10.0.0.2/24' }, { group: 'web' }),
    vm('hidden', 102, { lab: '10.1.0.2/24' }),
  ],
  firewall: { router: 'router', allow: [{ from: [from], to: [to], tcp: [], udp: [], icmp: false }], masquerade },
})

describe('routing', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent for an address that stays', routed(vm('router', 100, { lan: '10.0.0.1/24' })), []],
    ['no NIC is told where the site is shaped', routed(vm('router', 100, { wan: 'dhcp' })), []],
    [
      'an address by DHCP',
      routed(vm('router', 100, { lan: 'dhcp' })),
      ['error networks.lan.router: guests.router routes lan and has no address of its own in it'],
    ],
    ['the firewall meets its networks and the guests beside it', filtered('lan', 'web-1', ['wan']), []],
    [
      'a word for two things',
      { ...filtered('lab', 'wan'), guests: [vm('lab', 100)] },
      ['error firewall.allow.0.from: lab is both a network and a guest: rename one'],
    ],
    ['the router itself', filtered('wan', 'router'), []],
    [
      'a network that it is not in',
      filtered('lab', 'wan'),
      ['warning firewall.allow.0.from: guests.router has no NIC on the way to lab'],
    ],
    [
      'a guest beside which it is not',
      filtered('wan', 'hidden'),
      ['warning firewall.allow.0.to: guests.router has no NIC on the way to hidden'],
    ],
    [
      'masquerade on a network that it is not in',
      filtered('lan', 'wan', ['lab']),
      ['error firewall.masquerade: guests.router has no NIC in lab'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(routing(site(parts))), want))
})
