// Durations as the operator types them.
import assert from 'node:assert/strict'
import { toSeconds } from '../../src/base/flags.ts'

describe('base/flags', () => {
  for (const [text, seconds] of [
    ['10s', 10],
    ['90', 90],
    ['2m', 120],
    ['1h', 3600],
  ] as const) {
    it(`${text} is ${seconds} s`, async () => assert.equal(await toSeconds(text), seconds))
  }
  for (const text of ['9s', '0', '', '-5s', '61m', '2h', '1d', '1.5m', '60 s', '1e2', 'soon', '999999']) {
    it(`${JSON.stringify(text)} is refused`, async () => {
      await assert.rejects(toSeconds(text), { code: 'E_USAGE', message: /--confirm-within/ })
    })
  }
})
