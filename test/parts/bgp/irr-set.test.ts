// Sets of prefixes: what bgpq4 really prints, what a registry may try, and the file that BIRD reads and we read back.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { changeOf, type IrrPrefix, parseAnswer, parseSet, renderSet } from '../../../src/parts/bgp/irr-set.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'

/** Recorded of bgpq4 1.9 and 1.12, which print the same. */
const SIX = `{ "PFX": [
    { "prefix": "2602:f000::\\/32", "exact": false, "less-equal": 48 },
    { "prefix": "2602:f100::\\/44", "exact": true }
] }
`
const FOUR = `{ "PFX": [
    { "prefix": "193.0.0.0\\/21", "exact": false, "greater-equal": 22, "less-equal": 24 }
] }
`
const NONE = '{ "PFX": [\n] }\n'

const six: fc.Arbitrary<IrrPrefix> = fc
  .tuple(fc.integer({ min: 16, max: 48 }), fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 80 }))
  .map(([length, least, more]) => ({
    prefix: `2602::/${length}`,
    least: length + least,
    most: Math.min(128, length + least + more),
  }))

describe('parts/bgp/irr-set', () => {
  it('reads what bgpq4 prints', () => {
    assert.deepEqual(parseAnswer(SIX, 6), [
      { prefix: '2602:f000::/32', least: 32, most: 48 },
      { prefix: '2602:f100::/44', least: 44, most: 44 },
    ])
    assert.deepEqual(parseAnswer(FOUR, 4), [{ prefix: '193.0.0.0/21', least: 22, most: 24 }])
    assert.deepEqual(parseAnswer(NONE, 6), [])
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['no JSON', 'ERROR: no'],
    ['nothing', ''],
    ['another form', '[]'],
    ['another name', '{ "ASNS": [] }'],
    ['a text', '{ "PFX": ["2602::/32"] }'],
    ['a number', '{ "PFX": [7] }'],
    ['no row', '{ "PFX": [null] }'],
    ['no prefix', '{ "PFX": [{ "exact": true }] }'],
    ['the other family', '{ "PFX": [{ "prefix": "193.0.0.0/21", "exact": true }] }'],
    [
      'configuration',
      '{ "PFX": [{ "prefix": "2602::/32 ]; include \\"/etc/shadow\\"; define X = [ ::/0", "exact": true }] }',
    ],
    ['configuration as a length', '{ "PFX": [{ "prefix": "2602::/32", "less-equal": "48}]; #" }] }'],
    ['a length that is shorter than the prefix', '{ "PFX": [{ "prefix": "2602::/32", "less-equal": 16 }] }'],
    ['a length that is too long', '{ "PFX": [{ "prefix": "2602::/32", "less-equal": 129 }] }'],
    ['lengths the wrong way round', '{ "PFX": [{ "prefix": "2602::/32", "greater-equal": 48, "less-equal": 40 }] }'],
    ['half a length', '{ "PFX": [{ "prefix": "2602::/32", "less-equal": 40.5 }] }'],
  ]
  for (const [title, json] of hostile) it(`refuses ${title}`, () => assert.throws(() => parseAnswer(json, 6)))

  it('takes host bits away, as BIRD refuses a prefix that has some', () => {
    const json = '{ "PFX": [{ "prefix": "2602:F000::1/32", "exact": true }] }'
    assert.deepEqual(parseAnswer(json, 6), [{ prefix: '2602:f000::/32', least: 32, most: 32 }])
  })

  it('reads back what it wrote, of the same names only', () => {
    fc.assert(
      fc.property(fc.uniqueArray(six, { minLength: 1, selector: (one) => JSON.stringify(one) }), (set) => {
        const text = renderSet('up', 'AS-X (IPv6, RIPE)', set, 6)
        assert.deepEqual(parseSet(text, 'AS-X (IPv6, RIPE)'), set)
        assert.equal(parseSet(text, 'AS-Y (IPv6, RIPE)'), undefined)
        assert.equal(changeOf(set, set).share, 0)
      }),
    )
    assert.equal(parseSet(renderSet('up', 'AS-X', [], 6), 'AS-X'), undefined)
    assert.match(
      renderSet('up', 'AS-X', [], 6),
      /^# .*AS-X\n# Asked once the router runs: until then, none\.\ndefine IRR_up = /,
    )
    assert.equal(parseSet(undefined, 'AS-X'), undefined)
  })

  it('measures how much came and went, of what was', () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((at) => ({ prefix: `2602:${at}::/32`, least: 32, most: 48 })) as [
      IrrPrefix,
      IrrPrefix,
      IrrPrefix,
      IrrPrefix,
    ]
    assert.deepEqual(changeOf([a, b], [a, b, c]), { before: 2, after: 3, share: 0.5 })
    assert.equal(changeOf([a, b, c, d], [a, b, c]).share, 0.25)
    assert.equal(changeOf([a, b], [c, d]).share, 2)
    assert.equal(changeOf([a], [{ ...a, most: 40 }]).share, 2)
  })

  it('measures what is registered, however bgpq4 joins it', () => {
    const row = (prefix: string, least: number, most = 48): IrrPrefix => ({ prefix, least, most })
    const [two, three] = [row('2602:2::/32', 32), row('2602:3::/32', 32)]
    const joined = row('2602:2::/31', 32)
    assert.deepEqual(changeOf([two, three], [joined]), { before: 2, after: 2, share: 0 })
    assert.deepEqual(changeOf([joined], [two]), { before: 2, after: 1, share: 0.5 })
    assert.deepEqual(changeOf([joined], [row('2602::/30', 32)]), { before: 2, after: 4, share: 1 })
    assert.equal(
      changeOf([row('10.0.0.0/22', 24, 24)], [row('10.0.0.0/23', 24, 24), row('10.0.2.0/24', 24, 24)]).share,
      0.25,
    )
    assert.deepEqual(changeOf([row('2602::/16', 48)], [row('2602::/16', 48)]), { before: 1, after: 1, share: 0 })
  })

  describe('for BIRD itself', () => {
    before(async function () {
      await withDaemons(this)
    })
    const folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    for (const version of BIRD_VERSIONS)
      it(`${version} takes full and empty sets of both families`, async () => {
        const { bird } = await daemons(version)
        const sets: [string, readonly IrrPrefix[], 4 | 6][] = [
          ['a', parseAnswer(SIX, 6), 6],
          ['b', [], 6],
          ['c', parseAnswer(FOUR, 4), 4],
          ['d', [], 4],
        ]
        for (const [name, set, family] of sets)
          writeFileSync(join(folder, `${name}.conf`), renderSet(name, 'AS-X', set, family))
        const uses = sets.map(([name]) => `filter f_${name} { if net ~ IRR_${name} then accept; reject; }`)
        const text = [
          ...sets.map(([name]) => `include "${name}.conf";`),
          'router id 192.0.2.1;',
          ...uses,
          'protocol device {}',
          '',
        ]
        const file = join(folder, `bird-${version}.conf`)
        writeFileSync(file, text.join('\n'))
        assert.equal((await promisify(execFile)(bird, ['-p', '-c', file])).stderr, '')
      })
  })
})
