// What becomes of a registry's answer: taken, refused, or the last good set kept.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { irrFiles, irrOf, irrPath, irrProblems, irrQuestions } from '../../../src/parts/bgp/irr.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { type BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'
import { file } from '../../resources/fake-host.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { startWhois, type WhoisServer } from './whois-server.ts'

const shop = testPeer({ name: 'shop', relation: 'customer', asSet: 'AS-SHOP' })
const BGP = testBgp({ peers: [testPeer(), shop] })
const prefixes = (count: number) => Array.from({ length: count }, (_, at) => `2602:${(at + 256).toString(16)}::/32`)
const json = (list: readonly string[]) =>
  JSON.stringify({ PFX: list.map((prefix) => ({ prefix, exact: false, 'less-equal': 48 })) })

/** What is read of a router: its answer, and the file of the last time with these prefixes. */
function seenOf(
  answer: Partial<{ code: number; stdout: string; stderr: string }> | undefined,
  kept?: readonly string[],
) {
  const nothing: HostFacts = { files: new Map(), commands: new Map() }
  const answers = new Map(answer ? [['shop', { code: 0, stdout: '', stderr: '', ...answer }]] : [])
  if (kept === undefined) return { ...nothing, answers }
  const [old] = irrFiles(BGP, { ...nothing, answers: new Map([['shop', said(kept)]]) }, { accept: true })
  return { ...nothing, answers, files: new Map([[irrPath('shop'), file(old?.text ?? '')]]) }
}

const said = (list: readonly string[]) => ({ code: 0, stdout: json(list), stderr: '' })
const stateOf = (seen: HostFacts, accept = false) => {
  const [irr] = irrOf(BGP, seen, { accept })
  return { state: irr?.state, count: irr?.prefixes.length }
}

describe('parts/bgp/irr', () => {
  it('asks for peers with an AS-SET alone, in the family of their session', () => {
    const four = testPeer({ name: 'ix', address: '198.18.7.9', asSet: 'AS-IX:AS-ALL' })
    const asked = irrQuestions(testBgp({ peers: [testPeer(), shop, four] }))
    assert.deepEqual(Object.keys(asked ?? {}), ['shop', 'ix'])
    assert.equal(asked?.shop?.join(' '), 'bgpq4 -h rr.example.net -S RPKI,RIPE -6 -A -j -m 48 -R 48 -l PFX AS-SHOP')
    assert.match(asked?.ix?.join(' ') ?? '', / -4 -A -j -m 24 -R 24 -l PFX AS-IX:AS-ALL$/)
    assert.equal(irrQuestions(testBgp()), undefined)
  })

  const taken: readonly [string, HostFacts, string, number][] = [
    ['a first answer', seenOf(said(prefixes(3))), 'asked', 3],
    ['the same as last time', seenOf(said(prefixes(3)), prefixes(3)), 'asked', 3],
    ['three in ten', seenOf(said(prefixes(13)), prefixes(10)), 'asked', 13],
    ['no answer, and the last good set', seenOf({ code: 1, stderr: 'ERROR:refused\n' }, prefixes(3)), 'kept', 3],
    ['an answer too late, and the last good set', seenOf({ code: 124 }, prefixes(3)), 'kept', 3],
    ['an answer that is none, and the last good set', seenOf({ stdout: '<html>' }, prefixes(3)), 'kept', 3],
    ['a router without bgpq4 yet', seenOf({ code: 127 }), 'unknown', 0],
    ['a router that lost its bgpq4', seenOf({ code: 127 }, prefixes(3)), 'kept', 3],
    ['a router of which nothing is known', seenOf(undefined), 'unknown', 0],
  ]
  for (const [title, seen, state, count] of taken)
    it(`is no problem: ${title}`, () => {
      assert.deepEqual(irrProblems(BGP, seen, { accept: false }), [])
      assert.deepEqual(stateOf(seen), { state, count })
    })

  const refused: readonly [string, HostFacts, RegExp, boolean][] = [
    ['a set that resolves to nothing', seenOf(said([])), /^AS-SHOP has no IPv6 prefix in RPKI, RIPE/, false],
    ['one that was emptied', seenOf(said([]), prefixes(3)), /AS-SHOP has no IPv6 prefix/, false],
    [
      'no answer, and no earlier set',
      seenOf({ code: 1, stderr: 'x\nERROR:refused\n' }),
      /ERROR:refused; and there is no set/,
      false,
    ],
    ['no JSON, and no earlier set', seenOf({ stdout: '<html>' }), /bgpq4 gave no JSON/, false],
    [
      'many more',
      seenOf(said(prefixes(14)), prefixes(10)),
      /10 → 14 prefixes, 40 % .* orion bgp apply --accept-irr/,
      true,
    ],
    ['many fewer', seenOf(said(prefixes(6)), prefixes(10)), /10 → 6 prefixes, 40 %/, true],
    ['others', seenOf(said(prefixes(20).slice(10)), prefixes(10)), /10 → 10 prefixes, 200 %/, true],
  ]
  for (const [title, seen, message, acceptable] of refused)
    it(`is a problem: ${title}`, () => {
      assert.match(irrProblems(BGP, seen, { accept: false }).join('\n'), message)
      assert.deepEqual(irrProblems(BGP, seen, { accept: true }).length, acceptable ? 0 : 1)
    })

  it('keeps no set of another AS-SET, and none of other registries', () => {
    const seen = seenOf({ code: 1, stderr: 'refused' }, prefixes(3))
    const others = [
      testBgp({ peers: [{ ...shop, asSet: 'AS-OTHER' }] }),
      { ...BGP, irr: { ...BGP.irr, sources: ['RADB'] } },
    ]
    for (const other of others)
      assert.match(irrProblems(other, seen, { accept: false }).join(), /no set from an earlier/)
  })

  it('writes one file for each, which is what it reads the next time', () => {
    const [set] = irrFiles(BGP, seenOf(said(prefixes(2))), { accept: false })
    assert.equal(
      set?.text,
      `# Made by orion: the prefixes of AS-SHOP (IPv6, RPKI RIPE)
define IRR_shop = [
  2602:100::/32{32,48},
  2602:101::/32{32,48}
];
`,
    )
    assert.equal(set?.path, '/etc/bird/orion-irr-shop.conf')
  })
})

describe('parts/bgp/irr: with bgpq4 itself', () => {
  let server: WhoisServer
  before(async function () {
    await withDaemons(this)
    server = await startWhois({
      'AS-SHOP': '2602:f000::/32 2602:f000:1::/48 2602:f100::/44 2602:f200::/64 193.0.0.0/21',
    })
  })
  after(() => server?.close())

  /** As the router answers. */
  async function ask(asSet: string, address: string, version: (typeof BIRD_VERSIONS)[number]) {
    const bgp = testBgp({ irr: { server: address, sources: ['RPKI', 'RIPE'] }, peers: [{ ...shop, asSet }] })
    const [, ...words] = irrQuestions(bgp)?.shop ?? []
    const { bgpq4 } = await daemons(version)
    const output = await promisify(execFile)(bgpq4, words).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    )
    const seen = { files: new Map(), commands: new Map(), answers: new Map([['shop', output]]) }
    return irrOf(bgp, seen, { accept: false })[0]
  }

  for (const version of ['2.0.12', '2.17'] as const) {
    it(`takes what the one beside BIRD ${version} tells`, async () => {
      const irr = await ask('AS-SHOP', server.address, version)
      assert.deepEqual([irr?.state, irr?.problem], ['asked', undefined])
      assert.deepEqual(irr?.prefixes, [
        { prefix: '2602:f000::/32', least: 32, most: 48 },
        { prefix: '2602:f100::/44', least: 44, most: 48 },
      ])
      assert.ok(server.asked.includes('!sRPKI,RIPE'))
    })

    it(`says why where there is nothing to take (${version})`, async () => {
      assert.match((await ask('AS-NONE', server.address, version))?.problem ?? '', /AS-NONE has no IPv6 prefix/)
      const mute = await startWhois({}, { mute: true })
      try {
        const broken = await ask('AS-SHOP', mute.address, version)
        assert.match(broken?.problem ?? '', /did not tell the prefixes of AS-SHOP: .+; and there is no set/)
      } finally {
        await mute.close()
      }
      assert.match((await ask('AS-SHOP', mute.address, version))?.problem ?? '', /Connection refused/)
    })
  }
})
