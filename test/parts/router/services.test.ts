// dnsmasq's files: golden texts of ORION, what the site file changes in them, and when the service is (re)started or stopped.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Output } from '../../../src/host/host.ts'
import { services, servicesFacts } from '../../../src/parts/router/services.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Network, Site } from '../../../src/site/site.ts'
import { WISH } from '../net/test-node.ts'
import { type RouterSite, routerSite, seenRouter } from './router-sites.ts'

const CONFIG = '/etc/dnsmasq.d/orion.conf'
const HOSTS = '/etc/orion/hosts'

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

function textOf({ site, router }: RouterSite, path: string, seen: HostFacts = seenRouter(router)): string {
  const files = services(site, router, WISH)?.files(seen) ?? []
  return files.find((file) => file.path === path)?.text ?? ''
}

const lan =
  (changes: Partial<Network>) =>
  (site: Site): Site => ({
    ...site,
    networks: site.networks.map((one) => (one.name === 'lan' ? { ...one, ...changes } : one)),
  })

function withUnit(seen: HostFacts, stdout: string): HostFacts {
  const output: Output = { code: 0, stdout, stderr: '' }
  return { ...seen, commands: new Map([...seen.commands, ['unit dnsmasq.service', output]]) }
}

describe('parts/router/services', () => {
  for (const [name, path] of [
    ['dnsmasq', CONFIG],
    ['hosts', HOSTS],
  ] as const)
    it(`writes ${path} as the golden file`, async () => {
      const text = textOf(await routerSite(), path)
      if (process.env.GOLDEN && !existsSync(golden(name))) writeFileSync(golden(name), text)
      assert.equal(text, readFileSync(golden(name), 'utf8'))
    })

  const rows: readonly {
    readonly title: string
    readonly change: (site: Site) => Site
    readonly has?: RegExp
    readonly lacks?: RegExp
  }[] = [
    {
      title: 'no range: no DHCP there, and still names and advertisements',
      change: (site) => ({
        ...site,
        networks: site.networks.map(({ dhcp, ...one }) =>
          one.name === 'lan' ? one : { ...one, ...(dhcp && { dhcp }) },
        ),
      }),
      has: /^interface=eth1$[\s\S]*2602:f674:0:1000::,ra-only/m,
      lacks: /tag:lan,option:router/,
    },
    {
      title: 'name servers of the network instead of the router',
      change: lan({ dns: ['9.9.9.9', '2620:fe::fe'] }),
      has: /tag:lan,option:dns-server,9\.9\.9\.9$[\s\S]*tag:lan,option6:dns-server,\[2620:fe::fe\]$/m,
    },
    {
      title: 'none of a family is none, not the router',
      change: lan({ dns: ['9.9.9.9'] }),
      has: /^dhcp-option=tag:lan,option6:dns-server$/m,
    },
    {
      title: 'the MTU',
      change: lan({ mtu: 9000 }),
      has: /tag:lan,option:mtu,9000$[\s\S]*^ra-param=eth1,mtu:9000,200,1800$/m,
    },
    {
      title: 'no way out for IPv6: nobody takes the router as one',
      change: ({ bgp: _, ...site }) => site,
      has: /^ra-param=eth1,200,0$/m,
    },
    {
      title: 'no /64: no SLAAC',
      change: (site) => ({
        ...site,
        guests: site.guests.map((guest) =>
          guest.name !== 'router'
            ? guest
            : { ...guest, nics: guest.nics.map((nic) => ({ ...nic, ipv6: { cidr: '2602:f674:0:1000::1/112' } })) },
        ),
      }),
      lacks: /enable-ra|ra-only/,
    },
    { title: 'no domain', change: ({ domain: _, ...site }) => site, lacks: /^domain=|domain-search|rebind-domain/m },
  ]
  for (const { title, change, has, lacks } of rows)
    it(`follows the site file: ${title}`, async () => {
      const text = textOf(await routerSite(change), CONFIG)
      if (has) assert.match(text, has)
      if (lacks) assert.doesNotMatch(text, lacks)
    })

  it('asks the servers behind systemd-resolved, where that writes resolv.conf', async () => {
    const made = await routerSite()
    const link = { kind: 'link', text: '../run/systemd/resolve/stub-resolv.conf', mode: 0o777 } as const
    const files = { '/etc/resolv.conf': { ...link, owner: 'root', group: 'root' } }
    const seen = seenRouter(made.router, { files })
    assert.match(textOf(made, CONFIG, seen), /^resolv-file=\/run\/systemd\/resolve\/resolv\.conf$/m)
  })

  for (const name of ['eth1,eth0', 'eth*', 'eth1\nno-daemon'])
    it(`refuses an interface of the name ${JSON.stringify(name)}`, async () => {
      const { site, router } = await routerSite()
      const problems = services(site, router, WISH)?.problems?.(
        seenRouter(router, { names: ['eth0', name, 'eth2', 'eth3'] }),
      )
      assert.deepEqual(problems, [`dnsmasq takes no interface of the name ${JSON.stringify(name)}`])
    })

  it('refuses a range in a network where the router has no IPv4 address', async () => {
    const { site, router } = await routerSite((one) => ({
      ...one,
      guests: one.guests.map((guest) => ({
        ...guest,
        nics: guest.nics.map(({ ipv4, ...nic }) => (guest.name === 'router' ? nic : { ...nic, ...(ipv4 && { ipv4 }) })),
      })),
    }))
    assert.deepEqual(services(site, router, WISH)?.problems?.(seenRouter(router)), [
      'network lan has a DHCP range, and router no IPv4 address in it',
      'network guest has a DHCP range, and router no IPv4 address in it',
    ])
  })

  const units = [
    { stdout: 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n', drift: [] },
    { stdout: 'LoadState=not-found\nActiveState=inactive\nUnitFileState=\n', drift: [] },
    {
      stdout: 'LoadState=loaded\nActiveState=failed\nUnitFileState=disabled\n',
      drift: ['failed, wanted active', 'disabled, wanted enabled'],
    },
    { stdout: 'LoadState=masked\nActiveState=inactive\nUnitFileState=masked\n', drift: ['masked, wanted active'] },
  ]
  for (const { stdout, drift } of units)
    it(`sees a unit that is ${stdout.trim().split('\n').join(' ')}`, async () => {
      const { site, router } = await routerSite()
      const found = services(site, router, WISH)?.drift?.(withUnit(seenRouter(router), stdout)) ?? []
      assert.deepEqual(
        found.map(({ have, want }) => `${have}, wanted ${want}`),
        drift,
      )
    })

  it('says what a change interrupts, only where it runs', async () => {
    const { site, router } = await routerSite()
    const set = services(site, router, WISH)
    assert.equal(
      set?.disrupts?.(withUnit(seenRouter(router), 'ActiveState=active')),
      'DNS and DHCP of lan, guest for a second',
    )
    assert.equal(set?.disrupts?.(seenRouter(router)), undefined)
  })

  it('is nothing where no network names the router', async () => {
    const { site, router } = await routerSite()
    const idle = { ...router, serves: [] }
    assert.equal(services(site, idle, WISH), undefined)
    assert.deepEqual(servicesFacts(site, idle), {})
  })
})
