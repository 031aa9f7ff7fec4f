// GoBGP's log, told in BIRD's words: the hints are for both.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { gobgpErrors } from '../../../src/parts/bgp/gobgp-errors.ts'

const read = (stdout: string) =>
  gobgpErrors({ files: new Map(), commands: new Map([['gobgp-log', { code: 0, stdout, stderr: '' }]]) })
const line = (rest: object) => JSON.stringify({ Key: '2620:fe::1', Topic: 'Peer', level: 'warning', ...rest })

const ROWS: readonly [log: readonly object[], error: string | undefined][] = [
  [[{ msg: 'received notification', Code: 6, Subcode: 2 }], 'Received: Administrative shutdown'],
  [[{ msg: 'received notification', Code: 4, Subcode: 0 }], 'Received: Hold timer expired'],
  [[{ msg: 'received notification', Code: 2, Subcode: 11 }], 'Received: Role mismatch'],
  [[{ msg: 'received notification', Code: 9, Subcode: 9 }], 'Received: Error 9.9'],
  [[{ msg: 'sent notification', Data: 'as number mismatch expected 1, received 2' }], 'BGP Error: Bad peer AS'],
  [[{ msg: 'sent notification', Data: null, Code: 6, Subcode: 1 }], 'BGP Error: Maximum number of prefixes reached'],
  [[{ msg: 'Peer Down', Reason: 'hold-timer-expired' }], 'BGP Error: Hold timer expired'],
  [[{ msg: 'Peer Down', Reason: 'read-failed' }], 'Socket: Connection closed'],
  [
    [{ msg: 'Peer Down', Reason: 'notification-received code 6(cease) subcode 3(peer deconfigured)' }],
    'Received: Peer de-configured',
  ],
  // It says nothing of its own.
  [
    [
      { msg: 'received notification', Code: 6, Subcode: 4 },
      { msg: 'Peer Down', Reason: 'graceful-restart' },
    ],
    'Received: Administrative reset',
  ],
  [[{ msg: 'Peer Up' }], undefined],
  [[], undefined],
]

describe('gobgpErrors', () => {
  for (const [log, error] of ROWS)
    it(`${JSON.stringify(log.at(-1))}: ${error}`, () =>
      assert.equal(read(log.map(line).join('\n')).get('2620:fe::1'), error))

  it('keeps the last of each neighbor, and reads any text', () => {
    const other = line({ Key: '198.18.7.1', msg: 'Peer Down', Reason: 'write-failed' })
    const both = read([line({ msg: 'received notification', Code: 6, Subcode: 5 }), other, 'Killed'].join('\n'))
    assert.deepEqual([...both.values()], ['Received: Connection rejected', 'Socket: Connection closed'])
    fc.assert(fc.property(fc.string(), (text) => void read(text)))
    fc.assert(fc.property(fc.json(), (text) => void read(text)))
  })
})
