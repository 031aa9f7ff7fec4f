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
    ['waits for its turn', { field: 'p', want: 'up', waits: 'turn' }, true, '      p  up (in the next run)'],
    [
      'waits for another host',
      { field: 'p', want: 'up', waits: 'other' },
      true,
      '      p  up (its other end is left out)',
    ],
    ['waits for a person', { field: 'args', want: '-x', waits: 'operator' }, true, '      args  -x (yours to do)'],
  ]
  rows.push([
    'over the root channel',
    { field: 'affinity', want: '4-7', channel: 'root' },
    true,
    '      affinity  4-7 (root over ssh)',
  ])
  for (const [name, difference, fresh, want] of rows) {
    it(name, () => assert.deepEqual(renderDifferences([difference], plain, fresh), [want]))
  }

  it('what a person must do is said once, below all that waits for it', () => {
    const hint = 'district has it: orion gpu move rtx-3090 brain'
    const waiting = (field: string, want: string): Difference => ({ field, want, waits: 'operator', hint })
    assert.deepEqual(renderDifferences([waiting('hostpci0', 'x'), waiting('status', 'running')], plain, false), [
      '      hostpci0  none → x (yours to do)',
      '      status    none → running (yours to do)',
      '      district has it: orion gpu move rtx-3090 brain',
    ])
  })

  it('a text that changes is shown line by line below', () => {
    const difference: Difference = {
      field: '/etc/network/interfaces',
      have: '12 lines (a1b2c3)',
      want: '13 lines (d4e5f6)',
      lines: [
        ' iface vmbr0 inet static',
        '-\taddress 192.168.1.10/24',
        `+\tbridge-ports ${'eno1 '.repeat(16)}`,
        '… 3 more',
      ],
    }
    assert.deepEqual(renderDifferences([difference], plain, false), [
      '      /etc/network/interfaces  12 lines (a1b2c3) → 13 lines (d4e5f6)',
      '         iface vmbr0 inet static',
      '        -    address 192.168.1.10/24',
      '        +    bridge-ports eno1 eno1 eno1 eno1 eno1 eno1 eno1 eno1 eno1 eno1 eno1',
      '             eno1 eno1 eno1 eno1 eno1',
      '        … 3 more',
    ])
  })

  it('a long text is cut after forty lines, and whole where every line is wanted', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `+${at}`)
    const show = (verbose?: boolean) => {
      const look = verbose === undefined ? plain : { ...plain, verbose }
      return renderDifferences([{ field: '/etc/x', have: 'absent', want: '100 lines', lines }], look, true)
    }
    assert.deepEqual([show(true).length, show(true).at(-1)], [101, '        +99'])
    assert.deepEqual([show(false).length, show(false).at(-1)], [41, '        … 61 more (--verbose shows every line)'])
    assert.equal(show().at(-1), '        … 61 more') // On a page without the flag.
  })

  it('the path of a file is never cut', () => {
    const field = '/etc/apt/sources.list.d/a-rather-long-name-of-a.sources'
    const difference: Difference = { field, have: 'absent', want: '5 lines (a1b2c3)', lines: ['+x'] }
    assert.deepEqual(renderDifferences([difference, { field: 'mode', want: '1' }], plain, false), [
      `      ${field}`,
      '        absent → 5 lines (a1b2c3)',
      '        +x',
      '      mode  none → 1',
    ])
  })

  it('neither is that of a file whose lines are not told', () => {
    const field = '/etc/orion/mesh/identities/van-1.pub'
    const difference: Difference = { field, have: 'absent', want: 'the identity of van-1' }
    assert.deepEqual(renderDifferences([difference, { field: 'mode', want: '1' }], plain, false), [
      `      ${field}  absent → the identity of van-1`,
      '      mode  none → 1',
    ])
    assert.deepEqual(renderDifferences([{ field, have: 'absent', want: 'there' }], plain, true), [
      `      ${field}  absent → there`,
    ])
  })

  it('what has no room beside the value has its mark below', () => {
    const difference: Difference = { field: 'args', want: 'x'.repeat(66), waits: 'operator' }
    assert.deepEqual(renderDifferences([difference], plain, true), [
      `      args  ${'x'.repeat(66)}`,
      '            (yours to do)',
    ])
  })

  it('a field with a very long name does not push the values out', () => {
    const [line = ''] = renderDifferences([{ field: 'f'.repeat(200), want: '1' }], plain, true)
    assert.ok(line.length <= 80 && line.endsWith('…  1'), line)
  })
})
