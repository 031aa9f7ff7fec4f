// Single differences as lines; whole plans are in plan-view.test.ts.
import assert from 'node:assert/strict'
import { renderDifferences } from '../../src/console/difference-view.ts'
import type { Difference } from '../../src/resource.ts'
import { plain } from './plain.ts'

describe('console/difference-view', () => {
  const rows: [string, Difference, boolean, string][] = [
    ['of a new thing', { field: 'cores', want: '2' }, true, '      cores  2'],
    ['set where nothing was', { field: 'cores', want: '2' }, false, '      cores  none → 2'],
    ['changed', { field: 'cores', have: '1', want: '2' }, false, '      cores  1 → 2'],
    ['taken away', { field: 'cores', have: '1' }, false, '      cores  1 → none'],
    ['empty', { field: 'tags', have: 'a', want: '' }, false, '      tags  a → ""'],
    [
      'waits for a restart',
      { field: 'cores', have: '1', want: '2', waits: 'restart' },
      false,
      '      cores  1 → 2 (restart)',
    ],
    ['waits for root', { field: 'args', want: '-x', waits: 'root' }, true, '      args  -x (root channel)'],
  ]
  for (const [name, difference, fresh, want] of rows) {
    it(name, () => assert.deepEqual(renderDifferences([difference], plain, fresh), [want]))
  }

  it('what has no room beside the value has its mark below', () => {
    const difference: Difference = { field: 'args', want: 'x'.repeat(66), waits: 'root' }
    assert.deepEqual(renderDifferences([difference], plain, true), [
      `      args  ${'x'.repeat(66)}`,
      '            (root channel)',
    ])
  })

  it('a field with a very long name does not push the values out', () => {
    const [line = ''] = renderDifferences([{ field: 'f'.repeat(200), want: '1' }], plain, true)
    assert.ok(line.length <= 80 && line.endsWith('…  1'), line)
  })
})
