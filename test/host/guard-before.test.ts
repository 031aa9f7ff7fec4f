// What undoing a change would put back, from the guard's folder on the host.
import assert from 'node:assert/strict'
import { readSides } from '../../src/host/guard-before.ts'
import { fakeHost, file, link } from '../resources/fake-host.ts'

const BASE = '/var/lib/orion/guard/20260101t000000-abcd'

describe('host/guard-before', () => {
  it('gives every file as it was and as it became: changed, gone, new, and links', async () => {
    const { host, calls } = fakeHost({
      files: {
        [`${BASE}/files`]: '001 put /etc/a\n002 remove /etc/b c\n003 put /etc/new\n004 put /etc/link\n',
        [`${BASE}/old/001`]: file('old\n', 0o600),
        [`${BASE}/new/001`]: 'new\n',
        [`${BASE}/new/003`]: file('x\n', 0o755, 'root', 'adm'),
        [`${BASE}/new/004`]: 'now a file\n',
        [`${BASE}/old/002`]: 'gone\n',
        [`${BASE}/old/004`]: link('../usr/x'),
      },
    })
    const { before, after } = await readSides(host, '20260101t000000-abcd')
    assert.deepEqual(before, [
      { path: '/etc/a', text: 'old\n', mode: 0o600, group: 'root' },
      { path: '/etc/b c', text: 'gone\n', mode: 0o644, group: 'root' },
      { path: '/etc/new', text: undefined },
      { path: '/etc/link', text: 'a link to ../usr/x\n' },
    ])
    assert.deepEqual(after, [
      { path: '/etc/a', text: 'new\n', mode: 0o644, group: 'root' },
      { path: '/etc/b c', text: undefined },
      { path: '/etc/new', text: 'x\n', mode: 0o755, group: 'adm' },
      { path: '/etc/link', text: 'now a file\n', mode: 0o644, group: 'root' },
    ])
    assert.deepEqual(calls, ['read', 'read'])
  })

  it('of a change that is not there: nothing', async () => {
    assert.deepEqual(await readSides(fakeHost().host, 'x'), { before: [], after: [] })
  })
})
