// What the Keeper's journal says, read from journald's JSON.
import assert from 'node:assert/strict'
import { openLog } from '../../../src/parts/keeper/log.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { node, site as siteOf } from '../../site/site-builder.ts'

const site = siteOf({ nodes: [node('a'), node('b')], keeper: { shed: [], balloonIdle: [] } })
const entry = (seconds: number, MESSAGE: unknown, more: object = {}) =>
  JSON.stringify({ __REALTIME_TIMESTAMP: `${seconds}000000`, __CURSOR: `c${seconds}`, PRIORITY: '6', MESSAGE, ...more })

describe('parts/keeper/log', () => {
  const hostSays = (stdout: string) => fakeHost({ name: 'a', programs: { journalctl: stdout, 'node-name': 'a' } })

  it('reads journald’s JSON, also of messages that are bytes or too long', async () => {
    const lines = [entry(1, 'start'), entry(2, [104, 105], { PRIORITY: '3' }), entry(3, null), 'garbled', '{', '']
    const fake = hostSays(lines.join('\n'))
    const read = await openLog(site, fake.outside).read('a', { lines: 50, sinceSeconds: 60 })
    assert.deepEqual(
      read.map(({ at, priority, text }) => [at, priority, text]),
      [
        [1000, 6, 'start'],
        [2000, 3, 'hi'],
        [3000, 6, '(too long)'],
      ],
    )
    assert.match(fake.calls.join('\n'), /--unit=orion-keeper\.service --lines=50 --since=-60s$/m)
  })

  it('goes on where it was', async () => {
    const fake = hostSays(entry(7, 'x'))
    const view = openLog(site, fake.outside, ['a'])
    await view.read('a', { lines: 50 })
    await view.read('a', { lines: 50 })
    assert.match(fake.calls.at(-1) ?? '', /--after-cursor=c7$/)
    assert.deepEqual(view.names, ['a'])
  })
})
