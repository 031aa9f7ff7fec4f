import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { getLimit } from '../../src/pve/limit.ts'

describe('limit', () => {
  it('runs in order, at most so many at once, failures included', async () => {
    const limit = getLimit(2, new AbortController().signal)
    const order: number[] = []
    let now = 0
    let most = 0
    const work = [0, 1, 2, 3, 4, 5].map(
      async (id) =>
        await limit(async () => {
          order.push(id)
          now += 1
          most = Math.max(most, now)
          await turn()
          now -= 1
          if (id % 2 === 0) throw new Error('even')
        }).catch(() => undefined),
    )
    await Promise.all(work)
    assert.deepEqual([order, most], [[0, 1, 2, 3, 4, 5], 2])
  })

  it('lets go of who waits when it is stopped, and starts nothing after that', async () => {
    const abort = new AbortController()
    const limit = getLimit(1, abort.signal)
    let end = (_: string) => {}
    const first = limit(
      async () =>
        await new Promise<string>((resolve) => {
          end = resolve
        }),
    )
    const second = limit(async () => assert.fail('it ran'))
    abort.abort()
    await assert.rejects(second, { name: 'AbortError' })
    await assert.rejects(
      limit(async () => assert.fail('it ran')),
      { name: 'AbortError' },
    )
    end('done')
    assert.equal(await first, 'done')
  })
})
