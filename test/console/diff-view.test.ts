// A text's change as lines: signs, colours, widths.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { renderDiff } from '../../src/console/diff-view.ts'
import { clean, getWidth } from '../../src/console/text.ts'
import { plain } from './plain.ts'

describe('console/diff-view', () => {
  it('colours what goes, what comes and what stays', () => {
    const lines = renderDiff(['@@ -1,2 +1,2 @@', ' a', '-b', '+c'], '  ', { ...plain, colour: true })
    assert.deepEqual(lines, [
      '  \u001b[36m@@ -1,2 +1,2 @@\u001b[39m',
      '  \u001b[2m a\u001b[22m',
      '  \u001b[31m-b\u001b[39m',
      '  \u001b[32m+c\u001b[39m',
    ])
  })

  it('an empty line keeps its sign', () => assert.deepEqual(renderDiff(['+', ' '], '  ', plain), ['  +', '']))

  it('nothing of a line is lost, and none is too wide or obeyed by a terminal', () => {
    const text = fc.string({ maxLength: 200, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.constantFrom('+', '-', ' '), text, (sign, rest) => {
        const lines = renderDiff([sign + rest], '    ', plain)
        for (const line of lines) {
          assert.ok(getWidth(line) <= 80, line)
          assert.equal(clean(line), line)
        }
        const bare = (shown: string) => shown.replaceAll(/\s/g, '')
        assert.equal(bare(lines.join('')), bare(sign + clean(rest.replaceAll('\t', '    '))))
      }),
    )
  })
})
