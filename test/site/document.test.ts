import assert from 'node:assert/strict'
import { readDocument } from '../../src/site/document.ts'
import type { Path } from '../../src/site/site.ts'

const read = (text: string) => readDocument(text, 'orion.yaml')
const messages = (text: string) =>
  read(text).findings.map(({ line, column, message }) => `${line}:${column} ${message}`)
const placeOf = (text: string, path: Path, atKey?: true) => {
  const { line, column } = read(text).locate({ severity: 'error', path, message: 'm', ...(atKey ? { atKey } : {}) })
  return `${line}:${column}`
}

describe('document', () => {
  it('reads YAML 1.2: no and on are text, sizes are text', () => {
    const { value } = read('a: no\nb: on\nc: 32G\nd: 12\ne: true\nf: ~\ng: 010\n')
    assert.deepEqual({ ...(value as object) }, { a: 'no', b: 'on', c: '32G', d: 12, e: true, f: null, g: 10 })
  })
  it('reads as YAML 1.2 even where the file asks for 1.1', () => {
    assert.deepEqual({ ...(read('%YAML 1.1\n---\na: yes\n').value as object) }, { a: 'yes' })
  })
  it('merges <<, behind the own keys', () => {
    const { value, findings } = read('x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\nz: { <<: [{ c: 1 }, *x] }\n')
    assert.deepEqual(findings, [])
    assert.equal(JSON.stringify(value), '{"x":{"a":1,"b":2},"y":{"b":3,"a":1},"z":{"c":1,"a":1,"b":2}}')
  })

  it('refuses what would need gigabytes', () => {
    for (const text of [`a: [${','.repeat(4_000_000)}`, '- a\n'.repeat(1_000_000), `a: [${'{},'.repeat(1_300_000)}]`])
      assert.match(messages(text).join(), /^\d+:\d+ is too much for a site file: over 1,000,000 words and signs/)
  })

  const wrong: [string, string, string[]][] = [
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['3:1 the key "a" stands here twice']],
    ['a key that is a list', '? [a]\n: 1\n', ['1:3 a key must be text']],
    ['an empty key', '~: 1\n', ['1:1 a key must be text']],
    ['__proto__', '__proto__: { polluted: true }\n', ['1:1 "__proto__" cannot be used as a name']],
    ['constructor', 'a: { constructor: 1 }\n', ['1:6 "constructor" cannot be used as a name']],
    ['an alias without its anchor', 'a: *x\n', ['1:4 no anchor &x stands above this alias']],
    ['an alias in itself', 'a: &x { b: *x }\n', ['1:12 the alias *x contains itself']],
    ['a merge of nothing', 'a: { <<: *b }\n', ['1:10 no anchor &b stands above this alias']],
    ['a merge of text', 'a: { <<: b }\n', ['1:10 << takes a map, or a list of maps']],
    ['tabs', 'a:\n\tb: 1\n', ['2:1 YAML is indented with spaces, not with tabs']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['2:1 a second document begins here (---); a site file is one document']],
    ['a tag', 'a: !!python/object:os.system x\n', ['1:4 unresolved tag: tag:yaml.org,2002:python/object:os.system']],
    ['depth', '['.repeat(5000), ['1:822 is nested too deeply']],
  ]
  for (const [title, text, wanted] of wrong) {
    it(`reports ${title}`, () => {
      const found = messages(text)
      if (title === 'depth') assert.match(found.join('\n'), /^1:\d+ is nested too deeply$/)
      else assert.deepEqual(found, wanted)
    })
  }
  it('touches no prototype', () => {
    read('__proto__: { polluted: true }\n')
    assert.equal(Reflect.get({}, 'polluted'), undefined)
  })
  it('reports all syntax errors, each place once', () => {
    assert.deepEqual(
      messages('a: @x\nb: `y\n').map((text) => text.split(' ')[0]),
      ['1:4', '2:4'],
    )
  })
  it('stops anchors that expand without end', () => {
    const names = 'abcdefghij'.split('')
    const text = names
      .map(
        (name, i) =>
          `${name}: &${name} [${Array(10)
            .fill(i === 0 ? 'x' : `*${names[i - 1]}`)
            .join(',')}]`,
      )
      .join('\n')
    assert.deepEqual(messages(text), ['6:17 aliases repeat more than 500000 values up to here'])
  })

  const text = [
    'guests:',
    '  router: { id: 200, nics: { lan: 10.0.0.1 } }',
    '  other:',
    '    tags: [a, b]',
    '    user: x',
  ].join('\n')
  const places: [string, Path, true | undefined, string][] = [
    ['a value', ['guests', 'router', 'nics', 'lan'], undefined, '2:35'],
    ['its key', ['guests', 'router', 'nics', 'lan'], true, '2:30'],
    ['the key of a map', ['guests', 'other'], undefined, '3:3'],
    ['an entry of a list', ['guests', 'other', 'tags', 1], undefined, '4:15'],
    ['what is around a missing value', ['guests', 'other', 'memory'], undefined, '3:3'],
    ['what is around a missing branch', ['mesh', 'hub'], undefined, '1:1'],
    ['text in the place of a list', ['guests', 'other', 'user', 0], undefined, '5:11'],
  ]
  for (const [title, path, atKey, wanted] of places)
    it(`finds ${title}`, () => assert.equal(placeOf(text, path, atKey), wanted))

  it('points at the anchor where a merged value is wrong', () => {
    assert.equal(placeOf('x: &x { a: 1 }\ny: { <<: *x }\n', ['y', 'a']), '1:12')
  })
})
