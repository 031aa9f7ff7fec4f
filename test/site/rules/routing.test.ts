// Routers stand in the networks that they route.
import assert from 'node:assert/strict'
import { routing } from '../../../src/site/rules/routing.ts'
import type { Guest, Site } from '../../../src/site/site.ts'
import { network, site, told, vm } from '../site-builder.ts'

const routed = (router: Guest): Partial<Site> => ({
  networks: [network('lan', { router: 'router' })],
  guests: [router],
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
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(routing(site(parts))), want))
})
