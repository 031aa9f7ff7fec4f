// Questions: answers, nobody there, and Ctrl-C.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { askHidden, askYes, confirm, refuseOther, type Terminal, typeName } from '../../src/console/ask.ts'

/** A terminal in which somebody types, once the question stands there. */
function makeTerminal(isTTY: boolean, typed: string): Terminal {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => {} })
  const output = Object.assign(new PassThrough(), { isTTY: true })
  output.once('data', () => setImmediate(() => input.write(typed)))
  return { input, output }
}

describe('console/ask', () => {
  for (const [typed, yes] of [
    ['y\n', true],
    ['n\n', false],
    ['\n', false],
  ] as const) {
    it(`${JSON.stringify(typed)} is ${yes}`, async () => {
      assert.equal(await confirm('Go ahead?', makeTerminal(true, typed)), yes)
    })
  }

  it('nobody there: E_CONFIRM, and how to go ahead', async () => {
    await assert.rejects(
      confirm('Go ahead?', makeTerminal(false, 'y\n')),
      (error: { code?: string; suggestions?: string[] }) => {
        assert.equal(error.code, 'E_CONFIRM')
        assert.match(error.suggestions?.join() ?? '', /--yes/)
        return true
      },
    )
    await assert.rejects(typeName('web', 'Type it:', makeTerminal(false, 'web\n')), { code: 'E_CONFIRM' })
  })

  it('a question on the way: nobody there is a no', async () => {
    assert.equal(await askYes('Is that its key?', makeTerminal(true, 'y\n')), true)
    assert.equal(await askYes('Is that its key?', makeTerminal(true, '\n')), false)
    assert.equal(await askYes('Is that its key?', makeTerminal(false, 'y\n')), false)
  })

  it('what is hidden is not shown, and nobody there or nothing typed is undefined', async () => {
    const terminal = makeTerminal(true, 'hush hush\n')
    const shown: string[] = []
    terminal.output.on('data', (chunk) => shown.push(String(chunk)))
    assert.equal(await askHidden('Passphrase of ~/.ssh/id_ed25519:', terminal), 'hush hush')
    assert.match(shown.join(''), /Passphrase/)
    assert.doesNotMatch(shown.join(''), /hush/)
    assert.equal(await askHidden('Passphrase:', makeTerminal(true, '\n')), undefined)
    assert.equal(await askHidden('Passphrase:', makeTerminal(false, 'x\n')), undefined)
    await assert.rejects(askHidden('Passphrase:', makeTerminal(true, '\u0003')), { code: 'E_INTERRUPTED' })
  })

  it('Ctrl-C is E_INTERRUPTED', async () => {
    await assert.rejects(confirm('Go ahead?', makeTerminal(true, '\u0003')), { code: 'E_INTERRUPTED' })
  })

  it('the name must be the name', async () => {
    await typeName('web', 'Type it:', makeTerminal(true, 'web\n'))
    await assert.rejects(typeName('web', 'Type it:', makeTerminal(true, 'wep\n')), {
      code: 'E_CONFIRM',
      message: /not web/,
    })
    assert.throws(() => refuseOther('web', ''), { code: 'E_CONFIRM' })
  })
})
