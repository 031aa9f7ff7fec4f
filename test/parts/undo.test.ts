// What going back shows: as a plan does, and nothing of a file that others may not read.
import assert from 'node:assert/strict'
import { lookBack } from '../../src/parts/undo.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import { file } from '../resources/fake-host.ts'

const PATH = '/etc/bird/orion-secrets.conf'
const now = (text: string, mode: number) => ({ ...NOTHING, files: new Map([[PATH, file(text, mode)]]) })

describe('parts/undo', () => {
  it('shows line by line what comes back, and nothing that is the same', () => {
    const [one, ...more] = lookBack([{ path: PATH, text: 'old\n' }], now('new\n', 0o644))
    assert.deepEqual([one?.field, one?.lines, more], [PATH, ['-new', '+old'], []])
    assert.deepEqual(lookBack([{ path: PATH, text: 'same\n' }], now('same\n', 0o644)), [])
  })

  const secret: readonly [title: string, mode: number | undefined, is: number, text: string | undefined][] = [
    ['was one', 0o640, 0o644, 'define P = "hunter2";\n'],
    ['is one now', undefined, 0o640, 'define P = "hunter2";\n'],
    ['is one that shall be gone', undefined, 0o640, undefined],
  ]
  for (const [title, mode, is, text] of secret)
    it(`shows neither line nor digest of a file that ${title}`, () => {
      const before = { path: PATH, text, ...(mode === undefined ? {} : { mode }) }
      const shown = lookBack([before], now('define P = "hunter3";\n', is))
      assert.ok(shown.length > 0)
      assert.doesNotMatch(JSON.stringify(shown), /hunter|lines?"|\([0-9a-f]{6}\)/)
    })
})
