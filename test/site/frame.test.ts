import assert from 'node:assert/strict'
import fc from 'fast-check'
import { codeFrame, positionOf } from '../../src/site/frame.ts'
import type { Range } from '../../src/site/range.ts'

const source = (text: string, secrets: Range[] = []) => ({
  text,
  secrets,
  lineStarts: [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)],
})
const frameOf = (text: string, part: string, hidden?: string) => {
  const at = text.indexOf(part)
  const secret = hidden === undefined ? -1 : text.indexOf(hidden)
  return codeFrame(source(text, hidden === undefined ? [] : [[secret, secret + hidden.length]]), [at, at + part.length])
}

describe('frame', () => {
  it('shows the line, the one before, and carets', () => {
    assert.equal(frameOf('a: 1\r\n  b: two\r\n', 'two'), '  1 | a: 1\n> 2 |   b: two\n    |      ^^^')
  })
  it('shows the first line alone', () => assert.equal(frameOf('abc', 'b'), '> 1 | abc\n    |  ^'))
  it('aligns line numbers', () => {
    assert.equal(frameOf(`${'\n'.repeat(8)}a\nbad`, 'bad'), '   9 | a\n> 10 | bad\n     | ^^^')
  })
  it('clips long lines around the caret', () => {
    const frame = frameOf(`a: ${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`, 'HERE')
    assert.match(frame, /^> 1 \| …x+HEREy+…\n {4}\| +\^\^\^\^$/)
    assert.ok(frame.length < 400)
    const [line = '', carets = ''] = frame.split('\n')
    assert.equal(line.indexOf('HERE'), carets.indexOf('^'))
  })
  it('never shows a control character', () => assert.ok(!frameOf('a: "\u001b[2J"\tx', 'x').includes('\u001b')))

  const rows: [string, string, string | undefined, string][] = [
    ['a secret on the line', '{ password: hunter2, asn: 0 }', 'hunter2', '> 1 | { password: ***, asn: 0 }'],
    ['a private key', 'key: -----BEGIN PRIVATE KEY-----hunter2', undefined, '> 1 | ***'],
    ['a web address', 'url: https://me:hunter2@host/x', undefined, '> 1 | url: https://***@host/x'],
  ]
  for (const [title, text, hidden, wanted] of rows) {
    it(`hides ${title}`, () => assert.equal(frameOf(text, text.slice(-1), hidden).split('\n')[0], wanted))
  }
  it('hides a secret on the line before, and keeps the caret behind one', () => {
    assert.equal(frameOf('p: hunter2\nb: bad', 'bad', 'hunter2'), '  1 | p: ***\n> 2 | b: bad\n    |    ^^^')
    assert.equal(
      frameOf('{ p: hunter2, b: bad }', 'bad', 'hunter2'),
      '> 1 | { p: ***, b: bad }\n    |              ^^^',
    )
  })

  it('gives a position for every offset, and a frame for every range', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\n', ':', ' ', '\t', '"') }),
        fc.nat(40),
        fc.nat(40),
        (text, a, b) => {
          const range: Range = [Math.min(a, text.length), Math.min(a + b, text.length)]
          const { line, column } = positionOf(source(text), range[0])
          const before = text.slice(0, range[0]).split('\n')
          assert.deepEqual([line, column], [before.length, (before.at(-1) ?? '').length + 1])
          const carets = codeFrame(source(text), range).split('\n').at(-1) ?? ''
          assert.match(carets, /^ +\| *\^+$/)
        },
      ),
    )
  })
})
