// What a plan interrupts, in sentences; beside steps it is in plan-view.test.ts.
import assert from 'node:assert/strict'
import { renderDisruption, renderDisruptions } from '../../src/console/disruption-view.ts'
import type { PlanStep } from '../../src/engine/plan.ts'
import { plain } from './plain.ts'

const step = (node: string, disrupts: string | undefined, verb: PlanStep['verb'] = 'update'): PlanStep => ({
  id: `file-set:${node}/interfaces`,
  title: 'interfaces',
  verb,
  differences: [{ field: 'f', want: 'x', ...(disrupts === undefined ? {} : { disrupts }) }],
  waits: [],
  needs: [],
})

describe('console/disruption-view', () => {
  const rows: [string, PlanStep[], string[]][] = [
    ['nothing', [step('a', undefined)], []],
    ['what is not done', [step('a', 'bridge vmbr1', 'keep'), step('a', 'bridge vmbr1', 'problem')], []],
    ['one bridge', [step('a', 'bridge vmbr1')], ['This interrupts bridge vmbr1 on a for a moment.']],
    [
      'many bridges',
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((node) => step(node, 'bridge br1')),
      [
        'This interrupts bridge br1 on a, bridge br1 on b, bridge br1 on c, bridge br1 on',
        'd, bridge br1 on e and 2 more for a moment.',
      ],
    ],
    [
      'what goes',
      [step('a', 'bridge br0, bridge br1 for good (1 guest)')],
      ['This interrupts bridge br0 on a for a moment.', 'This interrupts bridge br1 for good (1 guest) on a.'],
    ],
    [
      'several at once',
      [step('a', 'bridge br0 (2 guests, 1 of them off), bond bond0, your own path to a')],
      [
        'This interrupts bridge br0 (2 guests, 1 of them off) on a and bond bond0 on a',
        'for a moment.',
        'This interrupts your own path to a; it comes back by itself at the latest after',
        '60 s.',
      ],
    ],
    [
      'two paths of ours',
      [step('a', 'your own path to a'), step('b', 'your own path to b')],
      [
        'This interrupts your own path to a and your own path to b; it comes back by',
        'itself at the latest after 60 s.',
      ],
    ],
  ]
  for (const [name, steps, want] of rows) {
    it(name, () => assert.deepEqual(renderDisruptions(steps, 60, plain), want))
  }

  it('stands out in colour, our own path most', () => {
    const look = { ...plain, colour: true }
    assert.match(renderDisruption(step('a', 'bridge b'), look).join(), /^.\[33m {6}interrupts bridge b/)
    assert.match(renderDisruption(step('a', 'your own path to a'), look).join(), /^.\[1m/)
  })
})
