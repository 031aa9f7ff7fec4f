// Plans of routers for tests: a Debian 13 router with everything installed, and what a row changes of it.
import { makePlan } from '../../src/engine/plan.ts'
import { bgpOf } from '../../src/parts/bgp.ts'
import type { Bgp } from '../../src/site/services.ts'
import type { Site } from '../../src/site/site.ts'
import { type RouterOptions, routerOutside } from '../resources/router-outside.ts'
import { bgpSite, testPeer } from './bgp/bird-site.ts'

export const FIREWALL = { router: 'router', allow: [], masquerade: ['wan'] }
export const NO_WISH = { restart: false }
export const SECRET = 'hunter2'

/** What a Debian 13 router with everything installed says. */
const LINKS = JSON.stringify([
  { ifname: 'ens18', address: 'aa:00:00:00:00:01' },
  { ifname: 'ens19', address: 'aa:00:00:00:00:02' },
])
const ADDRESSES = JSON.stringify([{ addr_info: [{ local: '2620:fe::2' }, { local: '2602:f674:0:1000::1' }] }])
const PROGRAMS = {
  'node-name': 'router',
  'bird-version': 'BIRD version 2.17.5\n',
  'bird-active': 'active',
  links: LINKS,
  addresses: ADDRESSES,
}

/** The plan of the routers of a site that are as these options say. */
export async function planOf(site: Site, options: RouterOptions = {}, { alone = true, acceptIrr = false } = {}) {
  const programs = { ...PROGRAMS, ...options.programs }
  const fake = routerOutside({ ...options, programs })
  const resources = bgpOf({ alone, acceptIrr }).resources(site, NO_WISH)
  const plan = await makePlan(resources, fake.outside, { site: site.name, concurrency: 8, partial: true })
  const step = (name: string) => plan.steps.find(({ id }) => id === `file-set:router/${name}`)
  return { plan, fake, step, text: JSON.stringify(plan) }
}

/** Nothing but reads and questions. */
export const untouched = (calls: readonly string[]) =>
  calls.every((call) => call === 'read' || call.startsWith('run bgpq4 '))
export const withPeer = (peer: Partial<Bgp['peers'][number]>, bgp: Partial<Bgp> = {}) =>
  bgpSite({ peers: [testPeer(peer)], ...bgp })
