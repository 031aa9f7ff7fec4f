// Property strings: reading and printing are each other's inverse, whatever the values hold.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  mergeProperties,
  ownedProperties,
  parseProperties,
  printProperties,
} from '../../src/resources/property-string.ts'

const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/)
// Values may hold `=` and `:`; a comma cannot stand in one.
const value = fc.stringMatching(/^[\w:/.;=+-]{1,20}$/)
const properties = fc
  .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 })
  .map((pairs) => new Map(pairs))

describe('resources/property-string', () => {
  it('reads back what it prints', () => {
    fc.assert(fc.property(properties, (map) => assert.deepEqual(parseProperties(printProperties(map)), map)))
  })

  it('reads back what it prints with a default key', () => {
    const bare = fc.stringMatching(/^[\w:/.;+-]{1,20}$/)
    fc.assert(
      fc.property(properties, bare, (rest, file) => {
        const map = new Map([['file', file], ...[...rest].filter(([name]) => name !== 'file')])
        assert.deepEqual(parseProperties(printProperties(map, 'file'), 'file'), map)
        assert.ok(printProperties(map, 'file').startsWith(file))
      }),
    )
  })

  it('compares the owned keys only, in any order', () => {
    fc.assert(
      fc.property(properties, fc.integer(), (map, seed) => {
        const owned = Object.fromEntries([...map.keys()].map((name) => [name, '']))
        const shuffled = [...map, ['zz-other', 'x'] as [string, string]].sort(
          ([a], [b]) => (a > b ? 1 : -1) * (seed % 2 === 0 ? 1 : -1),
        )
        assert.equal(ownedProperties(new Map(shuffled), owned), ownedProperties(map, owned))
      }),
    )
  })

  it('merges without losing what others set', () => {
    fc.assert(
      fc.property(properties, properties, (have, want) => {
        const owned = Object.fromEntries([...want.keys()].map((name) => [name, '']))
        const merged = mergeProperties(have, want, owned)
        for (const [name, text] of want) assert.equal(merged.get(name), text)
        for (const [name, text] of have) if (!want.has(name)) assert.equal(merged.get(name), text)
      }),
    )
  })

  it('takes an owned key away that is not wanted any more', () => {
    assert.deepEqual(
      mergeProperties(
        new Map([
          ['tag', '5'],
          ['rate', '1'],
        ]),
        new Map(),
        { tag: '' },
      ),
      new Map([['rate', '1']]),
    )
  })

  it('splits at the first equals sign', () => {
    assert.deepEqual(
      parseProperties('serial=QUI9PQ==,base64=1'),
      new Map([
        ['serial', 'QUI9PQ=='],
        ['base64', '1'],
      ]),
    )
  })
})
