// orion keeper log: entries of several nodes in one order, a node that is silent, and times that are none.
import assert from 'node:assert/strict'
import { showLog, toSince } from '../../src/base/keeper-log.ts'
import { toCelsius } from '../../src/base/keeper-test.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'
import { node, site as siteOf } from '../site/site-builder.ts'

const site = siteOf({ nodes: [node('a'), node('b')], keeper: { shed: [], balloonIdle: [] } })
const session = { site, outside: { signal: new AbortController().signal } } as unknown as Session

describe('base/keeper-log', () => {
  it('puts the entries of all nodes in one order, the newest so many', async () => {
    const at = { a: [1, 4], b: [2, 3] } as Readonly<Record<string, readonly number[]>>
    const view = {
      names: ['a', 'b'],
      read: async (name: string) => (at[name] ?? []).map((time) => ({ node: name, at: time, priority: 6, text: 'x' })),
    }
    const { exit, document } = await showLog({ session, json: true }, { lines: 3, follow: false, open: () => view })
    const { entries } = document as { entries: readonly { node: string; at: number }[] }
    assert.deepEqual([exit, entries.map((one) => `${one.node}${one.at}`)], [0, ['b2', 'b3', 'a4']])
  })

  it('tells a node that is silent, with exit 1', async () => {
    const read = () => Promise.reject(new OrionError('a is silent', { code: 'E_HOST_UNREACHABLE' }))
    const wish = { lines: 3, follow: false, open: () => ({ names: ['a'], read }) }
    const { exit, document } = await showLog({ session, json: true }, wish)
    assert.deepEqual([exit, (document as { failed: unknown }).failed], [1, [{ node: 'a', message: 'a is silent' }]])
  })

  it('refuses --follow with --json', async () => {
    const wish = { lines: 3, follow: true, open: () => ({ names: [], read: async () => [] }) }
    await assert.rejects(showLog({ session, json: true }, wish), { code: 'E_USAGE' })
  })

  for (const [text, seconds] of [
    ['90m', 5400],
    ['2h', 7200],
    ['7d', 604_800],
  ] as const)
    it(`--since ${text} is ${seconds} s`, async () => assert.equal(await toSince(text), seconds))
  for (const text of ['', '2', '0h', '-1h', '2 h', '1h; reboot', '99999d', 'yesterday'])
    it(`--since ${JSON.stringify(text)} is none`, async () => assert.rejects(toSince(text), { code: 'E_USAGE' }))

  for (const [text, celsius] of [
    ['85C', 85],
    ['85', 85],
    ['85.5c', 85.5],
    ['85 °C', 85],
  ] as const)
    it(`--temperature ${text} is ${celsius}`, async () => assert.equal(await toCelsius(text), celsius))
  for (const text of ['', '0C', '126C', '-5C', '85F', '1e2', '85C; reboot'])
    it(`--temperature ${JSON.stringify(text)} is none`, async () =>
      assert.rejects(toCelsius(text), { code: 'E_USAGE' }))
})
