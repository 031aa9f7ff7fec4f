// The order of work, its errors, and that it holds for any graph.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getOrder, type Ordered } from '../../src/engine/order.ts'
import type { ResourceId } from '../../src/resource.ts'

const item = (id: ResourceId, ...needs: ResourceId[]): Ordered => ({ id, needs })

describe('engine/order', () => {
  const rows: [string, Ordered[], string][] = [
    ['nothing', [], ''],
    ['in order already', [item('a:1'), item('a:2', 'a:1'), item('a:3')], 'a:1 a:2 a:3'],
    ['the wrong way round', [item('a:3', 'a:2'), item('a:2', 'a:1'), item('a:1')], 'a:1 a:2 a:3'],
    ['a diamond', [item('a:4', 'a:2', 'a:3'), item('a:3', 'a:1'), item('a:2', 'a:1'), item('a:1')], 'a:1 a:2 a:3 a:4'],
    ['a need named twice', [item('a:2', 'a:1', 'a:1'), item('a:1')], 'a:1 a:2'],
  ]
  for (const [name, items, want] of rows) {
    it(name, () =>
      assert.equal(
        getOrder(items)
          .map(({ id }) => id)
          .join(' '),
        want,
      ),
    )
  }

  const errors: [string, Ordered[], RegExp][] = [
    ['an id twice', [item('a:1'), item('a:1')], /^a:1 is declared twice$/],
    ['an unknown need', [item('a:1', 'b:9')], /^a:1 needs b:9, which nothing declares$/],
    ['a circle', [item('a:0'), item('a:1', 'a:2'), item('a:2', 'a:3'), item('a:3', 'a:2')], /a:2 → a:3 → a:2$/],
    ['needs itself', [item('a:1', 'a:1')], /a:1 → a:1$/],
  ]
  for (const [name, items, message] of errors) {
    it(`refuses ${name}`, () => assert.throws(() => getOrder(items), { code: 'E_PLAN', message }))
  }

  it('takes an unknown need as met where only some were asked for', () => {
    assert.deepEqual(getOrder([item('a:1', 'b:9')], { partial: true }), [item('a:1', 'b:9')])
  })

  it('is not bothered by a chain of 50,000', () => {
    const chain = Array.from({ length: 50_000 }, (_, at) =>
      item(`a:${at}`, ...(at < 49_999 ? [`a:${at + 1}` as const] : [])),
    )
    assert.equal(getOrder(chain)[0]?.id, 'a:49999')
  })

  it('puts every need first, and is the same every time', () => {
    const graph = fc
      .array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 })
      .map((rows) =>
        rows.map((needs, at) =>
          item(`a:${at}`, ...needs.filter((need) => need < at).map((need): ResourceId => `a:${need}`)),
        ),
      )
    const shuffled = graph.chain((items) => fc.shuffledSubarray(items, { minLength: items.length }))
    fc.assert(
      fc.property(shuffled, (items) => {
        const order = getOrder(items)
        const at = new Map(order.map(({ id }, place) => [id, place]))
        assert.equal(order.length, items.length)
        for (const { id, needs } of order) for (const need of needs) assert.ok((at.get(need) ?? 0) < (at.get(id) ?? 0))
        assert.deepEqual(getOrder(items), order)
      }),
    )
  })
})
