// What a guarded change replaced and brought, read as from a real host's guard.
import assert from 'node:assert/strict'
import { guardFile } from '../../../src/lab/host/guard-folder.ts'
import type { GuardedChange, StoredFile } from '../../../src/lab/host/state.ts'

const file = (text: string): StoredFile => ({ kind: 'file', text, mode: 0o644 })
const change: GuardedChange = {
  id: '20260101t000000-abcd',
  name: 'sysctl',
  state: 'confirmed',
  at: 0,
  by: 'somebody',
  reason: '',
  window: 60,
  files: { '/etc/a': file('new\n'), '/etc/b c': null, '/etc/new': file('new\n') },
  old: { '/etc/a': file('old\n'), '/etc/b c': file('gone\n'), '/etc/new': null },
  check: [],
  activate: [],
  strict: false,
}
const BASE = `/var/lib/orion/guard/${change.id}`

describe('lab/host/guard-folder', () => {
  const rows: [path: string, text: string | undefined][] = [
    [`${BASE}/files`, '001 put /etc/a\n002 remove /etc/b c\n003 put /etc/new\n'],
    [`${BASE}/old/001`, 'old\n'],
    [`${BASE}/old/002`, 'gone\n'],
    [`${BASE}/old/003`, undefined],
    [`${BASE}/old/004`, undefined],
    [`${BASE}/new/001`, 'new\n'],
    [`${BASE}/new/002`, undefined],
    [`${BASE}/by`, undefined],
    ['/var/lib/orion/guard/other/files', undefined],
    ['/etc/a', undefined],
  ]
  for (const [path, text] of rows) {
    it(path, () => assert.equal(guardFile({ guard: [change] }, path)?.text, text))
  }
})
