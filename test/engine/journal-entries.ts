// Entries of a journal, for tests.
import { type Begin, type End, type Entry, type Head, toLine } from '../../src/engine/journal.ts'

export const AT = '2026-11-22T02:30:00.000Z'

export const begin = (run: number, seq: number, more: Partial<Begin & Head> = {}): Begin & Head => ({
  v: 1,
  journal: 'j1',
  seq,
  at: AT,
  kind: 'begin',
  run,
  who: { user: 'somebody', host: 'desk', orion: '0.1.0' },
  command: 'vm apply',
  flags: {},
  site: { name: 'test', file: '/site/orion.yaml', sha256: 'ab'.repeat(32) },
  plan: { sha256: 'cd'.repeat(32), kept: 2, steps: [{ id: 'vm:n1/200', title: 'router', verb: 'create' }] },
  nodes: ['n1'],
  ...more,
})

export const end = (run: number, seq: number, more: Partial<End & Head> = {}): End & Head => ({
  v: 1,
  journal: 'j1',
  seq,
  at: AT,
  kind: 'end',
  run,
  ms: 12_000,
  exit: 0,
  steps: [{ id: 'vm:n1/200', verb: 'create', outcome: 'done', ms: 11_000 }],
  ...more,
})

/** The text of an operator's journal. */
export function own(entries: readonly (Entry | string)[]): string {
  return chain(entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))))
}

/** The text of a node's journal with these lines of operators. */
export const node = (text: string): string => chain(text.trimEnd().split('\n'))

function chain(payloads: readonly string[]): string {
  let before: string | undefined
  const lines = payloads.map((payload) => {
    const line = toLine(before, payload)
    before = line.slice(0, 64)
    return line
  })
  return lines.join('')
}
