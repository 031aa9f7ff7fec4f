import assert from 'node:assert/strict'
import type { SiteInput } from '../../../src/site/schema/schema.ts'
import { expandGuests, pathOf } from '../../../src/site/shape/expansion.ts'

const input = (guests: SiteInput['guests'], rest: Partial<SiteInput> = {}): SiteInput => ({
  site: 's',
  nodes: {},
  ...rest,
  ...(guests ? { guests } : {}),
})
const range = (first: number, last: number) => ({ id: { first, last, range: true } })
const one = (id: number) => ({ id: { first: id, last: id, range: false } })

describe('shape/expansion', () => {
  it('numbers the guests of a range from 1, even where it is one', () => {
    const { drafts, names } = expandGuests(input({ w: range(601, 603), x: range(700, 700), y: one(800) }))
    assert.deepEqual(
      drafts.map(({ name, group, vmid, index, count }) => [name, group, vmid, index, count]),
      [
        ['w-1', 'w', 601, 0, 3],
        ['w-2', 'w', 602, 1, 3],
        ['w-3', 'w', 603, 2, 3],
        ['x-1', 'x', 700, 0, 1],
        ['y', 'y', 800, 0, 1],
      ],
    )
    assert.deepEqual(
      [names.get('w'), names.get('w-2'), names.get('y'), names.get('z')],
      [['w-1', 'w-2', 'w-3'], ['w-2'], ['y'], undefined],
    )
  })
  it('knows where a setting stands', () => {
    const { drafts } = expandGuests(
      input({ a: { ...one(100), cores: 2 } }, { defaults: { guest: { cores: 1, memory: 512 } } }),
    )
    const draft = drafts[0] ?? assert.fail()
    assert.deepEqual([draft.settings.cores, draft.settings.memory], [2, 512])
    assert.deepEqual(pathOf(draft, 'cores'), ['guests', 'a', 'cores'])
    assert.deepEqual(pathOf(draft, 'memory'), ['defaults', 'guest', 'memory'])
    assert.deepEqual(pathOf(draft, 'disk'), ['guests', 'a', 'disk'])
  })
  it('stops before a site that nobody can hold', () => {
    const groups = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`g${i}`, range(10_000 * (i + 1), 10_000 * (i + 2) - 1)]),
    )
    const { drafts, findings } = expandGuests(input({ ...groups, big: range(100, 10_100) }))
    assert.equal(drafts.length, 50_000)
    assert.deepEqual(
      findings.map(({ path, message }) => [path[1], message]),
      [
        ['g5', 'more than 50000 guests in one site'],
        ['g6', 'more than 50000 guests in one site'],
        ['g7', 'more than 50000 guests in one site'],
        ['big', '10001 guests in one range: 10000 at most'],
      ],
    )
  })
})
