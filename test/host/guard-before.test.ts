// What undoing a change would put back, from the guard's folder on the host.
import assert from 'node:assert/strict'
import { readBefore } from '../../src/host/guard-before.ts'
import { fakeHost, file, link } from '../resources/fake-host.ts'

const BASE = '/var/lib/orion/guard/20260101t000000-abcd'

describe('host/guard-before', () => {
  it('gives every file as it was: changed, gone, new, and links', async () => {
    const { host, calls } = fakeHost({
      files: {
        [`${BASE}/files`]: '001 put /etc/a\n002 remove /etc/b c\n003 put /etc/new\n004 put /etc/link\n',
        [`${BASE}/old/001`]: file('old\n', 0o600),
        [`${BASE}/old/002`]: 'gone\n',
        [`${BASE}/old/004`]: link('../usr/x'),
      },
    })
    assert.deepEqual(await readBefore(host, '20260101t000000-abcd'), [
      { path: '/etc/a', text: 'old\n', mode: 0o600 },
      { path: '/etc/b c', text: 'gone\n', mode: 0o644 },
      { path: '/etc/new', text: undefined },
      { path: '/etc/link', text: 'a link to ../usr/x\n' },
    ])
    assert.deepEqual(calls, ['read', 'read'])
  })

  it('of a change that is not there: nothing', async () => {
    assert.deepEqual(await readBefore(fakeHost().host, 'x'), [])
  })
})
