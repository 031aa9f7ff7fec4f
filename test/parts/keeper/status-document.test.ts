// What the Keeper's program says, read whatever it is.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseStatus, parseTest } from '../../../src/parts/keeper/status-document.ts'

const NOW = 1_763_762_400
const CALM = {
  version: 1,
  node: 'n1',
  running: true,
  lastRun: NOW - 3,
  state: 'cool',
  limit: 80,
  resume: 70,
  readings: [{ sensor: 'k10temp/Tctl', celsius: 45.5, good: true, reason: null, over: false }],
  shed: [],
  disks: [
    {
      disk: '/dev/sda',
      model: 'M',
      serial: 'S',
      failing: false,
      reasons: [],
      celsius: 40,
      readable: true,
      checked: NOW,
    },
  ],
  heartbeat: { port: '/dev/ttyUSB0', ok: true, count: 12, answer: 'armed', leftSeconds: 170 },
  alarms: [],
}

describe('parts/keeper/status-document', () => {
  it('reads whatever a program may say, and hands out no control characters', () => {
    const json = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .jsonValue()
        .map((value) =>
          JSON.stringify({ ...CALM, readings: value, shed: value, disks: [value], heartbeat: value, alarms: value }),
        ),
    )
    fc.assert(
      fc.property(json, (text) => {
        for (const found of [parseStatus(text), parseTest(text)])
          if (found) assert.doesNotMatch(JSON.stringify(found), /\\u00(?:0|1|7f)/)
      }),
    )
  })

  it('leaves out what is no thing', () => {
    const odd = parseStatus(
      JSON.stringify({
        ...CALM,
        readings: [{}, 3, null, { sensor: 'a\u001b[2J', celsius: 'x' }],
        shed: [{ name: 'a' }],
        disks: {},
      }),
    )
    assert.deepEqual(odd?.readings, [{ sensor: 'a [2J', good: false, over: false }])
    assert.deepEqual([odd?.shed, odd?.disks], [[], []])
    assert.equal(parseStatus('{"version":2}'), undefined)
    assert.equal(parseTest('{"version":1}'), undefined)
  })
})
