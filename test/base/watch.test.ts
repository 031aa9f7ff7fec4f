// --watch: it goes on until Ctrl-C, and only that ends it in peace.
import assert from 'node:assert/strict'
import type { Session } from '../../src/base/session.ts'
import { watch } from '../../src/base/watch.ts'

describe('base/watch', () => {
  const show = async () => ({ stop: async () => {} })
  const talk = (abort: AbortController) => ({
    json: false,
    session: { outside: { signal: abort.signal } } as unknown as Session,
  })

  it('asks each host again, and ends with Ctrl-C', async () => {
    const abort = new AbortController()
    const asked = new Map<string, number>()
    const look = async (name: string) => {
      asked.set(name, (asked.get(name) ?? 0) + 1)
      if ((asked.get('a') ?? 0) >= 2 && (asked.get('b') ?? 0) >= 2) abort.abort()
    }
    await watch(talk(abort), { names: ['a', 'b'], show, look, everyMs: 1 })
    assert.ok([...asked.values()].every((times) => times >= 2))
  })

  it('any other error ends it as one', async () => {
    let times = 0
    const look = async () => {
      times += 1
      if (times > 2) throw new TypeError('boom')
    }
    const watching = watch(talk(new AbortController()), { names: ['a'], show, look, everyMs: 1 })
    await assert.rejects(watching, TypeError)
  })

  it('shows with the first answer, and stops the page in the end', async () => {
    const abort = new AbortController()
    const told: string[] = []
    const look = (name: string) =>
      name === 'quick'
        ? Promise.resolve()
        : new Promise<void>((_, fail) => abort.signal.addEventListener('abort', () => fail(abort.signal.reason)))
    const shown = async () => {
      told.push('shown')
      abort.abort()
      return { stop: async () => void told.push('stopped') }
    }
    await watch(talk(abort), { names: ['hangs', 'quick'], show: shown, look, everyMs: 1 })
    assert.deepEqual(told, ['shown', 'stopped'])
  })
})
