// The wizard's prompts: each kind of answer, Esc, Ctrl-C, and texts of hosts that a terminal would obey.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { BACK, type Prompt, prompt } from '../../src/console/wizard-prompt.ts'

/** Types one key after the other, each once the last one was drawn. */
function makeTerminal(...keys: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const shown: string[] = []
  output.on('data', (chunk) => shown.push(String(chunk)))
  output.once('data', async () => {
    for (const key of keys) {
      await sleep(20)
      input.write(key)
    }
  })
  return { input, output, shown: () => shown.join('') }
}

const [DOWN, ENTER, ESC, CTRL_U, BACKSPACE] = ['\u001b[B', '\r', '\u001b', '\u0015', '\u007f']
const choices = [{ value: 'a' }, { value: 'b', about: 'the second' }, { value: 'c' }]
const CASES: readonly (readonly [string, Prompt, readonly string[], unknown])[] = [
  ['select takes what is offered', { kind: 'select', message: 'Q', choices, offer: 'b' }, [ENTER], 'b'],
  ['select goes down', { kind: 'select', message: 'Q', choices, offer: 'a' }, [DOWN, DOWN, ENTER], 'c'],
  [
    'checkbox takes what is checked',
    { kind: 'checkbox', message: 'Q', choices, offer: ['a', 'c'] },
    [ENTER],
    ['a', 'c'],
  ],
  ['checkbox unchecks', { kind: 'checkbox', message: 'Q', choices, offer: ['a', 'c'] }, [' ', ENTER], ['c']],
  ['input takes what is offered', { kind: 'input', message: 'Q', offer: 'x' }, [ENTER], 'x'],
  ['input takes what is typed', { kind: 'input', message: 'Q', offer: 'x' }, ['new', ENTER], 'new'],
  ['a hyphen is nothing', { kind: 'input', message: 'Q', offer: 'x' }, ['-', ENTER], ''],
  ['a list is split at commas', { kind: 'list', message: 'Q', offer: [] }, ['web, db,', ENTER], ['web', 'db']],
  ['a list takes what is offered', { kind: 'list', message: 'Q', offer: ['x', 'y'] }, [ENTER], ['x', 'y']],
  [
    'a wrong text is there to be mended',
    { kind: 'input', message: 'Q', offer: 'x', typed: 'ab', problems: ['no'] },
    ['c', ENTER],
    'abc',
  ],
  [
    'a wrong text that is emptied is what was offered first',
    { kind: 'input', message: 'Q', offer: 'x', typed: 'ab', problems: ['no'] },
    [CTRL_U, ENTER],
    'x',
  ],
  [
    'emptied by one stroke too many, too',
    { kind: 'input', message: 'Q', offer: 'x', typed: 'a', problems: ['no'] },
    [BACKSPACE, BACKSPACE, ENTER],
    'x',
  ],
  [
    'a wrong list that is emptied is what was offered first',
    { kind: 'list', message: 'Q', offer: ['x', 'y'], typed: 'a b', problems: ['no'] },
    [CTRL_U, ENTER],
    ['x', 'y'],
  ],
  [
    'an empty line where nothing is offered is nothing',
    { kind: 'input', message: 'Q', typed: 'ab', problems: ['no'] },
    [CTRL_U, ENTER],
    '',
  ],
  ['Esc goes back from a select', { kind: 'select', message: 'Q', choices, offer: 'a' }, [ESC], BACK],
  ['Esc goes back from a text', { kind: 'input', message: 'Q', offer: 'x' }, ['typed', ESC], BACK],
]

describe('console/wizard-prompt', () => {
  for (const [what, question, keys, wanted] of CASES)
    it(what, async () => {
      assert.deepEqual(await prompt(question, makeTerminal(...keys)), wanted)
    })

  it('Ctrl-C and an aborted signal are E_INTERRUPTED', async () => {
    const question: Prompt = { kind: 'input', message: 'Q', offer: 'x' }
    await assert.rejects(prompt(question, makeTerminal('\u0003')), { code: 'E_INTERRUPTED' })
    await assert.rejects(prompt(question, { ...makeTerminal(), signal: AbortSignal.abort() }), {
      code: 'E_INTERRUPTED',
    })
    const abort = new AbortController()
    const terminal = makeTerminal()
    terminal.output.once('data', () => abort.abort())
    await assert.rejects(prompt(question, { ...terminal, signal: abort.signal }), { code: 'E_INTERRUPTED' })
  })

  it('shows nothing that a terminal would obey, and keeps within it', async () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u202eabc'
    const terminal = makeTerminal(ENTER)
    const hostile = [{ value: 'a', name: evil, about: `${evil}${'x'.repeat(200)}` }]
    await prompt(
      { kind: 'select', message: evil, help: evil, problems: [evil], choices: hostile, offer: 'a' },
      terminal,
    )
    for (const part of [']0;', '\u001b[2J', '\u202e', '\u0007'])
      assert.ok(!terminal.shown().includes(part), JSON.stringify(part))
    assert.match(terminal.shown(), /…/)
  })
})
