// What a router remembers of a move: written, read, and nothing made of what is not ours.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  PROGRESS_FILE,
  type Progress,
  progressOf,
  progressText,
  STEPS,
  watchOf,
} from '../../../src/parts/bgp/migration-watch.ts'
import { saying } from './birdc-fixtures.ts'

const seenWith = (text: string) => ({
  files: new Map([[PROGRESS_FILE, { kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' } as const]]),
  commands: new Map(),
})
const watchSaying = (until: string, clock: string, log: string) => {
  const commands = { 'migration-until': until, clock, 'migration-log': log }
  return {
    files: new Map(),
    commands: new Map(Object.entries(commands).map(([name, text]) => [name, saying(text)])),
  }
}

describe('parts/bgp/migration-watch', () => {
  for (const to of ['bird', 'gobgp'] as const)
    for (const step of STEPS)
      it(`remembers ${step} to ${to}`, () => {
        const progress: Progress = { to, step, since: '2026-11-21T15:02:10.000Z', at: '2026-11-21T15:04:50.000Z' }
        assert.deepEqual(progressOf(seenWith(progressText(progress))), progress)
      })

  it('takes any other text for none', () => {
    assert.equal(progressOf({ files: new Map(), commands: new Map() }), undefined)
    fc.assert(fc.property(fc.string(), (text) => assert.equal(progressOf(seenWith(text)), undefined)))
    assert.equal(progressOf(seenWith('to frr\nstep watch\nsince 1\nat 2\n')), undefined)
  })

  it('counts the reports, and knows the bad ones', () => {
    const log = 'T1 gobgp up 3 routes 4 ok\nT2 gobgp up 2 routes 4 lost ix\nT3 gobgp up 3 routes 4 ok policies\n'
    assert.deepEqual(watchOf(watchSaying('160\n', '100\n', log)), {
      leftSeconds: 60,
      reports: 3,
      bad: ['T2 gobgp up 2 routes 4 lost ix', 'T3 gobgp up 3 routes 4 ok policies'],
      last: 'T3 gobgp up 3 routes 4 ok policies',
    })
    assert.deepEqual(watchOf(watchSaying('100', '160', '')), { leftSeconds: 0, reports: 0, bad: [], last: undefined })
    assert.equal(watchOf({ files: new Map(), commands: new Map() }), undefined)
  })
})
