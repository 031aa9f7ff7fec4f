// Which progress is shown where.
import assert from 'node:assert/strict'
import { showProgress } from '../../src/console/progress.ts'
import { makeScreen } from './screen.ts'

const started = { kind: 'step-started', id: 'vm:n1/200', title: 'router', verb: 'create' } as const

async function show(mode: 'lines' | 'none' | undefined, terminal: boolean): Promise<string> {
  const screen = makeScreen(terminal)
  const progress = await showProgress({ stream: screen.stream, ...(mode ? { mode } : {}) })
  progress.on({ kind: 'apply-started', total: 1 })
  progress.on(started)
  await progress.stop()
  return screen.text()
}

describe('console/progress', () => {
  it('none: nothing at all', async () => assert.equal(await show('none', true), ''))
  it('lines, also in a terminal', async () =>
    assert.match(await show('lines', true), /^ +\d\.\ds {2}vm router \(n1\/200\): create\n$/))
  it('lines where there is no terminal', async () => assert.match(await show(undefined, false), /: create\n$/))
})
