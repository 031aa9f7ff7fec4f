// The way out: one document, colours only where they are wanted, and readers that go away.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { getLook, write } from '../../src/console/output.ts'
import { makeSink } from './plain.ts'
import { makeScreen } from './screen.ts'

const printer = fileURLToPath(new URL('printer.ts', import.meta.url))

describe('console/output', () => {
  const rows: [string, boolean, Record<string, string>, boolean][] = [
    ['a terminal', true, {}, true],
    ['a file', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['FORCE_COLOR in a file', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ]
  for (const [name, terminal, env, colour] of rows) {
    it(`${name}: ${colour ? 'coloured' : 'plain'}`, () => {
      assert.deepEqual(getLook(makeScreen(terminal).stream, env), { width: 80, colour })
    })
  }

  it('ends each text with one line feed', async () => {
    const { stream, text } = makeSink()
    await write(stream, 'one')
    await write(stream, 'two\n')
    assert.equal(text(), 'one\ntwo\n')
    assert.equal(stream.listenerCount('error'), 1)
  })

  it('a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', printer], { stdio: ['ignore', 'pipe', 'pipe'] })
    try {
      const errors: string[] = []
      child.stderr.on('data', (data) => errors.push(String(data)))
      await once(child.stdout, 'data')
      child.stdout.destroy()
      const [code] = await once(child, 'close')
      assert.deepEqual([code, errors.join('')], [0, ''])
    } finally {
      child.kill('SIGKILL')
    }
  })
})
