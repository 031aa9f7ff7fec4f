// Backup jobs: want and have as rows, and whose they are.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { backupJob } from '../../src/resources/backup-job.ts'
import { listLeftJobs } from '../../src/resources/left-jobs.ts'
import type { Backup } from '../../src/site/site.ts'
import { site, storage, vm } from '../site/site-builder.ts'
import { fakeCluster } from './fake-cluster.ts'

const JOB: Backup = {
  name: 'night',
  id: 'orion-test-night',
  schedule: '02:30',
  storage: 'nas',
  mode: 'snapshot',
  compress: 'zstd',
  keep: { daily: 7, last: 3 },
  guests: ['b', 'a'],
  bandwidthKib: 51_200,
}
const GUESTS = [vm('b', 1001), vm('a', 200)]
const SITE = site({
  guests: GUESTS,
  storage: [storage('nas', { type: 'dir', content: ['backup'] }), storage('pbs', { type: 'pbs', content: ['backup'] })],
  backup: [JOB],
})
/** As Proxmox VE tells it. */
const HAVE = {
  id: 'orion-test-night',
  type: 'vzdump',
  enabled: 1,
  schedule: '02:30',
  storage: 'nas',
  compress: 'zstd',
  vmid: '200,1001',
  'prune-backups': { 'keep-last': '3', 'keep-daily': '7' },
  bwlimit: 51_200,
  comment: 'orion: test',
  'next-run': 1_800_000_000,
}

const resourceOf = (change: Partial<Backup> = {}) =>
  backupJob(SITE, { ...JOB, ...change }, { cluster: 'test', node: 'pve', guests: GUESTS, needs: [] })

interface Row {
  readonly title: string
  readonly want?: Partial<Backup>
  readonly have?: object
  readonly differences: readonly string[]
  readonly call?: string
}

const { keep: _, ...KEEPLESS } = JOB
const ROWS: readonly Row[] = [
  { title: 'as wanted', differences: [] },
  {
    title: 'what is kept as one text, in another order',
    have: { 'prune-backups': 'keep-last=3,keep-daily=7' },
    differences: [],
  },
  { title: 'guests in another order', have: { vmid: '1001 200' }, differences: [] },
  {
    title: 'another time and mode',
    want: { schedule: 'daily', mode: 'stop' },
    differences: ['schedule 02:30→daily', 'mode snapshot→stop'],
    call: 'schedule=daily mode=stop',
  },
  { title: 'a guest too few', have: { vmid: '200' }, differences: ['vmid 200→200,1001'], call: 'vmid=200,1001' },
  { title: 'all guests', have: { vmid: undefined, all: 1 }, differences: ['vmid all→200,1001'], call: 'vmid=200,1001' },
  { title: 'a pool', have: { vmid: undefined, pool: 'p' }, differences: ['vmid pool p→200,1001'] },
  { title: 'switched off', have: { enabled: 0 }, differences: ['enabled 0→1'], call: 'enabled=1' },
  { title: 'on one node only', have: { node: 'pve' }, differences: ['node pve→-'], call: 'delete=node' },
  {
    title: 'other numbers that stay',
    have: { 'prune-backups': { 'keep-all': '1' } },
    differences: ['prune-backups keep-all=1→keep-daily=7,keep-last=3'],
    call: 'prune-backups=keep-daily=7,keep-last=3',
  },
  {
    title: 'a backup server compresses by itself',
    want: { storage: 'pbs' },
    have: { storage: 'pbs', compress: '0' },
    differences: [],
  },
  { title: 'nothing to compress', want: { compress: 'none' }, have: { compress: undefined }, differences: [] },
  {
    title: 'a limit of nothing is none',
    have: { bwlimit: 0 },
    differences: ['bwlimit -→51200'],
    call: 'bwlimit=51200',
  },
]

describe('resources/backup-job', () => {
  for (const { title, want, have, differences, call } of ROWS)
    it(title, async () => {
      const cluster = fakeCluster({ 'GET /cluster/backup': [{ ...HAVE, ...have }] })
      const resource = resourceOf(want)
      const seen = await resource.observe(cluster.outside)
      assert.ok(seen)
      const shown = resource.diff(seen).map((one) => `${one.field} ${one.have ?? '-'}→${one.want ?? '-'}`)
      assert.deepEqual(shown, differences)
      if (call === undefined) return
      await resource.update(cluster.outside, seen, cluster.note)
      assert.deepEqual(cluster.writes(), [`PUT /cluster/backup/orion-test-night ${call}`])
    })

  it('without what it keeps, the storage says so', async () => {
    const resource = backupJob(SITE, KEEPLESS, { cluster: 'test', node: 'pve', guests: GUESTS, needs: [] })
    const [one, ...more] = resource.diff(HAVE)
    assert.deepEqual([one?.field, one?.want, more.length], ['prune-backups', undefined, 0])
  })

  it('is made with its mark, and goes', async () => {
    const cluster = fakeCluster({ 'GET /cluster/backup': [] })
    const resource = resourceOf()
    assert.equal(await resource.observe(cluster.outside), undefined)
    assert.ok(resource.diff(undefined).length > 5)
    await resource.create(cluster.outside, cluster.note)
    await resource.remove(cluster.outside, HAVE, cluster.note)
    assert.deepEqual(cluster.writes(), [
      'POST /cluster/backup schedule=02:30 storage=nas mode=snapshot compress=zstd vmid=200,1001 prune-backups=keep-daily=7,keep-last=3 bwlimit=51200 enabled=1 id=orion-test-night comment=orion: test',
      'DELETE /cluster/backup/orion-test-night',
    ])
  })

  for (const comment of ['', 'mine', 'orion: test2', 'orion: test and more'])
    it(`is not touched with the comment ${JSON.stringify(comment)}`, async () => {
      const cluster = fakeCluster({ 'GET /cluster/backup': [{ ...HAVE, comment }] })
      await assert.rejects(resourceOf().observe(cluster.outside), { code: 'E_FOREIGN' })
    })

  it('that stands no longer in the site file is found, and only ours', async () => {
    const rows = [HAVE, { ...HAVE, id: 'orion-test-old' }, { ...HAVE, id: 'orion-other', comment: 'orion: other' }]
    const cluster = fakeCluster({ 'GET /cluster/backup': rows, 'GET /cluster/replication': [] })
    const { jobs: left } = await listLeftJobs(SITE, 'pve', cluster.outside)
    assert.deepEqual(
      left.map(({ kind, id }) => `${kind} ${id}`),
      ['backup job orion-test-old'],
    )
  })

  it('of a cluster that has no guests of it any more is left over there', async () => {
    const cluster = fakeCluster({ 'GET /cluster/backup': [HAVE], 'GET /cluster/replication': [] })
    const { jobs } = await listLeftJobs({ ...SITE, guests: [] }, 'pve', cluster.outside)
    assert.deepEqual(
      jobs.map(({ id }) => id),
      ['orion-test-night'],
    )
  })

  it('that cannot be seen for want of a right is said; where the site file has one, it is an error', async () => {
    const denied = () => {
      throw new OrionError('denied', { code: 'E_PVE_DENIED' })
    }
    const { outside } = fakeCluster({ 'GET /cluster/backup': denied, 'GET /cluster/replication': [] })
    assert.deepEqual(await listLeftJobs({ ...SITE, backup: [] }, 'pve', outside), { jobs: [], unseen: true })
    outside.forget()
    await assert.rejects(listLeftJobs(SITE, 'pve', outside), { code: 'E_PVE_DENIED' })
  })
})
