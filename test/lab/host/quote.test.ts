// Command lines as a lab's host takes them apart.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { quote } from '../../../src/host/quote.ts'
import { unquote } from '../../../src/lab/host/quote.ts'

describe('lab/host/quote', () => {
  it('undoes what orion quotes, whatever the words are', () => {
    const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
    fc.assert(fc.property(fc.array(word, { minLength: 1 }), (argv) => assert.deepEqual(unquote(quote(argv)), argv)))
  })

  const rows: [line: string, argv: string[] | undefined][] = [
    ['ip -j link', ['ip', '-j', 'link']],
    [`echo 'a b' "c d" e\\ f`, ['echo', 'a b', 'c d', 'e f']],
    [`''`, ['']],
    ['', []],
    ['a | b', undefined],
    ['a; b', undefined],
    ['echo $HOME', undefined],
    ['echo "$HOME"', undefined],
    ["echo 'open", undefined],
  ]
  for (const [line, argv] of rows) it(`reads ${line || 'nothing'}`, () => assert.deepEqual(unquote(line), argv))
})
