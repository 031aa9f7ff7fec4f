// The command line that sets what only root@pam may set.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getRootCommand } from '../../src/resources/root-channel.ts'

describe('resources/root-channel', () => {
  const rows: readonly [string, Parameters<typeof getRootCommand>, string][] = [
    [
      'a virtual machine',
      [{ kind: 'vm', vmid: 100 }, { set: { affinity: '0-3' }, drop: [] }, 'd1'],
      'qm set 100 --affinity 0-3 --digest d1',
    ],
    [
      'a container, with what goes',
      [{ kind: 'ct', vmid: 7 }, { set: { mp0: '/a,mp=/b' }, drop: ['features', 'hookscript'] }, 'd2'],
      'pct set 7 --mp0 /a,mp=/b --delete features,hookscript --digest d2',
    ],
    ['without a digest', [{ kind: 'ct', vmid: 7 }, { set: {}, drop: ['dev0'] }, undefined], 'pct set 7 --delete dev0'],
  ]
  for (const [name, args, line] of rows) {
    it(name, () => assert.equal(getRootCommand(...args).join(' '), line))
  }

  it('a value is one argument, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const argv = getRootCommand({ kind: 'vm', vmid: 100 }, { set: { hookscript: value }, drop: [] }, 'd')
        assert.deepEqual(argv, ['qm', 'set', '100', '--hookscript', value, '--digest', 'd'])
      }),
    )
  })
})
