import assert from 'node:assert/strict'
import { isUpid, parseUpid } from '../../src/pve/upid.ts'

describe('upid', () => {
  it('reads every part', () => {
    const text = 'UPID:pve-1:00001A2B:00ABCDEF:65F0C0DE:qmcreate:100:root@pam!orion:'
    const { startedAt, ...rest } = parseUpid(text)
    assert.deepEqual(rest, { text, node: 'pve-1', type: 'qmcreate', id: '100', user: 'root@pam!orion' })
    assert.equal(startedAt.toISOString(), '2024-03-12T20:53:50.000Z')
  })

  it('takes an empty id and a long pstart', () => {
    assert.equal(parseUpid('UPID:n:00001A2B:1ABCDEF01:65F0C0DE:aptupdate::orion@pve:').id, '')
  })

  const wrong = [
    '',
    'UPID',
    'UPID:n:00001A2B:00ABCDEF:65F0C0DE:qmcreate:100:root@pam',
    'UPID:../x:00001A2B:00ABCDEF:65F0C0DE:qmcreate:100:root@pam:',
    'UPID:n:00001A2B:00ABCDEF:65F0C0DE:qmcreate:1/0:root@pam:',
    'UPID:n:00001A2B:00ABCDEF:65F0C0DE:qmcreate:100:root@pam:\n',
    'UPID:n:zzzz1A2B:00ABCDEF:65F0C0DE:qmcreate:100:root@pam:',
  ]
  for (const text of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(isUpid(text), false)
      assert.throws(() => parseUpid(text), { code: 'E_PVE_ANSWER' })
    })
  }

  it('knows what is none', () => {
    assert.equal(isUpid(null), false)
    assert.equal(isUpid('UPID:n:00001A2B:00ABCDEF:65F0C0DE:qmstart:100:root@pam:'), true)
  })
})
