// The line of /etc/kernel/cmdline: no word of others is lost, whatever stands there, and undo takes away exactly what was added.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getLineProblems, setWords } from '../../../src/parts/gpu/cmdline.ts'
import { OWN_TOKENS, toWords } from '../../../src/parts/gpu/tokens.ts'

const LINE = 'root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet\n'
const WANTED = ['intel_iommu=on', 'initcall_blacklist=sysfb_init']

/** Words of others, also such as look like ours, are quoted, or are there twice. */
const other = fc.oneof(
  fc.constantFrom(
    'quiet',
    'iommu=pt',
    'intel_iommu=on',
    'intel_iommu=on,sm_on',
    'xintel_iommu=on',
    'a="iommu=pt b"',
    '$(reboot)',
    '`x`',
    '\\',
  ),
  fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replace(/[\s"\p{Cc}\u2028\u2029]/gu, '_')),
)
const blank = fc.constantFrom(' ', '  ', '\t')
/** A line as somebody may have left it. */
const line = fc
  .tuple(
    fc.array(fc.tuple(other, blank), { maxLength: 6 }),
    fc.array(fc.tuple(blank, other), { maxLength: 6 }),
    fc.constantFrom('', '\n', ' \n', '\n\n'),
  )
  .map(
    ([before, after, end]) =>
      `${before.map((one) => one.join('')).join('')}root=ZFS=rpool/ROOT/pve-1${after.map((one) => one.join('')).join('')}${end}`,
  )
const wanted = fc.subarray([...OWN_TOKENS])

const count = (words: readonly string[], word: string) => words.filter((one) => one === word).length

describe('parts/gpu/cmdline', () => {
  it('appends what is missing and keeps the rest byte for byte', () => {
    assert.deepEqual(setWords(LINE, [], WANTED), { text: `${LINE.trim()} ${WANTED.join(' ')}\n`, added: WANTED })
    assert.deepEqual(setWords('root=x iommu=pt', [], ['iommu=pt']), { text: 'root=x iommu=pt', added: [] })
  })

  it('is one line with root= again, with every word of others, as often as before', () => {
    fc.assert(
      fc.property(line, wanted, (text, words) => {
        const done = setWords(text, [], words)
        const [had, has] = [toWords(text), toWords(done.text)]
        for (const word of new Set([...had, ...has])) {
          const ours = done.added.includes(word) ? 1 : 0
          assert.equal(count(has, word), count(had, word) + ours, word)
        }
        for (const word of words) assert.ok(has.includes(word), word)
        assert.deepEqual(getLineProblems('f', done.text), [])
      }),
    )
  })

  it('does nothing the second time', () => {
    fc.assert(
      fc.property(line, wanted, (text, words) => {
        const once = setWords(text, [], words)
        assert.deepEqual(setWords(once.text, once.added, words), once)
      }),
    )
  })

  it('goes from one wish to another as if the first had never been, and back to the very same text', () => {
    fc.assert(
      fc.property(line, wanted, wanted, (text, first, second) => {
        const one = setWords(text, [], first)
        assert.deepEqual(setWords(one.text, one.added, []), { text, added: [] })
        const two = setWords(one.text, one.added, second)
        assert.deepEqual(new Set(two.added), new Set(setWords(text, [], second).added))
        assert.deepEqual(setWords(two.text, two.added, []), { text, added: [] })
      }),
    )
  })

  it('takes exactly its own words away also where somebody edited the line meanwhile', () => {
    fc.assert(
      fc.property(line, wanted, line, fc.nat(), (text, words, edited, seed) => {
        const { added } = setWords(text, [], words)
        // Their words, with ours somewhere among them; some of ours they may have taken out.
        const mine = added.filter((_, at) => (seed >> at) % 2 === 0)
        const theirs = toWords(edited).filter((word) => !OWN_TOKENS.includes(word))
        const at = seed % (theirs.length + 1)
        const now = [...theirs.slice(0, at), ...mine, ...theirs.slice(at)].join(' ')
        assert.deepEqual(toWords(setWords(now, added, []).text), theirs)
      }),
    )
  })

  for (const [text, why] of [
    ['', /is empty/],
    [' \n', /is empty/],
    ['root=x quiet\nintel_iommu=on\n', /2 lines/],
    ['\nroot=x\n', /2 lines/],
    ['root=x\ra\n', /2 lines/],
    ['quiet splash\n', /no root=/],
    ['xroot=x root=\n', /no root=/],
    ['"root=x"\n', /no root=/],
    ['root=x a="b\n', /quotation mark/],
  ] as const)
    it(`is left alone: ${JSON.stringify(text)}`, () => {
      assert.match(getLineProblems('/etc/kernel/cmdline', text).join(), why)
    })

  it('is a line with blanks around, and with several roots', () => {
    for (const text of [LINE, 'root=x', ' root=x  \n\n', 'root=x root=y\n'])
      assert.deepEqual(getLineProblems('f', text), [])
  })
})
