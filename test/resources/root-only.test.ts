// Which options of a guest only root@pam may set.
import assert from 'node:assert/strict'
import { isRootFeature, isRootOnly } from '../../src/resources/root-only.ts'

describe('resources/root-only', () => {
  const rows: readonly ['vm' | 'ct', string, string, boolean][] = [
    ['vm', 'affinity', '0-3', true],
    ['vm', 'hookscript', 'local:snippets/x.pl', true],
    ['vm', 'args', '-cpu x', true],
    ['vm', 'parallel0', '/dev/parport0', true],
    ['vm', 'cores', '2', false],
    ['vm', 'hostpci0', '0000:01:00,pcie=1', true],
    ['vm', 'hostpci0', 'host=0000:01:00', true],
    ['vm', 'hostpci0', 'mapping=gpu,pcie=1', false],
    ['vm', 'hostpci0', 'mapping=gpu,romfile=x.rom', true],
    ['vm', 'usb0', 'host=1234:5678', true],
    ['vm', 'usb0', '1234:5678', true],
    ['vm', 'usb0', 'mapping=stick', false],
    ['vm', 'usb0', 'spice', false],
    ['vm', 'serial0', 'socket', false],
    ['vm', 'serial0', '/dev/ttyS0', true],
    ['vm', 'dev0', '/dev/dri', false],
    ['ct', 'dev0', '/dev/dri/renderD128', true],
    ['ct', 'hookscript', 'local:snippets/x.pl', true],
    ['ct', 'mp0', '/tank/media,mp=/media', true],
    ['ct', 'mp0', 'tank:subvol-100-disk-1,mp=/media', false],
    ['ct', 'rootfs', 'tank:8', false],
    ['ct', 'features', 'nesting=1', false],
    ['ct', 'features', 'nesting=1,keyctl=1', true],
    ['ct', 'affinity', '0-3', false],
  ]
  for (const [kind, key, value, root] of rows) {
    it(`${kind} ${key}=${value}: ${root ? 'root' : 'the API'}`, () =>
      assert.equal(isRootOnly({ kind, unprivileged: true }, key, value), root))
  }

  it('any feature of a privileged container', () => {
    assert.equal(isRootOnly({ kind: 'ct', unprivileged: false }, 'features', 'nesting=1'), true)
    assert.equal(isRootFeature('nesting', { unprivileged: false }), true)
    assert.equal(isRootFeature('nesting', { unprivileged: true }), false)
  })
})
