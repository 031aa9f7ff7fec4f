// Widths, wrapping, harmless text, times.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  clean,
  cut,
  getAbout,
  getClock,
  getLabel,
  getTime,
  getWidth,
  indent,
  pad,
  wrap,
} from '../../src/console/text.ts'

describe('console/text', () => {
  for (const [text, width] of [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['\u001b[31mred\u001b[39m', 3],
    ['✔', 1],
  ] as const) {
    it(`${JSON.stringify(text)} is ${width} wide`, () => assert.equal(getWidth(text), width))
  }

  for (const [text, want] of [
    ['one\ntwo', 'one\\ntwo'],
    ['\u001b[2Jgone', 'gone'],
    ['bell\u0007', 'bell?'],
    ['a\u202eb', 'a?b'],
    ['a\tb\r', 'a b'],
  ] as const) {
    it(`shows ${JSON.stringify(text)} as ${want}`, () => assert.equal(clean(text), want))
  }

  it('never lets a terminal obey a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Control}/u.test(clean(text))),
      { numRuns: 40 },
    )
  })

  it('cuts to the width, and only where it must', () => {
    assert.equal(cut('abcdef', 6), 'abcdef')
    assert.equal(cut('abcdefg', 6), 'abcde…')
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 40 }),
        (text, width) => getWidth(cut(clean(text), width)) <= width,
      ),
    )
  })

  it('leaves commands in one piece, also one that is too wide', () => {
    const lines = wrap('try it with orion bgp apply --site a.yaml, then look', 30)
    assert.deepEqual(lines, ['try it with', 'orion bgp apply --site a.yaml,', 'then look'])
    const wide = '../bin/run.js vm start router --lab-dir /somewhere/else'
    assert.deepEqual(wrap(`so: ${wide}`, 20), ['so:', wide])
    assert.deepEqual(wrap('orion is gone by now', 12), ['orion is', 'gone by now'])
  })

  it('wraps at blanks, after commas, and loses nothing', () => {
    assert.deepEqual(wrap('one two three', 8), ['one two', 'three'])
    assert.deepEqual(wrap('bridge=vmbr0,tag=20', 14), ['bridge=vmbr0,', 'tag=20'])
    assert.deepEqual(wrap('abcdefghijkl', 8), ['abcdefgh', 'ijkl'])
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 8, max: 40 }), (any, width) => {
        const text = clean(any)
        const lines = wrap(text, width)
        assert.ok(lines.every((line) => getWidth(line) <= width))
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
      }),
    )
  })

  it('indents paragraphs under their prefix', () => {
    assert.deepEqual(indent('one two\nthree', 'Try: ', 13), ['Try: one two', '     three'])
    assert.equal(pad('日', 4), '日  ')
  })

  for (const [id, title, want] of [
    ['vm:r730/200', 'router', 'vm router (r730/200)'],
    ['vm:r730/200', 'vm router', 'vm router (r730/200)'],
    ['role:Orion', 'Orion', 'role Orion'],
    ['odd', 'thing', 'thing (odd)'],
  ] as const) {
    it(`${id} is ${want}`, () => assert.equal(getLabel({ id, title }), want))
  }

  for (const [ms, time, clock] of [
    [0, '0.0 s', '0:00'],
    [9949, '9.9 s', '0:09'],
    [9950, '10 s', '0:09'],
    [59_400, '59 s', '0:59'],
    [59_500, '1 min 0 s', '0:59'],
    [185_000, '3 min 5 s', '3:05'],
    [3_725_000, '1 h 2 min', '1:02:05'],
  ] as const) {
    it(`${ms} ms is ${time}, ${clock}`, () => assert.deepEqual([getTime(ms), getClock(ms)], [time, clock]))
  }

  for (const [ms, about] of [
    [3_000, '3 s'],
    [9_600, '10 s'],
    [41_000, '40 s'],
    [58_000, '1 min'],
    [125_000, '2 min'],
    [3_600_000, '1 h'],
  ] as const)
    it(`about ${ms} ms is ${about}`, () => assert.equal(getAbout(ms), about))
})
