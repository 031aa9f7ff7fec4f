// What became of a backup job: the newest backup of each guest, when it was due, and the last runs.
import assert from 'node:assert/strict'
import { readBackups } from '../../src/resources/backup-sight.ts'
import { nextEvent } from '../../src/site/calendar-event.ts'
import type { Backup } from '../../src/site/site.ts'
import { storage, vm } from '../site/site-builder.ts'
import { fakeCluster, notFound } from './fake-cluster.ts'

const NOW = Date.parse('2026-03-14T12:00:00Z') / 1000
const JOB: Backup = {
  name: 'night',
  id: 'orion-test-night',
  schedule: '02:30',
  storage: 'nas',
  mode: 'snapshot',
  compress: 'zstd',
  guests: [],
}
const GUESTS = [vm('a', 100), vm('b', 101, {}, { node: 'pve2' })]

function analyze({ schedule, starttime, iterations }: Record<string, unknown>): object[] {
  const rows: { timestamp: number }[] = []
  for (
    let at = nextEvent(String(schedule), Number(starttime));
    at !== undefined;
    at = nextEvent(String(schedule), at)
  ) {
    if (rows.length === iterations) break
    rows.push({ timestamp: at })
  }
  return rows
}

const content = (node: string) => `GET /nodes/${node}/storage/nas/content`
const clusterOf = (answers: Readonly<Record<string, unknown>> = {}) =>
  fakeCluster({
    'GET /cluster/backup': [{ id: JOB.id, 'next-run': NOW + 60 }],
    'GET /cluster/jobs/schedule-analyze': analyze,
    [content('pve')]: [],
    [content('pve2')]: [],
    'GET /nodes/pve/tasks': [],
    'GET /nodes/pve2/tasks': [],
    ...answers,
  })
const read = (cluster: ReturnType<typeof fakeCluster>, schedule = JOB.schedule, shared = false) =>
  readBackups(
    { job: { ...JOB, schedule }, guests: GUESTS, storage: storage('nas', { shared }), now: NOW },
    cluster.outside,
  )

describe('resources/backup-sight', () => {
  for (const [schedule, due] of [
    ['02:30', '2026-03-14T02:30:00Z'],
    ['07:00', '2026-03-13T07:00:00Z'],
    ['*/15', '2026-03-14T06:00:00Z'],
    ['minutely', '2026-03-14T06:00:00Z'],
    ['mon 02:30', '2026-03-09T02:30:00Z'],
    ['monthly', '2026-03-01T00:00:00Z'],
    ['yearly', '2026-01-01T00:00:00Z'],
    ['2027-1-1', undefined],
  ] as const)
    it(`${schedule} was last due, and had six hours since, at ${due}`, async () => {
      assert.equal((await read(clusterOf(), schedule)).due, due === undefined ? undefined : Date.parse(due) / 1000)
    })

  it('tells the newest backup of each guest, on whatever node it lies', async () => {
    const rows = [{ vmid: 100, ctime: 5 }, { vmid: '100', ctime: '7' }, { vmid: 999, ctime: 9 }, { volid: 'x' }]
    const { guests, next, failed } = await read(clusterOf({ [content('pve2')]: rows }))
    assert.deepEqual(guests, [{ name: 'a', newest: 7 }, { name: 'b' }])
    assert.deepEqual([next, failed], [NOW + 60, []])
  })

  it('asks one node about a shared storage, and takes one that is not there as empty', async () => {
    const missing = () => {
      throw notFound('storage')
    }
    const cluster = clusterOf({ [content('pve')]: missing })
    assert.deepEqual((await read(cluster, '02:30', true)).guests, [{ name: 'a' }, { name: 'b' }])
    assert.equal(cluster.calls.filter((call) => call.includes('content')).length, 1)
  })

  it('names the nodes whose last run failed', async () => {
    const failed = (status: string) => [{ status, endtime: 7, starttime: 3 }]
    const answers = { 'GET /nodes/pve/tasks': failed('job errors'), 'GET /nodes/pve2/tasks': failed('WARNINGS: 1') }
    assert.deepEqual((await read(clusterOf(answers))).failed, [{ node: 'pve', text: 'job errors', ended: 7 }])
  })
})
