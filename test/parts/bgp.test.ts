// The routers of a site: what comes after what, and what proves them.
import assert from 'node:assert/strict'
import { bgpOf } from '../../src/parts/bgp.ts'
import type { Site } from '../../src/site/site.ts'
import { bgpSite } from './bgp/bird-site.ts'
import { FIREWALL, NO_WISH, planOf, SECRET, withPeer } from './bgp-plan.ts'

describe('parts/bgp', () => {
  it('makes a router step by step: guest, what packages find, packages, firewall, forwarding, services, BGP', () => {
    const resources = bgpOf({ alone: false }).resources(bgpSite({}, { firewall: FIREWALL }), NO_WISH)
    const needs = Object.fromEntries(resources.map(({ id, needs }) => [id.replace('file-set:router/', ''), [...needs]]))
    const [vm, debian] = ['vm:n1/200', 'packages:router/debian']
    assert.deepEqual(needs, {
      updates: [vm],
      rpki: [vm],
      [debian]: [vm, 'file-set:router/updates', 'file-set:router/rpki'],
      firewall: [vm, debian],
      forwarding: [vm, debian, 'file-set:router/firewall'],
      services: [vm, debian],
      bird: [vm, debian, 'file-set:router/forwarding'],
    })
  })

  it('has nothing for a site without a router, and of a router only what the site file says', () => {
    const ids = (site: Site) =>
      bgpOf({ alone: true })
        .resources(site, NO_WISH)
        .map(({ id }) => id)
    const { bgp: _, ...without } = bgpSite()
    assert.deepEqual(ids({ ...without, networks: [] }), [])
    assert.deepEqual(ids(without), [
      'file-set:router/updates',
      'packages:router/debian',
      'file-set:router/forwarding',
      'file-set:router/services',
    ])
    assert.deepEqual(bgpOf({ alone: true, routers: ['other'] }).resources(bgpSite(), NO_WISH), [])
  })

  it('proves that the router answers, that all is as wanted, and what its topics add', () => {
    const probes = bgpOf({ alone: false })
      .probes(bgpSite())
      .map(({ id }) => id)
    assert.equal(probes[0], 'host-reachable:router')
    assert.ok(probes.includes('as-wanted:file-set:router/bird'))
    assert.ok(probes.includes('rpki:router'))
    for (const id of ['bgp-session:router/upstream', 'rpki-caches:router', 'kernel-routes:router/ipv6'])
      assert.ok(probes.includes(id), id)
  })

  it('plans BIRD of a router that is there', async () => {
    const { step, text } = await planOf(withPeer({ password: { env: 'PASS' } }), { secrets: { PASS: SECRET } })
    assert.equal(step('bird')?.problem, undefined)
    const fields = step('bird')?.differences.map(({ field }) => field)
    assert.ok(
      fields?.includes('/etc/bird/bird.conf') && fields.includes('/etc/bird/orion-secrets.conf'),
      String(fields),
    )
    assert.doesNotMatch(text, /hunter/)
  })

  it('plans everything anew for a router that the same run makes', async () => {
    const { plan, fake } = await planOf(bgpSite(), { status: 'absent' }, { alone: false })
    assert.deepEqual([...new Set(plan.steps.map(({ verb }) => verb))], ['create'])
    assert.deepEqual(fake.calls, [])
  })
})
