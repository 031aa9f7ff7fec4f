// Backups, replication and snapshots: from the text to the model, and what is wrong, at its place.
import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const NODES = 'nodes: { n1: { address: 10.0.0.2 }, n2: { address: 10.0.0.3 } }'
const STORAGE =
  'storage: { tank: { type: zfspool, pool: t, content: [images, rootdir] }, nas: { type: nfs, server: 10.0.0.9, export: /b, content: [backup] } }'
const DEFAULTS = 'defaults: { guest: { storage: tank, memory: 1G, disk: 8G, node: n1 } }'
const text = (guests: string, rest = '') =>
  siteText({ nodes: NODES, storage: STORAGE, images: '', defaults: DEFAULTS, guests: `guests: ${guests}`, rest })

describe('shape/backup', () => {
  it('reads a job with everything, and one with nothing but what it needs', async () => {
    const jobs =
      'backup: { night: { schedule: "mon..fri 22:30", storage: nas, mode: stop, compress: none, keep: { daily: 7, last: 3 }, guests: [w, x], bandwidth: 50M }, all: { schedule: daily, storage: local } }'
    const { backup } = await parse(text('{ w: { id: 101-102 }, x: { id: 103 } }', jobs))
    assert.deepEqual(backup, [
      {
        name: 'night',
        id: 'orion-test-night',
        schedule: 'mon..fri 22:30',
        storage: 'nas',
        mode: 'stop',
        compress: 'none',
        keep: { daily: 7, last: 3 },
        guests: ['w-1', 'w-2', 'x'],
        bandwidthKib: 51_200,
      },
      {
        name: 'all',
        id: 'orion-test-all',
        schedule: 'daily',
        storage: 'local',
        mode: 'snapshot',
        compress: 'zstd',
        guests: ['w-1', 'w-2', 'x'],
      },
    ])
  })

  it('reads replication as a node, with its options, and as a list; from the defaults, too', async () => {
    const { guests } = await parse(
      text(
        '{ a: { id: 101, replicate: n2 }, b: { id: 102, replicate: [{ to: n2, schedule: "*/5", rate: 10 }] }, c: { id: 103 } }',
      ),
    )
    assert.deepEqual(
      guests.map(({ replicate }) => replicate),
      [[{ to: 'n2', schedule: '*/15' }], [{ to: 'n2', schedule: '*/5', rate: 10 }], []],
    )
  })

  it('keeps two snapshots, and takes one of every guest, unless it says otherwise', async () => {
    const plain = await parse(text('{ a: { id: 101 }, b: { id: 102, snapshot: false } }'))
    assert.deepEqual(plain.snapshots, { keep: 2 })
    assert.deepEqual(
      plain.guests.map(({ snapshot }) => snapshot),
      [true, false],
    )
    assert.deepEqual((await parse(text('{}', 'snapshots: { keep: 0 }'))).snapshots, { keep: 0 })
    assert.deepEqual((await parse(text('{}', 'snapshots: {}'))).snapshots, { keep: 2 })
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    [
      'a schedule',
      'backup: { a: { schedule: evry day, storage: nas } }',
      'backup.a.schedule: "evry day" is not a schedule',
    ],
    [
      'a storage',
      'backup: { a: { schedule: daily, storage: nsa } }',
      'backup.a.storage: no storage is called "nsa" (did you mean "nas"?)',
    ],
    [
      'a guest',
      'backup: { a: { schedule: daily, storage: nas, guests: [wbe] } }',
      'backup.a.guests.0: no guest is called "wbe"',
    ],
    [
      'a mode',
      'backup: { a: { schedule: daily, storage: nas, mode: freeze } }',
      'backup.a.mode: must be one of snapshot, suspend, stop',
    ],
    [
      'what keeps nothing',
      'backup: { a: { schedule: daily, storage: nas, keep: {} } }',
      'backup.a.keep: keeps nothing',
    ],
    ['a name', 'backup: { a_b: { schedule: daily, storage: nas } }', 'backup.a_b: '],
    [
      'a key',
      'backup: { a: { shedule: daily, storage: nas } }',
      'backup.a.shedule: unknown key "shedule" (did you mean "schedule"?)',
    ],
    ['so many snapshots', 'snapshots: { keep: 21 }', 'snapshots.keep: must be at most 20'],
  ]
  for (const [what, rest, finding] of wrong)
    it(`refuses ${what} that cannot be`, async () => {
      const findings = await findingsOf(text('{ web: { id: 101 } }', rest))
      assert.ok(String(findings).includes(finding), String(findings))
    })

  it('refuses a node that is not there', async () => {
    const findings = await findingsOf(text('{ web: { id: 101, replicate: n3 } }'))
    assert.ok(String(findings).includes('guests.web.replicate.0.to: no node is called "n3"'), String(findings))
  })
})
