// Which warnings of a site file open a command.
import assert from 'node:assert/strict'
import { warningsFor } from '../../src/base/site-warnings.ts'
import type { Located } from '../../src/site/site.ts'

const at = { file: 'orion.yaml', line: 1, column: 1, frame: '', severity: 'warning' as const }
const key: Located = { ...at, path: ['defaults', 'guest', 'sshKeys', 0], message: 'does not exist' }
const other: Located = { ...at, path: ['bgp', 'peers', 'one'], message: 'no rule lets its packets out' }

describe('base/site-warnings', () => {
  for (const [command, both] of [
    ['bootstrap', true],
    ['bootstrap plan', true],
    ['vm plan', true],
    ['vm apply', true],
    ['vm list', false],
    ['bgp show', false],
    ['bgp drain', false],
    ['net undo', false],
    ['verify', false],
  ] as const)
    it(`${command}: ${both ? 'all' : 'nothing about keys of guests'}`, () =>
      assert.deepEqual(warningsFor(command, [key, other]), both ? [key, other] : [other]))
})
