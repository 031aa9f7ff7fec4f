// What a plan of the routers refuses before anything changes.
import assert from 'node:assert/strict'
import { getPlanExit } from '../../src/engine/plan.ts'
import type { Site } from '../../src/site/site.ts'
import { file } from '../resources/fake-host.ts'
import type { RouterOptions } from '../resources/router-outside.ts'
import { bgpSite, testPeer } from './bgp/bird-site.ts'
import { FIREWALL, planOf, SECRET, untouched, withPeer } from './bgp-plan.ts'

describe('parts/bgp: refused before anything changes', () => {
  for (const [status, message, suggestion] of [
    ['stopped', 'router (VM 200 on n1) is stopped', 'orion vm start router'],
    ['absent', 'router (VM 200 on n1) does not exist yet', 'orion vm apply --only router'],
  ] as const)
    it(`a router that is ${status}`, async () => {
      const { plan, fake } = await planOf(bgpSite(), { status })
      for (const { problem } of plan.steps) {
        const { code, suggestions } = problem ?? {}
        assert.deepEqual([code, problem?.message, suggestions], ['E_HOST_UNREACHABLE', message, [suggestion]])
      }
      assert.deepEqual(fake.calls, [])
    })

  it('a secret that cannot be read, also where the router is still to be made', async () => {
    const site = withPeer({ password: { env: 'PASS' } })
    for (const { status, alone } of [
      { status: 'running', alone: true },
      { status: 'absent', alone: false },
    ]) {
      const { step, fake } = await planOf(site, { status }, { alone })
      assert.equal(step('bird')?.problem?.code, 'E_SECRET')
      assert.ok(untouched(fake.calls), fake.calls.join())
    }
  })

  const customer = { name: 'shop', relation: 'customer', asSet: 'AS-SHOP' } as const
  const ask = 'bgpq4 -h rr.example.net -S RPKI,RIPE -6 -A -j -m 48 -R 48 -l PFX AS-SHOP'
  const old =
    '# Made by orion: the prefixes of AS-SHOP (IPv6, RPKI RIPE)\ndefine IRR_shop = [\n  2602:1::/32{32,48}\n];\n'
  const two = '{"PFX":[{"prefix":"2602:1::/32","less-equal":48},{"prefix":"2602:2::/32","less-equal":48}]}'
  const conf = '# Made by orion\n'

  const rows: readonly [string, Site, RouterOptions, RegExp][] = [
    [
      'an AS-SET that resolves to nothing',
      withPeer(customer),
      { programs: { [ask]: '{ "PFX": [] }' } },
      /AS-SHOP has no IPv6 prefix in RPKI, RIPE \(asked rr\.example\.net\): is its name right\?/,
    ],
    [
      'an AS-SET that changed a lot',
      withPeer(customer),
      { programs: { [ask]: two }, files: { '/etc/bird/orion-irr-shop.conf': old } },
      /AS-SHOP changed a lot: 1 → 2 prefixes, 100 % of it came or went.*--accept-irr/,
    ],
    [
      'a registry that is silent, without an earlier set',
      withPeer(customer),
      { programs: { [ask]: { code: 1, stderr: 'ERROR:Connection refused\n' } } },
      /did not tell the prefixes of AS-SHOP: ERROR:Connection refused; and there is no set from an earlier time/,
    ],
    [
      'a BIRD that is too old',
      bgpSite(),
      { programs: { 'bird-version': 'BIRD version 2.0.7\n' } },
      /BIRD 2\.0\.7 is too old/,
    ],
    [
      'TCP-AO with a BIRD that has none',
      withPeer({ password: { env: 'PASS' }, authentication: 'tcp-ao' }),
      { programs: { 'bird-version': 'BIRD version 2.0.12\n' }, secrets: { PASS: SECRET } },
      /TCP-AO needs BIRD 2\.17 or newer/,
    ],
    [
      'a password that BIRD cannot read',
      withPeer({ password: { env: 'PASS' } }),
      { secrets: { PASS: `${SECRET}"; include "/etc/shadow` } },
      /the password of session upstream has a character that BIRD cannot read/,
    ],
    [
      'another daemon than the one that speaks now',
      bgpSite(),
      { files: { '/etc/orion/edge': 'gobgp\n', '/etc/bird/bird.conf': conf } },
      /GoBGP speaks BGP on router.*orion bgp migrate --to bird/,
    ],
    [
      'the other way round',
      bgpSite({ daemon: 'gobgp' }),
      { files: { '/etc/bird/bird.conf': conf } },
      /BIRD speaks BGP on router.*orion bgp migrate --to gobgp/,
    ],
    [
      'another machine',
      bgpSite(),
      { programs: { 'node-name': 'web' } },
      /router is another machine: it calls itself web/,
    ],
  ]
  for (const [title, site, options, message] of rows)
    it(title, async () => {
      const { step, fake, text } = await planOf(site, options)
      assert.equal(step('bird')?.verb, 'problem')
      assert.equal(step('bird')?.problem?.code, 'E_HOST_FACTS')
      assert.match(step('bird')?.problem?.message ?? '', message)
      assert.ok(untouched(fake.calls), fake.calls.join())
      assert.doesNotMatch(text, /hunter/)
    })

  const systems: readonly [title: string, says: string, message: RegExp][] = [
    [
      'another system',
      'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\n',
      /router runs Ubuntu 24\.04 LTS, and orion/,
    ],
    [
      'a Debian that is too old',
      'PRETTY_NAME="Debian 11"\nID=debian\nVERSION_ID="11"\n',
      /Debian 11, and .* 12 or newer/,
    ],
  ]
  for (const [title, says, message] of systems)
    it(title, async () => {
      const { plan, step, fake } = await planOf(bgpSite(), { programs: { 'os-release': says } })
      assert.equal(step('updates')?.problem?.code, 'E_HOST_FACTS')
      assert.match(step('updates')?.problem?.message ?? '', message)
      assert.equal(getPlanExit(plan), 4)
      assert.ok(untouched(fake.calls), fake.calls.join())
    })

  it('a router that has not all of its NICs, in each set that needs one', async () => {
    const links = JSON.stringify([{ ifname: 'ens20', address: 'aa:00:00:00:00:03' }])
    const { step, fake } = await planOf(bgpSite({}, { firewall: FIREWALL }), { programs: { links } })
    const missing = /AA:00:00:00:00:02 \(nics\.lan\): orion vm apply adds it/
    for (const name of ['firewall', 'services']) assert.match(step(name)?.problem?.message ?? '', missing, name)
    assert.match(step('bird')?.problem?.message ?? '', /no NIC in wan yet, where a BGP peer is: orion vm apply adds it/)
    assert.ok(untouched(fake.calls), fake.calls.join())
  })

  it('a maxPrefixes that would end a session that stands', async () => {
    const rows = ['1002-peer_upstream BGP --- up 2026-01-01 00:00:00 Established', '1006-  BGP state: Established']
    const channel = [
      '       Channel ipv6',
      '         State: UP',
      '         Routes: 25 imported, 0 filtered, 1 exported',
    ]
    const programs = { 'bird-protocols': [...rows, ...channel, ''].join('\n') }
    const { step } = await planOf(withPeer({ maxPrefixes: 10 }), { programs })
    assert.match(
      step('bird')?.problem?.message ?? '',
      /upstream sends 25 routes now, .* raise bgp\.peers\.upstream\.maxPrefixes/,
    )
  })

  it('every secret that cannot be read, at once, by where it is to come from and never with another one', async () => {
    const peers = ['A', 'B', 'C'].map((env, at) =>
      testPeer({ name: `up${at}`, address: `2620:fe::1${at}`, password: { env } }),
    )
    const { plan, step, fake, text } = await planOf(bgpSite({ peers }), { secrets: { B: SECRET } })
    const { code, message = '' } = step('bird')?.problem ?? {}
    assert.equal(code, 'E_SECRET')
    assert.ok(message.includes('"A"') && message.includes('"C"') && !message.includes('"B"'), message)
    assert.doesNotMatch(text, /hunter/)
    assert.equal(getPlanExit(plan), 1)
    assert.ok(untouched(fake.calls), fake.calls.join())
  })

  it('but takes an AS-SET that changed a lot where the operator says so', async () => {
    const options = { programs: { [ask]: two }, files: { '/etc/bird/orion-irr-shop.conf': file(old) } }
    const { step } = await planOf(withPeer(customer), options, { acceptIrr: true })
    assert.equal(step('bird')?.problem, undefined)
    const change = step('bird')?.differences.find(({ field }) => field === '/etc/bird/orion-irr-shop.conf')
    assert.ok(change?.lines?.includes('+  2602:2::/32{32,48}'), JSON.stringify(change))
  })
})
