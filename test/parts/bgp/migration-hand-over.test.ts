// The hand-over alone (--step hand-over): it does not trust that the steps before it were done, or were done for this site file.
import assert from 'node:assert/strict'
import { handOver } from '../../../src/parts/bgp/migration-hand-over.ts'
import { unapplied, unprepared } from '../../../src/parts/bgp/migration-move.ts'
import { edge, moveTo, prepared } from './migration-host.ts'

describe('parts/bgp/migration-hand-over', () => {
  it('has nothing against files that are as the site file says', () => {
    for (const to of ['gobgp', 'bird'] as const) {
      assert.deepEqual(unapplied(moveTo(to, prepared()), prepared()), [])
      assert.deepEqual(unprepared(moveTo(to, prepared()), prepared()), [])
    }
  })

  it('refuses a password that BIRD cannot read: it would write an empty one', async () => {
    const seen = { ...prepared(), secrets: new Map([['upstream', 'a"b']]) }
    const at = { ...seen, files: new Map([...seen.files, ['/etc/orion/edge', edge]]) }
    await assert.rejects(
      handOver(moveTo('bird', at)),
      /password of session upstream has a character that BIRD cannot read/,
    )
  })

  const ROWS = [
    ['GoBGP of an earlier day', '/etc/gobgp/orion.toml', /orion\.toml is not .*: the step prepare comes first/],
    ['BIRD of an earlier day', '/etc/bird/bird.conf', /bird\.conf is not .*: orion bgp apply comes first/],
  ] as const
  for (const [title, spoilt, says] of ROWS)
    it(`refuses before anything is touched: ${title}`, async () => {
      const seen = prepared((path, text) => (path === spoilt ? `${text}\n# older\n` : text))
      await assert.rejects(handOver(moveTo('gobgp', seen)), says)
    })
})
