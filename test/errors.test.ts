// Which lines of what a program said a person sees.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pickTelling } from '../src/errors.ts'

const rows: readonly { name: string; said: readonly string[]; picked: readonly string[] }[] = [
  { name: 'nothing', said: ['', '  '], picked: [] },
  { name: 'a few lines as they are', said: ['one', '', 'two'], picked: ['one', 'two'] },
  { name: 'the last of many', said: ['1', '2', '3', '4', '5', '6'], picked: ['2', '3', '4', '5', '6'] },
  {
    name: 'an early reason, and what stands at the end',
    said: ['cannot open /dev/x', '1', '2', '3', '4', '5', '6'],
    picked: ['cannot open /dev/x', '3', '4', '5', '6'],
  },
  {
    name: 'no progress, and nothing twice',
    said: ['Get:1 http', 'Unpacking a', 'transferred 10.0%', 'E: dpkg was interrupted', 'transferred 20 %', 'x', 'x'],
    picked: ['E: dpkg was interrupted', 'x'],
  },
  { name: 'progress where there is nothing else', said: ['10%', '20%'], picked: ['20%'] },
  {
    name: 'the newest of many reasons',
    said: ['error 1', 'error 2', 'error 3', 'error 4', 'error 5', 'error 6', 'done'],
    picked: ['error 3', 'error 4', 'error 5', 'error 6', 'done'],
  },
]

describe('errors: the lines that matter', () => {
  for (const { name, said, picked } of rows) it(name, () => assert.deepEqual(pickTelling(said), picked))

  it('five at most, in their order, of those that were said', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (said) => {
        const picked = pickTelling(said)
        let at = -1
        for (const line of picked) {
          at = said.indexOf(line, at + 1)
          assert.ok(at >= 0 || said.includes(line))
        }
        assert.ok(picked.length <= 5)
      }),
    )
  })
})
