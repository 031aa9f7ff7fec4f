// Hygiene with GoBGP at the edge: judged by its file, peer by peer; what it cannot do is said, and is no fault.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { getEdgeModel } from '../../../src/parts/bgp/gobgp-edge.ts'
import { reportOf } from '../../../src/parts/bgp/hygiene-report.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { file } from '../../resources/fake-host.ts'
import { bgpSite, FULL, routerIn, withBird } from './bird-site.ts'
import { gobgpSaid, RECORDED_BGP } from './gobgp-fixtures.ts'

const SITE = bgpSite({ ...FULL, daemon: 'gobgp' })
const ROUTER = routerIn(SITE)
const BIRD = withBird('2.17.5')
const MODEL = getBirdModel(SITE, ROUTER, BIRD, { edge: 'gobgp' })
assert.ok(MODEL)
const CONF = getGobgpConf(
  getEdgeModel(MODEL, {
    registered: () => [{ prefix: '1.0.0.0/8', min: 8, max: 24 }],
    password: (name) => (['upstream', 's'].includes(name) ? 'secret' : undefined),
    isDrained: () => false,
  }),
)

function seenOf(
  conf: string,
  { active = 'active', edge = 'gobgp' } = {},
  said: Readonly<Record<string, string>> = {},
): HostFacts {
  const answers = Object.entries({ ...said, 'gobgp-active': `${active}\n` })
  const commands = answers.map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }] as const)
  const files = [['/etc/gobgp/orion.toml', file(conf)] as const, ['/etc/orion/edge', file(`${edge}\n`)] as const]
  return { files: new Map(files), commands: new Map([...BIRD.commands, ...commands]) }
}
const missing = (seen: HostFacts) =>
  reportOf(SITE, ROUTER, seen).flatMap(({ rule, peer, live }) => (live ? [] : [`${rule} ${peer ?? ''}`.trim()]))

describe('hygiene with GoBGP at the edge', () => {
  it('finds every rule kept by a router that has the file', () => assert.deepEqual(missing(seenOf(CONF)), []))

  it('says what GoBGP cannot do', () => {
    const rows = reportOf(SITE, ROUTER, seenOf(CONF)).filter(({ why }) => why === 'GoBGP has no such thing')
    const rules = [...new Set(rows.map(({ rule }) => rule))].sort()
    assert.ok(rules.includes('role') && rules.includes('bfd'), rules.join(' '))
    assert.ok(rows.every(({ state }) => state === 'not possible'))
  })

  const cut = (name: string) =>
    new RegExp(`^  \\[\\[policy-definitions\\.statements\\]\\]\\n    name = "${name}"\\n(?:    .*\\n)*`, 'm')
  const WITHOUT: readonly [what: string, broken: string, rules: readonly string[]][] = [
    ['a statement of one peer', CONF.replace(cut('first-as-far-away'), ''), ['first-as far-away']],
    ['the next hop of one peer', CONF.replace('next-hop-in-list = ["198.18.7.9"]', ''), ['next-hop 1-ix']],
    [
      'no route is refused for its next hop',
      CONF.replace(cut('next-hop'), ''),
      ['next-hop upstream', 'next-hop filter', 'next-hop 1-ix', 'next-hop shop'],
    ],
    ['GTSM of one peer', CONF.replace(/^ *ttl-min = 255\n/m, ''), ['gtsm upstream']],
    ['one of two passwords', CONF.replace(/^ *auth-password = .*\n/m, ''), ['password upstream']],
    ['a limit', CONF.replace(/(shop, customer[\s\S]*?)^ *max-prefixes = .*\n/m, '$1'), ['receive-limit shop']],
  ]
  for (const [what, broken, rules] of WITHOUT)
    it(`says what is not kept: ${what}`, () => {
      assert.notEqual(broken, CONF)
      assert.deepEqual(missing(seenOf(broken)), rules)
    })

  it('finds none kept where GoBGP does not run, or BIRD speaks', () => {
    const on = reportOf(SITE, ROUTER, seenOf(CONF)).filter(({ state }) => state === 'on').length
    for (const place of [{ active: 'failed' }, { edge: 'bird' }]) assert.equal(missing(seenOf(CONF, place)).length, on)
  })

  it('tells what the peer agreed to', () => {
    const site = bgpSite(RECORDED_BGP)
    const rows = reportOf(site, routerIn(site), seenOf(CONF, {}, gobgpSaid('3.36.0')))
    const why = (name: string) => rows.find(({ rule, peer }) => rule === 'graceful-restart' && peer === name)?.why
    assert.match(why('upstream') ?? '', /the peer has it, too/)
    assert.doesNotMatch(why('silent') ?? '', /the peer has it/)
  })
})
