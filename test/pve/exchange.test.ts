import assert from 'node:assert/strict'
import type { Dispatcher } from 'undici'
import { openEndpoint } from '../../src/pve/endpoint.ts'
import { exchange, Unanswered } from '../../src/pve/exchange.ts'
import { getStage } from './client.ts'
import { sendData } from './fake-server.ts'

const OUTGOING = { method: 'GET', path: '/x', headers: {}, timeoutMs: 5000, maxBytes: 1000 } as const

// A dispatcher whose connection is never ready: the test says when.
const getSlow = () => {
  const handlers: Dispatcher.DispatchHandler[] = []
  const dispatch = (_: unknown, handler: Dispatcher.DispatchHandler) => handlers.push(handler) > 0
  const aborts: Error[] = []
  const controller = { abort: (reason: Error) => aborts.push(reason) }
  return {
    dispatcher: { dispatch } as unknown as Dispatcher,
    ready: () => handlers[0]?.onRequestStart?.(controller as unknown as Dispatcher.DispatchController, {}),
    aborts,
  }
}

describe('exchange', () => {
  const { start, add } = getStage()

  it('cuts off an answer that is too large', async () => {
    const server = await start(sendData('x'.repeat(5000)))
    const endpoint = openEndpoint(server, 1, 1000)
    add(endpoint)
    const answer = await exchange(endpoint.dispatcher, { ...OUTGOING, signal: new AbortController().signal })
    assert.deepEqual([answer.status, answer.tooLarge, answer.text], [200, true, ''])
  })

  it('what was given up before it had a connection is not sent when that comes', async () => {
    const { dispatcher, ready, aborts } = getSlow()
    const work = exchange(dispatcher, { ...OUTGOING, timeoutMs: 5, signal: new AbortController().signal })
    await assert.rejects(work, (error) => error instanceof Unanswered && !error.sent)
    ready()
    assert.equal(aborts.length, 1)
  })

  it('a write that waits for its connection is stopped at once, one that was sent is not', async () => {
    const abort = new AbortController()
    const late = new AbortController()
    const [waiting, sent] = [getSlow(), getSlow()]
    const outgoing = { ...OUTGOING, signal: abort.signal, late: late.signal }
    const works = [exchange(waiting.dispatcher, outgoing), exchange(sent.dispatcher, outgoing)] as const
    sent.ready()
    abort.abort()
    await assert.rejects(works[0], { sent: false })
    assert.equal(sent.aborts.length, 0)
    late.abort()
    await assert.rejects(works[1], { sent: true })
    assert.equal(sent.aborts.length, 1)
  })

  it('a closed endpoint answers nothing', async () => {
    const endpoint = openEndpoint(await start(), 1, 1000)
    await endpoint.close()
    const work = exchange(endpoint.dispatcher, { ...OUTGOING, signal: new AbortController().signal })
    await assert.rejects(work, { sent: false })
  })
})
