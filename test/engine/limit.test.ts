// Limits: counted, never timed.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getPlace, makeLimit } from '../../src/engine/limit.ts'
import { makeGate, settle } from './fakes.ts'

const never = new AbortController().signal

describe('engine/limit', () => {
  for (const [id, place] of [
    ['vm:r730/200', 'r730'],
    ['acl:main//vms/200', 'main'],
    ['role:Orion', undefined],
    ['image:a b/c/d', 'a b'],
  ] as const) {
    it(`the place of ${id}`, () => assert.equal(getPlace(id), place))
  }

  it('never runs more than it may, in all and per place, and runs all', async () => {
    const options = { concurrency: fc.integer({ min: 1, max: 6 }), perPlace: fc.integer({ min: 1, max: 4 }) }
    const places = fc.array(fc.constantFrom('a', 'b', 'c', undefined), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(fc.record(options), places, async ({ concurrency, perPlace }, all) => {
        const limit = makeLimit({ concurrency, perPlace, signal: never })
        const active = new Map<string | undefined, number>()
        let sum = 0
        let ran = 0
        const work = (place: string | undefined) => async () => {
          sum += 1
          active.set(place, (active.get(place) ?? 0) + 1)
          assert.ok(sum <= concurrency)
          assert.ok(place === undefined || (active.get(place) ?? 0) <= perPlace)
          await Promise.resolve()
          active.set(place, (active.get(place) ?? 0) - 1)
          sum -= 1
          ran += 1
        }
        await Promise.all(all.map((place) => limit.run(place, work(place))))
        assert.equal(ran, all.length)
      }),
      { numRuns: 50 },
    )
  })

  it('a full place does not hold up another', async () => {
    const limit = makeLimit({ concurrency: 8, perPlace: 1, signal: never })
    const gate = makeGate()
    const slow = [1, 2, 3].map(() => limit.run('a', () => gate.opened))
    assert.equal(await limit.run('b', async () => 'b went by'), 'b went by')
    gate.open()
    await Promise.all(slow)
  })

  it('goes on after work that fails', async () => {
    const limit = makeLimit({ concurrency: 1, signal: never })
    await assert.rejects(
      limit.run('a', async () => Promise.reject(new Error('no'))),
      { message: 'no' },
    )
    assert.equal(await limit.run('a', async () => 2), 2)
  })

  it('on abort the waiting never starts', async () => {
    const abort = new AbortController()
    const limit = makeLimit({ concurrency: 1, signal: abort.signal })
    const gate = makeGate()
    const started: string[] = []
    const first = limit.run('a', () => gate.opened)
    const second = limit.run('a', async () => void started.push('second'))
    await settle()
    abort.abort()
    gate.open()
    await first
    await assert.rejects(second, { code: 'E_INTERRUPTED' })
    assert.deepEqual(started, [])
  })

  it('costs the same for each, however many wait', async () => {
    const limit = makeLimit({ concurrency: 4, perPlace: 1, signal: never })
    const many = Array.from({ length: 100_000 }, (_, at) => limit.run(at % 2 ? 'a' : 'b', async () => at))
    assert.equal((await Promise.all(many)).length, 100_000)
  })
})
