// A router's kernel settings: both families forwarded, interfaces by their names on the host.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { forwarding, forwardingFacts } from '../../../src/parts/router/forwarding.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Site } from '../../../src/site/site.ts'
import { WISH } from '../net/test-node.ts'
import { routerSite, seenRouter } from './router-sites.ts'

const settings = (text = '') =>
  Object.fromEntries([...text.matchAll(/^(\S+) = (.*)$/gm)].map(([, key, value]) => [key, value]))
const accepting = (text = '') => Object.entries(settings(text)).filter(([key]) => key.endsWith('.accept_ra'))
/** Every NIC of every guest by router advertisement. */
const learning = (site: Site): Site => ({
  ...site,
  guests: site.guests.map((guest) => ({
    ...guest,
    nics: guest.nics.map((nic) => ({ ...nic, ipv6: 'auto' as const })),
  })),
})

describe('parts/router/forwarding', () => {
  it('forwards, and neither sends nor believes redirects', async () => {
    const { site, router } = await routerSite()
    const set = forwarding(site, router, WISH)
    const [file] = set.files(seenRouter(router, { names: ['eth0', 'eth1.20'] }))
    assert.equal(file?.path, '/etc/sysctl.d/90-orion-router.conf')
    assert.equal(set.name, 'forwarding')
    const made = settings(file?.text)
    // Before all others: its change sets them back.
    assert.equal(Object.keys(made)[0], 'net.ipv4.ip_forward')
    assert.equal(made['net.ipv4.ip_forward'], '1')
    assert.equal(made['net.ipv6.conf.all.forwarding'], '1')
    assert.equal(made['net.ipv4.conf.eth0.send_redirects'], '0')
    assert.equal(made['net.ipv4.conf.eth1/20.send_redirects'], '0')
    assert.equal(made['net.ipv6.route.max_size'], '2147483647')
    assert.ok(!Object.keys(made).some((key) => key.endsWith('accept_ra')))
  })

  it('takes an address by router advertisement only outside', async () => {
    const { site, router } = await routerSite(learning)
    const [file] = forwarding(site, router, WISH).files(seenRouter(router))
    assert.deepEqual(accepting(file?.text), [['net.ipv6.conf.eth0.accept_ra', '2']])
  })

  for (const [state, rows, wanted] of [
    ['configured', ' 2 eth0 ether routable configured\n', 0],
    ['configuring', ' 2 eth0 ether degraded configuring\n', 0],
    ['unmanaged', ' 2 eth0 ether routable unmanaged\n', 1],
    ['another', ' 2 eth0x ether routable configured\n 3 eth1 ether routable configured\n', 1],
  ] as const)
    it(`leaves router advertisements to systemd-networkd where that has the interface: ${state}`, async () => {
      const { site, router } = await routerSite(learning)
      const { files, commands } = seenRouter(router)
      const seen = { files, commands: new Map([...commands, ['networkd', { code: 0, stdout: rows, stderr: '' }]]) }
      const [file] = forwarding(site, router, WISH).files(seen)
      assert.equal(accepting(file?.text).length, wanted)
    })

  it('asks systemd-networkd only where something is learnt', async () => {
    const [still, learner] = [await routerSite(), await routerSite(learning)]
    assert.equal(forwardingFacts(still.site, still.router).commands?.networkd, undefined)
    assert.ok(forwardingFacts(learner.site, learner.router).commands?.networkd)
  })

  it('says nothing of interfaces that are not there', async () => {
    const { site, router } = await routerSite()
    const [file] = forwarding(site, router, WISH).files(NOTHING)
    assert.doesNotMatch(file?.text ?? '', /ens|eth/)
  })

  it('asks the real sysctl for every setting that it writes', async function () {
    const { site, router } = await routerSite()
    const [program = '', ...words] = forwardingFacts(site, router).commands?.sysctl ?? []
    const { stdout, error } = spawnSync(program, words, { encoding: 'utf8' })
    if (error) return this.skip()
    const live = settings(stdout)
    const [file] = forwarding(site, router, WISH).files(NOTHING)
    for (const key of Object.keys(settings(file?.text))) assert.ok(key in live, key)
    assert.ok('net.ipv4.conf.lo.send_redirects' in live)
  })
})
