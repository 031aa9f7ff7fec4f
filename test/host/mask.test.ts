// Secrets in what a host says.
import assert from 'node:assert/strict'
import { getSecrets, getTail, mask } from '../../src/host/mask.ts'

describe('mask', () => {
  const rows: readonly [text: string, secrets: readonly string[], want: string][] = [
    ['token abc is bad', ['abc'], 'token *** is bad'],
    ['abcdef and abc', ['abc', 'abcdef'], '*** and ***'],
    ['a\u001b[31mred\u0007\nnext', [], 'a [31mred \nnext'],
  ]
  for (const [text, secrets, want] of rows)
    it(JSON.stringify(text), () => {
      assert.equal(mask(text, secrets), want)
    })

  it('takes lines of what a program reads for secret, but no short ones', () => {
    assert.deepEqual(getSecrets({ input: 'long-enough\ny\n' }), ['long-enough'])
    assert.deepEqual(getSecrets({ secrets: ['s3', 'a\nb'] }), ['s3', 'a\nb', 'a', 'b'])
  })

  it('keeps the last five lines that say something', () => {
    assert.deepEqual(getTail('1\n2\n\n3\n4\n5\n6 x\n', ['x']), ['2', '3', '4', '5', '6 ***'])
  })
})
