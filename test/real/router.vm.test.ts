// `orion bgp apply` on a real router: everything of it, from plan to proof, a second time, and back.
import assert from 'node:assert/strict'
import { applyPlan } from '../../src/engine/apply.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { runProbes } from '../../src/engine/verify.ts'
import { connectHost } from '../../src/host/connect.ts'
import { readSides } from '../../src/host/guard-before.ts'
import type { Host } from '../../src/host/host.ts'
import { readHygiene } from '../../src/parts/bgp/hygiene-report.ts'
import { bgpOf } from '../../src/parts/bgp.ts'
import { routerWayBack } from '../../src/parts/bgp-undo.ts'
import type { Outside } from '../../src/resource.ts'
import type { Bgp } from '../../src/site/services.ts'
import type { Site } from '../../src/site/site.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { bgpSite, testPeer } from '../parts/bgp/bird-site.ts'
import { routerOutside } from '../resources/router-outside.ts'
import { nic } from '../resources/test-site.ts'

const SECRET = 'hunter2-and-more'
const LINKS = `ip link set eno3 down; ip link set eno3 address aa:00:00:00:00:01 up
ip link set eno2 down; ip link set eno2 address aa:00:00:00:00:02 up
ip address add 2620:fe::2/64 dev eno3 nodad
ip address add 192.168.100.1/24 dev eno2; ip address add 2602:f674:0:1000::1/64 dev eno2 nodad
cat /sys/class/net/eno1/address`
const PLAIN = (address: string) =>
  `auto lo\niface lo inet loopback\nauto eno1\niface eno1 inet static\n\taddress ${address}/16\n`

describe('a router, from nothing to as wanted', function () {
  this.timeout(180_000)
  let machine: TestHost
  let host: Host
  let outside: Outside
  let mgmt: string

  before(async function () {
    await withHosts(this)
    machine = await startHost({ name: 'router', interfaces: PLAIN })
    mgmt = (await machine.must(['sh', '-ec', LINKS])).trim().toUpperCase()
    host = connectHost({
      name: 'router',
      addresses: [machine.address],
      identityFile: machine.identityFile,
      knownHosts: [machine.knownHosts],
      proxyCommand: machine.proxyCommand,
      config: '',
      agent: '',
      by: 'me@here (orion bgp apply)',
      signal: new AbortController().signal,
    })
    const { outside: api } = routerOutside()
    const forget = () => {
      host.forget()
      api.forget()
    }
    outside = { ...api, host: async () => host, forget, secret: async () => SECRET }
  })
  after(async () => {
    await host?.close()
    machine?.stop()
  })

  /** The site with the way in as a network of its own; `bgp`: what is to change. */
  function siteOf(bgp: Partial<Bgp> = {}): Site {
    const peers = [testPeer({ password: { env: 'UPSTREAM' }, ...bgp.peers?.[0] })]
    const site = bgpSite({ ...bgp, peers })
    const way = { name: 'mgmt', bridge: 'vmbr3', ipv4: '10.77.0.0/16', vlanAware: false, isolated: false, dns: [] }
    const port = nic({ index: 2, network: 'mgmt', mac: mgmt, ipv4: { cidr: `${machine.address}/16` } })
    const guests = site.guests.map((guest) => ({ ...guest, nics: [...guest.nics, port] }))
    const firewall = { router: 'router', allow: [], masquerade: ['wan'] }
    return { ...site, networks: [...site.networks, way], guests, firewall }
  }

  const options = { site: 'Lab', concurrency: 8, partial: true }
  async function apply(site: Site) {
    const resources = bgpOf({ alone: true }).resources(site, { restart: false })
    outside.forget()
    const plan = await makePlan(resources, outside, options)
    const problems = plan.steps.flatMap(({ id, problem }) => (problem ? [`${id}: ${problem.message}`] : []))
    assert.deepEqual(problems, [])
    const report = await applyPlan(plan, resources, outside, { concurrency: 8 })
    const failed = report.steps.flatMap(({ id, error }) => (error ? [`${id}: ${error.message}`] : []))
    assert.deepEqual(failed, [])
    return { plan, report }
  }
  const verbs = ({ plan }: Awaited<ReturnType<typeof apply>>) =>
    Object.fromEntries(plan.steps.map(({ id, verb }) => [id.replace(/^[^/]*\//, ''), verb]))

  it('makes everything, and nothing the second time', async () => {
    const first = await apply(siteOf())
    assert.doesNotMatch(JSON.stringify(first), /hunter/)
    const again = await apply(siteOf())
    assert.deepEqual([...new Set(Object.values(verbs(again)))], ['keep'])
    assert.equal(await machine.must(['stat', '-c', '%a %U %G', '/etc/bird/orion-secrets.conf']), '640 root bird\n')
    for (const unit of ['bird', 'dnsmasq', 'orion-firewall', 'stayrtr'])
      assert.equal(await machine.must(['systemctl', 'is-active', unit]), 'active\n', unit)
  })

  it('keeps every rule of hygiene that is on, and its probes are content but for the peer, who is not there', async () => {
    const { rows } = await readHygiene(siteOf(), outside)
    assert.deepEqual(
      rows.filter(({ live }) => !live),
      [],
    )
    const probes = bgpOf({ alone: true }).probes(siteOf())
    const { probes: steps } = await runProbes(probes, outside, { site: 'Lab', concurrency: 8 })
    const bad = steps.filter(({ state }) => state === 'failed' || state === 'unknown').map(({ id }) => id)
    assert.deepEqual(bad, ['bgp-session:router/upstream'])
  })

  it('changes what the site file changes, and puts it back', async () => {
    const before = await machine.must(['cat', '/etc/bird/bird.conf'])
    const changed = await apply(siteOf({ peers: [testPeer({ prepend: 1 })] }))
    assert.deepEqual(
      Object.entries(verbs(changed)).filter(([, verb]) => verb !== 'keep'),
      [['bird', 'update']],
    )
    const way = routerWayBack(siteOf(), undefined)
    const [newest] = await host.guard.states()
    assert.equal(newest?.name, 'bird')
    const { before: files } = await readSides(host, newest?.id ?? '')
    const now = await way.readNow(host, files)
    await host.guard.undo(newest?.id ?? '', {
      confirmWithinSeconds: 60,
      note: () => undefined,
      prove: async (fresh) => way.worseBack(files, now, await way.readNow(fresh, files)),
    })
    assert.equal(await machine.must(['cat', '/etc/bird/bird.conf']), before)
    assert.deepEqual([...new Set(Object.values(verbs(await apply(siteOf()))))], ['keep'])
  })

  it('touches nothing where BIRD does not take the file, and says what it said without the password', async () => {
    const before = await machine.must(['sh', '-c', 'cat /etc/bird/*'])
    await machine.must([
      'sh',
      '-c',
      'mv /usr/sbin/bird /usr/sbin/bird.real; printf \'#!/bin/sh\\ncase $1 in -p) cat /etc/bird/orion-secrets.conf >&2; exit 1;; esac\\nexec /usr/sbin/bird.real "$@"\\n\' >/usr/sbin/bird; chmod 755 /usr/sbin/bird',
    ])
    try {
      await assert.rejects(apply(siteOf({ peers: [testPeer({ prepend: 2 })] })), (error: Error) => {
        assert.match(error.message, /bird -p -c .* ended with 1/)
        assert.match(error.message, /PASSWORD_upstream = "\*\*\*"/)
        return true
      })
    } finally {
      await machine.must(['mv', '/usr/sbin/bird.real', '/usr/sbin/bird'])
    }
    assert.equal(await machine.must(['sh', '-c', 'cat /etc/bird/*']), before)
  })
})
