// What orion says when a connection or a program fails.
import assert from 'node:assert/strict'
import { commandFailed, getTitle, timedOut } from '../../src/host/failure.ts'

describe('what failed, in words', () => {
  const rows: readonly [argv: readonly string[], want: string][] = [
    [['ifreload', '-a'], 'ifreload'],
    [['/usr/sbin/qm', 'set', '100', '--cipassword', 'x'], 'qm set'],
    [['pveum', 'user', 'add'], 'pveum user'],
    [['echo', 'S3cret'], 'echo'],
    [['sh', '-c', 'long script', 'orion-read', 'x'], 'orion-read'],
    [['sh', '-c', 'rm -rf x'], 'sh'],
  ]
  for (const [argv, want] of rows)
    it(want, () => {
      assert.equal(getTitle(argv), want)
    })

  it('the tail, masked', () => {
    const error = commandFailed('r730', { title: 'qm set', code: 2, stderr: 'a\nb\nc\nd\ne\nbad value s3\n' }, ['s3'])
    assert.equal(error.message, 'r730: qm set ended with code 2\n  b\n  c\n  d\n  e\n  bad value ***')
    assert.equal(commandFailed('r730', { title: 'qm', code: 127, stderr: '' }, []).message, 'r730: qm is not there')
    assert.match(timedOut('r730', 'qm', 60_000).message, /not over after 60 s/)
  })
})
