// The table of snapshots: newest first as given, hostile descriptions kept to their cell.
import assert from 'node:assert/strict'
import { renderSnapshots } from '../../src/console/snapshot-table.ts'

const LOOK = { width: 80, colour: false }

describe('console/snapshot-table', () => {
  it('says whose they are and what they are about', () => {
    const page = renderSnapshots(
      'web',
      [
        {
          name: 'orion-20260314-022653',
          taken: '2026-03-14T02:26:53.000Z',
          own: true,
          description: 'orion: test\nbefore a change, run 2026-03-14T02:26:53Z',
        },
        { name: 'mine', own: false, description: 'by\u001b[31m hand\nmore' },
      ],
      LOOK,
    )
    const [head = '', own = '', other = '', ...rest] = page.split('\n')
    assert.match(head, /^SNAPSHOT +TAKEN \(UTC\) +BY +ABOUT$/)
    assert.match(own, /^orion-20260314-022653 +2026-03-14 02:26 +orion +before a change$/)
    assert.match(other, /^mine +- +others +by/)
    assert.ok(!page.includes('\u001b'))
    assert.deepEqual(rest, [])
  })

  it('says so where there are none', () => assert.equal(renderSnapshots('web', [], LOOK), 'web has no snapshots.'))
})
