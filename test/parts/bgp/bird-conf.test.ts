// bird.conf as a whole: golden texts, which every version of BIRD takes, and which no value of the site file can leave its place in.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { getBirdConf } from '../../../src/parts/bgp/bird.ts'
import { renderSecrets } from '../../../src/parts/bgp/bird-secrets.ts'
import { drainFile } from '../../../src/parts/bgp/drain.ts'
import { renderSet } from '../../../src/parts/bgp/irr-set.ts'
import { symbolOf } from '../../../src/parts/bgp/symbol.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'
import { bgpSite, FULL, routerIn, testPeer, withBird } from './bird-site.ts'

const run = promisify(execFile)
const golden = (name: string) => new URL(`golden/${name}.conf`, import.meta.url)

function conf(bgp: Partial<Bgp>, version: string, edge: 'bird' | 'gobgp' = 'bird'): string {
  const site = bgpSite(bgp)
  const text = getBirdConf(site, routerIn(site), withBird(version), { edge })
  assert.ok(text)
  return text
}

const AO = [testPeer({ password: { env: 'P' }, authentication: 'tcp-ao' })]
const ONLY4: Partial<Bgp> = {
  announce: ['23.128.10.0/24'],
  rpki: { local: true, caches: [] },
  peers: [testPeer({ address: '198.18.7.1' })],
}

const CASES: Readonly<Record<string, readonly [Partial<Bgp>, string, ('bird' | 'gobgp')?]>> = {
  'one-provider': [{}, '2.0.12'],
  everything: [FULL, '2.0.12'],
  'everything-2.17': [FULL, '2.17.5'],
  'route-server': [{ peers: [testPeer({ relation: 'peer', routeServer: true, asSet: 'AS-IX' })] }, '2.0.12'],
  'tcp-ao': [{ peers: AO }, '2.17.5'],
  'ipv4-alone': [ONLY4, '2.0.12'],
  'behind-gobgp': [FULL, '2.17.5', 'gobgp'],
}

/** Everything that bird.conf includes, beside it. */
function place(folder: string, bgp: Partial<Bgp>, text: string): string {
  const { peers } = bgpSite(bgp).bgp ?? { peers: [] }
  const names = peers.map(({ name }) => name)
  writeFileSync(join(folder, 'orion-drain.conf'), drainFile(names, undefined))
  writeFileSync(join(folder, 'orion-secrets.conf'), renderSecrets(names, new Map(names.map((name) => [name, 'x']))))
  for (const { name, address, asSet } of peers) {
    const set = [{ prefix: '23.0.0.0/12', least: 12, most: 24 }]
    const rows = address.includes(':') ? [] : set
    if (asSet) writeFileSync(join(folder, `orion-irr-${name}.conf`), renderSet(symbolOf(name), '', rows, 4))
  }
  const file = join(folder, 'bird.conf')
  writeFileSync(file, text)
  return file
}

describe('parts/bgp: bird.conf', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-bird-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const [name, [bgp, version, edge]] of Object.entries(CASES)) {
    it(`is as the golden file: ${name}`, () => {
      const text = conf(bgp, version, edge)
      if (process.env.GOLDEN && !existsSync(golden(name))) writeFileSync(golden(name), text)
      assert.equal(text, readFileSync(golden(name), 'utf8'))
    })
  }

  describe('with the real BIRD', () => {
    before(async function () {
      await withDaemons(this)
    })
    // What a version adds is written where `bird --version` says that it is there.
    const SAYS = { '2.0.12': '2.0.12', '2.17': '2.17.5', '3.1': '3.1.7' } as const
    for (const version of BIRD_VERSIONS)
      for (const [name, [bgp, , edge]] of Object.entries(CASES))
        it(`${version} takes it: ${name}`, async () => {
          const { bird } = await daemons(version)
          const { stderr } = await run(bird, ['-p', '-c', place(folder, bgp, conf(bgp, SAYS[version], edge))])
          assert.equal(stderr, '')
        })
    for (const version of BIRD_VERSIONS)
      it(`${version} takes what is for an unknown version`, async () => {
        const { bird } = await daemons(version)
        await run(bird, ['-p', '-c', place(folder, FULL, conf(FULL, 'unknown'))])
      })
    it('a password of any printable sign is taken', async function () {
      const { bird } = await daemons('2.0.12')
      this.timeout(60_000)
      const passwords = fc.string({ unit: fc.constantFrom(...PRINTABLE), minLength: 1, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(passwords, async (password) => {
          const text = renderSecrets(['up'], new Map([['up', password]]))
          const file = join(folder, 'password.conf')
          writeFileSync(file, `${text}router id 192.0.2.1;\nprotocol device { description PASSWORD_up; }\n`)
          await run(bird, ['-p', '-c', file])
        }),
        { numRuns: 30 },
      )
    })
  })

  it('no value of the site file leaves its place', () => {
    const words = ['filter', '"', '\\', '#', '}', ';', '{', '\n', '/*', "'", '-', 'a', '0']
    const name = fc.string({ unit: fc.constantFrom(...words), minLength: 1, maxLength: 12 })
    const ordinary = shape(conf({ peers: [testPeer({ name: 'a', asSet: 'AS-A' })] }, '2.17.5'), 'a')
    fc.assert(
      fc.property(name, (hostile) => {
        const text = conf({ peers: [testPeer({ name: hostile, asSet: `AS-"; ${hostile}` })] }, '2.17.5')
        assert.equal(text.split('\n').length, ordinary.length)
        for (const [at, line] of text.split('\n').entries())
          assert.match(line, new RegExp(`^${(ordinary[at] ?? '').replaceAll('NAME', '[a-z0-9_-]+')}$`))
      }),
    )
  })
  for (const [what, bgp] of [
    ['a peer', { peers: [testPeer({ address: '::1; } protocol x {' })] }],
    ['our end', { peers: [testPeer({ localAddress: 'fe80::1%eth0' })] }],
    ['the router id', { routerId: '1.2.3' }],
    ['a cache', { rpki: { local: false, caches: [{ address: 'a" port 1; #', port: 1 }] } }],
  ] as const)
    it(`an address that is none is refused: ${what}`, () => {
      assert.throws(() => conf(bgp, '2.17.5'), RangeError)
    })
})

const PRINTABLE = [...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)), 'é', '漢', '😀'].filter(
  (sign) => sign !== '"',
)

/** Lines as patterns, with NAME where the peer's name stands. */
function shape(text: string, name: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .map((line) =>
      line.replace(new RegExp(`(?<=_)${name}\\b|(?<=-)${name}(?=\\\\\\.conf)|(?<=")${name}(?=: AS)`, 'g'), 'NAME'),
    )
}
