// Replication: want and have as rows; a guest that has moved; whose it is; what is left over.
import assert from 'node:assert/strict'
import { listLeftJobs } from '../../src/resources/left-jobs.ts'
import { replication } from '../../src/resources/replication.ts'
import { readReplication } from '../../src/resources/replication-sight.ts'
import type { Replication } from '../../src/site/site.ts'
import { node, site, vm } from '../site/site-builder.ts'
import { fakeCluster } from './fake-cluster.ts'

const WANTED: Replication = { to: 'pve2', schedule: '*/5', rate: 10 }
const GUEST = vm('web', 100, {}, { replicate: [WANTED] })
const SITE = site({ nodes: [node('pve'), node('pve2'), node('pve3')], guests: [GUEST] })
const HAVE = {
  id: '100-0',
  type: 'local',
  guest: 100,
  source: 'pve',
  target: 'pve2',
  schedule: '*/5',
  rate: '10.00',
  comment: 'orion: test\n',
}
const resources = [{ id: 'qemu/100', type: 'qemu', node: 'pve', vmid: 100, name: 'web' }]
const clusterOf = (jobs: readonly object[], more: Readonly<Record<string, unknown>> = {}) =>
  fakeCluster({
    'GET /cluster/replication': jobs,
    'GET /cluster/resources': resources,
    'GET /cluster/backup': [],
    ...more,
  })

interface Row {
  readonly title: string
  readonly want?: Replication
  readonly have?: object
  readonly differences: readonly string[]
  readonly call?: string
}

const ROWS: readonly Row[] = [
  { title: 'as wanted', differences: [] },
  { title: 'turned round, after the guest has moved', have: { source: 'pve2', target: 'pve' }, differences: [] },
  {
    title: 'without a schedule it is every 15 minutes',
    want: { to: 'pve2', schedule: '*/15' },
    have: { schedule: undefined, rate: undefined },
    differences: [],
  },
  {
    title: 'another schedule, and no limit',
    want: { to: 'pve2', schedule: 'daily' },
    differences: ['schedule */5→daily', 'rate 10→-'],
    call: 'PUT /cluster/replication/100-0 schedule=daily delete=rate',
  },
  {
    title: 'switched off',
    have: { disable: 1 },
    differences: ['disable 1→-'],
    call: 'PUT /cluster/replication/100-0 schedule=*/5 rate=10 delete=disable',
  },
  { title: 'on its way out', have: { remove_job: 'full' }, differences: ['job being removed→to pve2 !turn'] },
]

describe('resources/replication', () => {
  for (const { title, want = WANTED, have, differences, call } of ROWS)
    it(title, async () => {
      const cluster = clusterOf([
        { ...HAVE, id: '101-0', target: 'pve3' },
        { ...HAVE, ...have },
      ])
      const resource = replication(SITE, GUEST, want)
      const seen = await resource.observe(cluster.outside)
      assert.ok(seen)
      const shown = resource
        .diff(seen)
        .map((one) => `${one.field} ${one.have ?? '-'}→${one.want ?? '-'}${one.waits ? ` !${one.waits}` : ''}`)
      assert.deepEqual(shown, differences)
      if (call === undefined) return
      await resource.update(cluster.outside, seen, cluster.note)
      assert.deepEqual(cluster.writes(), [call])
    })

  it('is made under the first free number, after its guest; from where the guest is', async () => {
    const to3 = { ...HAVE, target: 'pve3' }
    const cluster = clusterOf([to3])
    const resource = replication(SITE, GUEST, WANTED)
    assert.deepEqual(resource.needs, ['vm:pve/100'])
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), [
      'POST /cluster/replication id=100-1 type=local target=pve2 schedule=*/5 comment=orion: test rate=10',
    ])
    const moved = clusterOf([], { 'GET /cluster/resources': [{ ...resources[0], node: 'pve2' }] })
    await replication(SITE, GUEST, WANTED).create(moved.outside, moved.note)
    assert.match(moved.writes()[0] ?? '', /id=100-0 type=local target=pve /)
  })

  it('is not touched where somebody else made it', async () => {
    const cluster = clusterOf([{ ...HAVE, comment: 'mine' }])
    await assert.rejects(replication(SITE, GUEST, WANTED).observe(cluster.outside), { code: 'E_FOREIGN' })
  })

  it('that stands no longer in the site file is found: another target, another guest; not one that is going', async () => {
    const jobs = [
      HAVE,
      { ...HAVE, id: '100-1', target: 'pve3' },
      { ...HAVE, id: '101-0' },
      { ...HAVE, id: '102-0', comment: 'mine' },
      { ...HAVE, id: '103-0', remove_job: 'full' },
    ]
    const { jobs: left } = await listLeftJobs(SITE, 'pve', clusterOf(jobs).outside)
    assert.deepEqual(
      left.map(({ command }) => command),
      ['pvesr delete 100-1', 'pvesr delete 101-0'],
    )
  })

  it('tells how its last run ended, from where the guest is', async () => {
    const row = { ...HAVE, fail_count: '2', error: 'no route', last_sync: 5, next_sync: '9' }
    const cluster = clusterOf([], { 'GET /nodes/pve/replication': [row] })
    const { now: _, ...seen } = (await readReplication(GUEST, WANTED, cluster.outside)) ?? { now: 0 }
    assert.deepEqual(seen, { failures: 2, error: 'no route', lastSync: 5, nextSync: 9 })
    const none = clusterOf([], { 'GET /nodes/pve/replication': [] })
    assert.equal(await readReplication(GUEST, WANTED, none.outside), undefined)
  })
})
