// A backup job is proved by the backups that lie on its storage, and by how its last runs ended.
import assert from 'node:assert/strict'
import { backupFresh } from '../../src/probes/backup-fresh.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

type Seen = Awaited<ReturnType<Parameters<typeof backupFresh>[2]>>

const at = (iso: string) => Date.parse(`${iso}Z`) / 1000
const DUE = at('2026-03-14T02:30:00')
const GOOD: Seen = { due: DUE, next: DUE + 86_400, guests: [{ name: 'a', newest: DUE + 60 }], failed: [] }

const ROWS: readonly (readonly [string, Seen, string, RegExp])[] = [
  ['all of them', GOOD, 'ok', /^the oldest is of 2026-03-14T02:31:00Z$/],
  ['not due yet', { guests: [{ name: 'a' }], failed: [] }, 'ok', /^not due yet$/],
  [
    'one too old',
    { ...GOOD, guests: [...GOOD.guests, { name: 'b', newest: DUE - 1 }] },
    'warning',
    /: b 2026-03-14T02:29:59Z$/,
  ],
  ['one never', { ...GOOD, guests: [{ name: 'b' }] }, 'warning', /: b never$/],
  [
    'many never',
    { ...GOOD, guests: [1, 2, 3, 4, 5, 6, 7].map((one) => ({ name: `g${one}` })) },
    'warning',
    /g5 never, and 2 more$/,
  ],
  [
    'a failed run',
    { ...GOOD, failed: [{ node: 'pve', text: 'job errors', ended: DUE }] },
    'warning',
    /^the last run on pve ended with: job errors$/,
  ],
]

describe('probes/backup-fresh', () => {
  for (const [title, seen, state, text] of ROWS)
    it(title, async () => {
      const probe = backupFresh('site', { name: 'night', id: 'orion-test-night' }, async () => seen)
      const result = await probe.run(fakeCluster({}).outside)
      assert.equal(result.state, state)
      assert.match(result.seen, text)
      assert.equal(result.hint !== undefined, state !== 'ok')
    })
})
