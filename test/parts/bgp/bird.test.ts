// BIRD's files on the router as one set: what is secret stays so, and what cannot be is said before anything changes.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { bird, birdFacts } from '../../../src/parts/bgp/bird.ts'
import { passwordProblem, renderSecrets } from '../../../src/parts/bgp/bird-secrets.ts'
import { type HostFacts, NOTHING, wishOf } from '../../../src/resources/host-facts.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { bgpOf, bgpSite, FULL, routerIn, testPeer, withBird } from './bird-site.ts'

const SECRETS = '/etc/bird/orion-secrets.conf'
const DRAIN = '/etc/bird/orion-drain.conf'

function setOf(bgp: Partial<Bgp> = {}) {
  const site = bgpSite(bgp)
  const set = bird(site, routerIn(site), wishOf([birdFacts(site, routerIn(site))]))
  assert.ok(set)
  return set
}

function seenFile(path: string, text: string): HostFacts {
  return { ...NOTHING, files: new Map([[path, { kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' }]]) }
}

const problems = (bgp: Partial<Bgp>, seen: HostFacts) => setOf(bgp).problems?.(seen) ?? []
const saying = (commands: Readonly<Record<string, unknown>>, version = '2.17.5'): HostFacts => ({
  ...NOTHING,
  commands: new Map([
    ...withBird(version).commands,
    ...Object.entries(commands).map(
      ([name, value]) => [name, { code: 0, stdout: JSON.stringify(value), stderr: '' }] as const,
    ),
  ]),
})
const LINKS = [
  { ifname: 'ens18', address: 'aa:00:00:00:00:01' },
  { ifname: 'ens19', address: 'aa:00:00:00:00:02' },
]

describe('parts/bgp: BIRD on the router', () => {
  it('reads every file that it writes', () => {
    const set = setOf(FULL)
    const read = new Set(set.wish.files)
    assert.deepEqual(
      set.files(NOTHING).filter(({ path }) => !read.has(path)),
      [],
    )
  })
  it('another guest has none', () => {
    const site = bgpSite()
    const other = { ...site, bgp: { ...bgpOf(site), router: 'other' } }
    assert.equal(bird(other, routerIn(site), { files: [] }), undefined)
    assert.deepEqual(birdFacts(other, routerIn(site)), {})
  })

  it('passwords are in a file of their own, for root and BIRD alone', () => {
    const set = setOf(FULL)
    const files = set.files({
      ...NOTHING,
      secrets: new Map([
        ['upstream', 'hunter2'],
        ['s', 'x'],
      ]),
    })
    const holding = files.filter(({ text }) => text?.includes('hunter2'))
    assert.deepEqual(
      holding.map(({ path, mode, group, secret }) => ({ path, mode, group, secret })),
      [{ path: SECRETS, mode: 0o640, group: 'bird', secret: true }],
    )
    assert.match(holding[0]?.text ?? '', /^define PASSWORD_upstream = "hunter2";$/m)
    assert.deepEqual(set.secrets, { upstream: { env: 'UPSTREAM' }, s: { env: 'MESH' } })
  })
  it('a file of passwords that nobody needs any more goes', () => {
    const found = setOf()
      .files(seenFile(SECRETS, 'define PASSWORD_upstream = "old";'))
      .find(({ path }) => path === SECRETS)
    assert.equal(found?.text, undefined)
    assert.equal(found?.secret, true)
    assert.equal(
      setOf()
        .files(NOTHING)
        .some(({ path }) => path === SECRETS),
      false,
    )
  })
  it('behind GoBGP BIRD has no secrets and asks no registry', () => {
    const set = setOf({ ...FULL, daemon: 'gobgp' })
    assert.deepEqual([set.secrets, set.questions], [{}, undefined])
    assert.deepEqual(
      set.files(NOTHING).map(({ path }) => path),
      ['/etc/bird/bird.conf', DRAIN],
    )
  })
  it('who is drained stays so', () => {
    const text = setOf()
      .files(seenFile(DRAIN, 'define DRAIN_upstream = 1;\ndefine DRAIN_gone = 1;\n'))
      .find(({ path }) => path === DRAIN)?.text
    assert.match(text ?? '', /^define DRAIN_upstream = 1;$/m)
    assert.doesNotMatch(text ?? '', /gone/)
  })
  it('a BIRD that does not run is started, once its files are there', () => {
    const down = (files: HostFacts['files']): HostFacts => ({
      files,
      commands: new Map([['bird-active', { code: 3, stdout: 'inactive\n', stderr: '' }]]),
    })
    const text =
      setOf()
        .files(NOTHING)
        .find(({ path }) => path === '/etc/bird/bird.conf')?.text ?? ''
    const fields = (seen: HostFacts) =>
      setOf()
        .drift?.(seen)
        .filter(({ field }) => field === 'bird.service')
    assert.deepEqual(fields(down(seenFile('/etc/bird/bird.conf', text).files)), [
      { field: 'bird.service', have: 'inactive', want: 'active' },
    ])
    assert.deepEqual(fields(down(new Map())), [])
  })
  it('a BIRD that does not start with the router is enabled, and put back it is as it was', () => {
    const saw = (said: string): HostFacts => ({
      ...seenFile('/etc/bird/bird.conf', ''),
      commands: new Map([['bird-enabled', { code: said === 'enabled' ? 0 : 1, stdout: `${said}\n`, stderr: '' }]]),
    })
    const rows = (seen: HostFacts) => (setOf().drift?.(seen) ?? []).filter(({ field }) => field === 'bird.service')
    assert.deepEqual(rows(saw('disabled')), [{ field: 'bird.service', have: 'disabled', want: 'enabled' }])
    for (const said of ['enabled', 'not-found', '']) assert.deepEqual(rows(saw(said)), [], said)
    assert.deepEqual(rows({ ...saw('disabled'), files: new Map() }), [])
    const { activate } = setOf()
    const [boot = []] = typeof activate === 'function' ? activate(saw('disabled')) : activate
    assert.deepEqual(
      (typeof activate === 'function' ? activate(saw('enabled')) : []).map(([, , , name]) => name),
      ['orion-bird'],
    )
    assert.deepEqual(boot.slice(-2), ['bird.service', 'disabled'])
    const run = (phase: string, was: string) => {
      const program = `systemctl() { echo "$*"; }\n${boot[2]}`
      const env = { PATH: process.env.PATH, ORION_GUARD: phase }
      return spawnSync('sh', ['-c', program, 'boot', 'bird.service', was], { encoding: 'utf8', env })
    }
    assert.equal(run('swap', 'disabled').stdout, '--quiet enable bird.service\n')
    assert.equal(run('put-back', 'disabled').stdout, '--quiet disable bird.service\n')
    for (const was of ['enabled', 'not-found', '']) {
      const { status, stdout } = run('put-back', was)
      assert.deepEqual([status, stdout], [0, ''], was)
    }
  })
})

describe('parts/bgp: what BIRD on this router cannot do', () => {
  const AO = { peers: [testPeer({ password: { env: 'P' }, authentication: 'tcp-ao' })] }
  const ADDRESS = [{ addr_info: [{ local: '2602:f674:0:1000::1' }] }]
  const ROWS: readonly [string, Partial<Bgp>, HostFacts, RegExp | undefined][] = [
    [
      'all is well',
      FULL,
      saying({ links: LINKS, addresses: [{ addr_info: [{ local: '2602:f674:0:1000::1' }] }] }),
      undefined,
    ],
    ['nothing was read', FULL, NOTHING, undefined],
    ['too old', {}, saying({}, '2.0.7'), /^BIRD 2\.0\.7 is too old: orion needs 2\.0\.12/],
    [
      'TCP-AO with an old one',
      AO,
      saying({}, '2.0.12'),
      /^session upstream: TCP-AO needs BIRD 2\.17 .* the router has 2\.0\.12$/,
    ],
    ['TCP-AO with an unknown one', AO, NOTHING, /^session upstream: TCP-AO needs BIRD 2\.17 .* is not known$/],
    ['TCP-AO with a new one', AO, saying({}), undefined],
    [
      'a NIC that a peer is behind',
      {},
      saying({ links: LINKS.slice(1), addresses: ADDRESS }),
      /^the router has no NIC in wan yet/,
    ],
    ['a NIC that no peer is behind', {}, saying({ links: LINKS.slice(0, 1), addresses: ADDRESS }), undefined],
    [
      'an address that is not there',
      {},
      saying({ addresses: [{ addr_info: [] }, {}] }),
      /^the router does not have its address 2602:f674:0:1000::1 /,
    ],
    [
      'a password with a quote',
      { peers: [testPeer({ password: { env: 'P' } })] },
      { ...NOTHING, secrets: new Map([['upstream', 'a"b']]) },
      /^the password of session upstream has a character/,
    ],
  ]
  for (const [what, bgp, seen, expected] of ROWS)
    it(what, () => {
      const found = problems(bgp, seen)
      assert.equal(found.length, expected === undefined ? 0 : 1, found.join('\n'))
      if (expected) assert.match(found[0] ?? '', expected)
    })

  it('no problem repeats the password, and no file holds one that leaves its place', () => {
    const any = fc
      .string({ unit: 'binary', minLength: 3, maxLength: 100 })
      .filter((text) => /[^a-z0-9 ().-]/.test(text))
    const peers = [testPeer({ password: { env: 'P' } })]
    fc.assert(
      fc.property(any, (password) => {
        const secrets = new Map([['upstream', password]])
        for (const line of problems({ peers }, { ...NOTHING, secrets })) assert.ok(!line.includes(password))
        const line = renderSecrets(['upstream'], secrets).split('\n')[1]
        const text = passwordProblem(password) === undefined ? password : ''
        assert.equal(line, `define PASSWORD_upstream = "${text}";`)
        assert.equal(renderSecrets(['upstream'], secrets).split(/[\n\r\u2028\u2029]/).length, 3)
      }),
    )
  })
  for (const [password, expected] of [
    ['x'.repeat(80), undefined],
    ['x'.repeat(81), 'is longer than the 80 bytes that TCP takes'],
    ['é'.repeat(41), 'is longer than the 80 bytes that TCP takes'],
    ['', 'is empty'],
    ['a\tb', 'has a character that BIRD cannot read (a double quote or a control character)'],
    ['a\\b', undefined],
  ] as const)
    it(`a password of ${password.length} signs: ${expected ?? 'can be written'}`, () => {
      assert.equal(passwordProblem(password), expected)
    })
})
