// The router's firewall as a declaration: the whole file, what speaks against it, what is not in force, and values that want to break out.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { firewall, firewallFacts } from '../../../src/parts/router/firewall.ts'
import { type HostFacts, SSH_ENDS } from '../../../src/resources/host-facts.ts'
import type { FirewallRule } from '../../../src/site/services.ts'
import type { Guest, Site } from '../../../src/site/site.ts'
import { WISH } from '../net/test-node.ts'
import { routerSite, seenRouter } from './router-sites.ts'

const NAMES = ['wan0', 'lan0', 'guest0', 'mgmt0']
const PATH = '/etc/orion/firewall.nft'
const UNIT = '/etc/systemd/system/orion-firewall.service'

const RULE: FirewallRule = { from: ['wan'], to: ['proxy'], tcp: ['443'], udp: [], icmp: false }
const withRules =
  (...allow: readonly Partial<FirewallRule>[]) =>
  (site: Site): Site => ({
    ...site,
    firewall: { router: 'router', masquerade: ['wan'], allow: allow.map((rule) => ({ ...RULE, ...rule })) },
  })
const withGuest =
  (name: string, change: (guest: Guest) => Guest) =>
  (site: Site): Site => ({ ...site, guests: site.guests.map((one) => (one.name === name ? change(one) : one)) })

async function make(change?: (site: Site) => Site, names = NAMES) {
  const { site, router } = await routerSite(change)
  const set = firewall(site, router, WISH)
  assert.ok(set)
  const seen = seenRouter(router, { names })
  const [file, unit, closed] = set.files(seen)
  return { site, router, set, seen, text: file?.text ?? '', unit: unit?.text ?? '', closed: closed?.text ?? '' }
}

const linesOf = async (allow: Partial<FirewallRule>): Promise<string[]> => {
  const { text } = await make(withRules(allow))
  const from = text.indexOf('# firewall.allow[0]')
  const lines = text
    .slice(from)
    .split('\n')
    .map((line) => line.trim())
  return from < 0
    ? []
    : lines.slice(
        1,
        lines.findIndex((line) => /^(# mesh|goto|meta pkttype)/.test(line)),
      )
}

/** Rules of the site file, and what they become. */
const RULES: readonly (readonly [string, Partial<FirewallRule>, readonly string[]])[] = [
  ['networks', { from: ['lan'], to: ['wan'], tcp: [] }, ['iifname "lan0" oifname "wan0" accept']],
  [
    'ports that overlap or touch are one range',
    { from: ['lan'], to: ['wan'], tcp: ['90', '80-85', '84-89', '443'] },
    ['iifname "lan0" oifname "wan0" tcp dport { 80-90, 443 } accept'],
  ],
  [
    'ping alone',
    { from: ['lan'], to: ['wan'], tcp: [], icmp: true },
    [
      'iifname "lan0" oifname "wan0" icmp type echo-request accept',
      'iifname "lan0" oifname "wan0" icmpv6 type echo-request accept',
    ],
  ],
  [
    'guests of one network are one rule for each family, and are held by their network',
    { from: ['management'], to: ['k3s-worker-1', 'k3s-worker-2', 'lan'], tcp: ['22'] },
    ['iifname "mgmt0" oifname "lan0" tcp dport 22 accept'],
  ],
  [
    'some guests',
    { from: ['netbox'], to: ['k3s-worker-1', 'k3s-worker-2'], udp: ['53'], tcp: [] },
    [
      'iifname "lan0" oifname "lan0" ip saddr 192.168.100.50 ip daddr { 192.168.100.61, 192.168.100.62 } udp dport 53 accept',
      'iifname "lan0" oifname "lan0" ip6 saddr 2602:f674:0:1000::50 ip6 daddr { 2602:f674:0:1000::61, 2602:f674:0:1000::62 } udp dport 53 accept',
    ],
  ],
  [
    'a network that the router is not in, by its addresses',
    { from: ['pods'], to: ['wan'], tcp: [] },
    ['oifname "wan0" ip6 saddr 2602:f674:0:4000::/64 accept'],
  ],
  ['the router itself', { from: ['lan'], to: ['router'], tcp: ['8080'] }, ['iifname "lan0" tcp dport 8080 goto admit']],
  ['from the router: it is not filtered', { from: ['router'], to: ['lan'] }, []],
]

const ends = (client: string, server: string) =>
  [SSH_ENDS, { code: 0, stdout: `${client} ${server}`, stderr: '' }] as const

describe('parts/router/firewall', () => {
  it('is nothing where the site file says nothing about it, or another guest filters', async () => {
    for (const change of [
      ({ firewall: _, ...rest }: Site): Site => rest,
      (site: Site): Site => ({ ...site, firewall: { router: 'proxy', allow: [], masquerade: [] } }),
    ]) {
      const { site, router } = await routerSite(change)
      assert.equal(firewall(site, router, WISH), undefined)
      assert.deepEqual(firewallFacts(site, router), {})
    }
  })

  for (const [name, of] of [
    ['firewall.txt', 'text'],
    ['firewall-service.txt', 'unit'],
    ['firewall-closed.txt', 'closed'],
  ] as const)
    it(`is as the golden file ${name}`, async () => {
      const made = (await make())[of]
      const golden = new URL(`golden/${name}`, import.meta.url)
      if (process.env.GOLDEN && !existsSync(golden)) writeFileSync(golden, made)
      assert.equal(made, readFileSync(golden, 'utf8'))
    })

  for (const [title, rule, want] of RULES)
    it(`renders a rule: ${title}`, async () => assert.deepEqual(await linesOf(rule), want))

  it('forwards a port only where IPv4 is masqueraded, and only to a guest', async () => {
    const forwards = async (rule: Partial<FirewallRule>) =>
      (await make(withRules(rule))).text.match(/dnat ip to \S+/g) ?? []
    assert.deepEqual(await forwards({}), ['dnat ip to 192.168.100.37', 'dnat ip to 192.168.100.37'])
    assert.deepEqual(await forwards({ from: ['management'] }), [])
    assert.deepEqual(await forwards({ to: ['lan'] }), [])
    assert.deepEqual(await forwards({ to: ['router'] }), [])
    assert.deepEqual(await forwards({ tcp: [] }), [])
  })

  it('does not translate what is announced', async () => {
    const announce = (site: Site): Site => ({
      ...site,
      ...(site.bgp && { bgp: { ...site.bgp, announce: ['192.168.100.0/24'] } }),
    })
    assert.match(
      (await make(announce)).text,
      /oifname @masqueraded ip saddr @own4 ip saddr != 192.168.100.0\/24 masquerade/,
    )
  })

  it('takes the way of the default route for outside where nothing is named so', async () => {
    const plain = ({ bgp: _, ...site }: Site): Site => ({
      ...site,
      firewall: { router: 'router', allow: [], masquerade: [] },
    })
    const { text } = await make(plain)
    assert.match(text, /set outside \{\n\t\ttype ifname\n\t\telements = \{ "wan0" \}/)
    assert.match(text, /set open \{\n\t\ttype ifname\n\t\telements = \{ "lan0", "mgmt0" \}/)
  })

  it('knows the port of SSH', async () => {
    const { text } = await make(withGuest('router', (one) => ({ ...one, ssh: { ...one.ssh, port: 2222 } })))
    assert.match(text, /tcp dport 2222 iifname @open goto admit/)
    assert.doesNotMatch(text, /tcp dport 22 /)
  })

  it('has no problem with a router as it should be', async () => {
    const { set, seen } = await make()
    assert.deepEqual(set.problems?.(seen), [])
  })

  it('says what speaks against it', async () => {
    const { set, seen, router } = await make()
    const missing: HostFacts = { ...seen, commands: new Map([['links', { code: 0, stdout: '[]', stderr: '' }]]) }
    assert.equal(set.problems?.(missing).length, 4)
    assert.match(set.problems?.(missing)[0] ?? '', /^router has no interface .* \(nics\.wan\)/)
    const odd = seenRouter(router, { names: ['x"accept', 'lan0', 'guest0', 'mgmt*'] })
    assert.deepEqual(
      set.problems?.(odd).map((line) => line.replace(/ has .*/, '')),
      ['the interface "x\\"accept" (nics.wan)', 'the interface "mgmt*" (nics.management)'],
    )
    const leased = await make(
      withGuest('proxy', (one) => ({
        ...one,
        nics: one.nics.map(({ ipv6: _, ...nic }) => ({ ...nic, ipv4: 'dhcp' as const })),
      })),
    )
    assert.match(leased.set.problems?.(leased.seen)[0] ?? '', /names proxy, which has no fixed address/)
  })

  it('does not lock out the session that asks', async () => {
    const { set, seen } = await make()
    const over = (one: Pick<typeof set, 'problems'>, client: string, server: string) =>
      one.problems?.({ ...seen, commands: new Map([...seen.commands, ends(client, server)]) }).length
    assert.equal(over(set, '192.168.1.10', '192.168.1.2'), 0) // a node
    assert.equal(over(set, '10.1.2.3', '192.168.100.1'), 0) // over a network that is inside
    assert.equal(over(set, '192.168.200.7', '192.168.200.1'), 1) // over an isolated one
    assert.equal(over(set, '198.18.0.9', '2001:db8:6939::2'), 1) // from outside
    assert.equal(over(set, '198.18.0.9', '198.18.0.2'), 1)
    const { set: allowed } = await make(withRules({ from: ['wan'], to: ['router'], tcp: ['20-30'] }))
    assert.equal(over(allowed, '198.18.0.9', '2001:db8:6939::2'), 0)
  })

  it('sees what is not in force', async () => {
    const { set, seen } = await make()
    const drift = (live: number, unit: string, text = 'a\nb\nb') => {
      const say = (code: number, stdout: string) => ({ code, stdout, stderr: '' })
      const files = [PATH, UNIT].map(
        (path) => [path, { kind: 'file', text: '', mode: 0o644, owner: 'root', group: 'root' }] as const,
      )
      const commands = new Map([
        ['firewall-live', say(live, text)],
        ['firewall-file', say(0, 'a\nb\nb\n')],
        ['firewall-unit', say(0, unit)],
      ])
      return set
        .drift?.({ ...seen, files: new Map(files), commands })
        .map(({ field, have, lines = [] }) => [field, have, ...lines])
    }
    assert.deepEqual(drift(0, 'enabled'), [])
    assert.deepEqual(drift(127, 'enabled'), [])
    assert.deepEqual(drift(1, 'enabled'), [['rules in force', 'none']])
    assert.deepEqual(drift(0, 'enabled', 'a\nc\nb'), [['rules in force', '2 lines other', '-c', '+b']])
    assert.deepEqual(drift(0, 'enabled', 'b\na\nb'), [['rules in force', 'in another order']])
    assert.deepEqual(drift(0, 'disabled'), [['orion-firewall.service', 'disabled']])
  })

  it('lets no value out of its place', async () => {
    const out = 'x\n\t}\n}\nflush ruleset\n# " accept ; drop \\'
    const { text } = await make((site) => {
      const named = withRules({ from: ['lan'], to: [out] })(site)
      return { ...named, guests: named.guests.map((one) => (one.name === 'proxy' ? { ...one, name: out } : one)) }
    })
    assert.deepEqual(
      text
        .split('\n')
        .filter((line) => /flush|# "/.test(line))
        .map((line) => line.trim()),
      ['# firewall.allow[0]: lan -> x??????flush?ruleset?????accept???drop??'],
    )
    await assert.rejects(make(withRules({ tcp: ['443 } accept; #'] })), /not a port/)
    const { text: addresses } = await make(
      withGuest('proxy', (one) => ({
        ...one,
        nics: one.nics.map((nic) => ({ ...nic, ipv4: { cidr: '1.2.3.4/24 } accept' } })),
      })),
    )
    assert.doesNotMatch(addresses, /1\.2\.3\.4/)
  })

  it('is taken by nft', async function () {
    if (spawnSync('unshare', ['-n', 'nft', '--version']).status !== 0) this.skip()
    for (const change of [undefined, withRules(), (site: Site): Site => ({ ...withRules()(site), nodes: [] })]) {
      const { text, closed } = await make(change)
      for (const input of [text, closed]) {
        const { status, stderr } = spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], { input, encoding: 'utf8' })
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      }
    }
  })
})
