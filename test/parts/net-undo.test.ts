// The differences of an undo: only what is not already as it was.
import assert from 'node:assert/strict'
import { lookBack } from '../../src/parts/net-undo.ts'
import { file } from '../resources/fake-host.ts'

describe('parts/net-undo', () => {
  it('shows lines of what changes, and nothing of what is the same', () => {
    const before = [
      { path: '/etc/a', text: 'old\n' },
      { path: '/etc/same', text: 'same\n' },
      { path: '/etc/new', text: undefined },
    ]
    const files = new Map([
      ['/etc/a', file('new\n')],
      ['/etc/same', file('same\n')],
      ['/etc/new', file('new\n')],
    ])
    const differences = lookBack(before, { files, commands: new Map() })
    assert.deepEqual(
      differences.map(({ field, lines }) => [field, lines]),
      [
        ['/etc/a', ['-new', '+old']],
        ['/etc/new', ['-new']],
      ],
    )
    assert.equal(differences[1]?.want, 'absent')
  })
})
