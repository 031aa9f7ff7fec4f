// Argument lists as one command line: every word arrives as it was.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { quote } from '../../src/host/quote.ts'

/** What a real sh makes of a command line: each word, ended by NUL. */
function inShell(line: string): string[] {
  const print = `for word in "$@"; do printf '%s\\0' "$word"; done`
  const said = execFileSync('sh', ['-c', `set -- ${line}; ${print}`], { encoding: 'utf8' })
  return said.split('\0').slice(0, -1)
}

describe('quote', () => {
  const rows: readonly (readonly string[])[] = [
    ['echo', ''],
    ['echo', "it's", "''", "'"],
    ['echo', '$(reboot)', '`reboot`', '$HOME', '!!', '\\', '\\n'],
    ['echo', 'a\nb', ';', '#', '&&', '|', '>', '*', '~', '-x', '--', 'a=b', 'ü 漢'],
    ['if', 'then'],
  ]
  for (const argv of rows)
    it(`gives back ${JSON.stringify(argv)}`, () => {
      assert.deepEqual(inShell(quote(argv)), argv)
    })

  it('gives back any words without NUL, all of them', () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
    const argvs = fc.array(fc.array(word, { minLength: 1, maxLength: 8 }), { minLength: 20, maxLength: 60 })
    fc.assert(
      fc.property(argvs, (list) => {
        // Many at once, as a shell takes its time to start.
        const joined = list.flatMap((argv) => [...argv, 'END'])
        assert.deepEqual(inShell(quote(joined)), joined)
      }),
      { numRuns: 15 },
    )
  })

  it('gives back every byte but NUL', () => {
    const bytes = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1))
    assert.deepEqual(inShell(quote(['echo', bytes.join(''), ...bytes])), ['echo', bytes.join(''), ...bytes])
  })

  it('nothing that fish or csh would read stands within quotes', () => {
    assert.equal(quote(["it's", 'a\\b', 'hi!there']), `'it'\\''s' 'a'\\\\'b' 'hi'\\!'there'`)
  })

  it('refuses a NUL byte and an empty list', () => {
    assert.throws(() => quote(['echo', 'a\0b']), /NUL/)
    assert.throws(() => quote([]), /no program/)
  })
})
