// The lines in which the guard on the host speaks.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseAnswers, parseStates } from '../../src/host/guard-answer.ts'

const pack = (text: string): string => Buffer.from(text).toString('base64') || '-'

describe('an answer of the guard', () => {
  for (const [line, answer] of [
    ['checked', { kind: 'checked' }],
    ['confirmed', { kind: 'confirmed' }],
    ['armed 160 100', { kind: 'armed', leftSeconds: 60 }],
    ['armed 100 160', { kind: 'armed', leftSeconds: 0 }],
    [`refused ${pack('two\nlines\n')}`, { kind: 'refused', reason: 'two\nlines' }],
    [`busy ${pack('me')} 160 100`, { kind: 'busy', by: 'me', leftSeconds: 60 }],
    ['busy - - 100', { kind: 'busy', by: '', leftSeconds: undefined }],
    ['state active 160 100 -', { kind: 'state', state: 'active', leftSeconds: 60, reason: '' }],
    [
      `state restored - 100 ${pack('why')}`,
      { kind: 'state', state: 'restored', leftSeconds: undefined, reason: 'why' },
    ],
  ] as const)
    it(`is read: ${line}`, () => assert.deepEqual(parseAnswers(`a word of the shell's\n${line}\n`), [answer]))

  it('is nothing where the state is unknown', () => assert.deepEqual(parseAnswers('state none - 1 -\n\n'), []))

  it('lists changes', () => {
    const line = `id confirmed interfaces 123 ${pack('me (orion)')} - ${pack('/etc/a b\n/etc/c\n')}`
    const state = { state: 'confirmed', name: 'interfaces', at: 123, by: 'me (orion)', reason: '' }
    assert.deepEqual(parseStates(`${line}\nid2 none x 1 - - -\n`), [
      { id: 'id', ...state, files: ['/etc/a b', '/etc/c'] },
    ])
  })

  it('is never an error, whatever comes', () =>
    fc.assert(fc.property(fc.string(), (text) => void [parseAnswers(`state ${text}`), parseStates(text)])))
})
