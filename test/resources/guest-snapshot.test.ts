// The snapshot before a change: where it can be, once in a run, ours alone; and what becomes of the change where it cannot.
import assert from 'node:assert/strict'
import type { Precaution } from '../../src/resource.ts'
import { isOwnSnapshot, nameAt, snapshotFirst } from '../../src/resources/guest-snapshot.ts'
import type { GuestState } from '../../src/resources/guest-state.ts'
import type { Guest } from '../../src/site/site.ts'
import { fakeCluster } from './fake-cluster.ts'
import { applyAll, type LabSite, planAll } from './lab-site.ts'
import { ended, guestIn, guestsOf, inLab, namesIn, openBuilt, snapshotSite } from './snapshot-site.ts'

const SITE = snapshotSite()

describe('resources/guest-snapshot', function () {
  this.timeout(30_000)
  let lab: LabSite
  beforeEach(async () => {
    lab = await openBuilt(SITE)
  })
  afterEach(() => lab.close())
  const precautions = async (change: Partial<Guest>, names?: string[]) =>
    (await planAll(guestsOf(SITE, change, names), lab.outside)).steps.map(({ precaution }) => precaution)

  it('is in the plan, with why there is none', async () => {
    assert.deepEqual(await precautions({ memoryMib: 4096 }), [
      'snapshot first',
      'no snapshot: not every disk of it can have one (scsi0 on files)',
    ])
    assert.deepEqual(await precautions({ diskGib: 12 }, ['web']), ['snapshot first'])
  })

  it('is not for a guest that is only started, or comes into a pool', async () => {
    assert.deepEqual(await precautions({ started: true, pool: 'prod' }), [undefined, undefined])
    assert.deepEqual(
      lab.requests.filter((request) => request.includes('feature')),
      [],
    )
  })

  for (const [what, site] of [
    ['no guest', snapshotSite({}, { snapshots: { keep: 0 } })],
    ['this guest', snapshotSite({ snapshot: false })],
  ] as const)
    it(`is not made where the site file wants one of ${what}`, async () => {
      const { steps } = await planAll(guestsOf(site, { memoryMib: 4096 }), lab.outside)
      assert.deepEqual(
        steps.map(({ verb, precaution }) => [verb, precaution]),
        [
          ['update', undefined],
          ['update', undefined],
        ],
      )
    })

  it('comes before the change, says whose it is, and the change goes through', async () => {
    const report = await applyAll(guestsOf(SITE, { memoryMib: 4096, diskGib: 12 }), lab.outside)
    assert.equal(report.counts.done, 2, JSON.stringify(report.steps))
    const all = (await inLab(lab).snapshot.$get()) as { name: string; description?: string }[]
    const [one] = all.filter(({ name }) => name !== 'current')
    assert.ok(one && isOwnSnapshot(SITE, one), JSON.stringify(all))
    assert.match(one.description ?? '', /^orion: test\nbefore a change, run \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const kept = (await inLab(lab).snapshot.$(one.name).config.$get()) as { memory?: unknown; scsi0?: string }
    assert.equal(String(kept.memory), '1024')
    assert.match(kept.scsi0 ?? '', /size=10G/)
    assert.deepEqual(await namesIn(lab, 101), [])
    assert.deepEqual(report.steps[0]?.notes, [`web: snapshot ${one.name}`])
    const writes = lab.requests.filter((request) => /^(POST|PUT).*qemu\/100/.test(request))
    assert.match(writes[0] ?? '', /POST .*snapshot$/)
  })

  it('is one, however many steps of a run change the guest', async () => {
    const first = guestsOf(SITE, { memoryMib: 4096 }, ['web'])
    const more = guestsOf(SITE, { memoryMib: 4096, cores: 2 }, ['web']).map((one) => ({
      ...one,
      id: 'again:pve/100' as const,
      needs: ['vm:pve/100'] as const,
    }))
    const report = await applyAll([...first, ...more], lab.outside)
    assert.equal(report.counts.done, 2, JSON.stringify(report.steps))
    assert.equal((await namesIn(lab)).length, 1)
  })

  it('that fails stops the change, and says how to do without', async () => {
    for (const faults of Object.values(lab.lab.faults))
      faults.add({ match: { task: '^qmsnapshot:100$' }, action: { failTask: 'no space left' } })
    const report = await applyAll(guestsOf(SITE, { memoryMib: 4096 }, ['web']), lab.outside)
    const [step] = report.steps
    assert.equal(step?.error?.code, 'E_TASK')
    assert.match(
      step?.error?.message ?? '',
      /^web is not changed, because no snapshot of it could be made: .*no space left/s,
    )
    assert.ok(step?.error?.suggestions.some((text) => text.includes('guests.web.snapshot: false')))
    const { memory } = (await inLab(lab).config.$get()) as { memory?: unknown }
    assert.equal(String(memory), '1024')
    assert.deepEqual(await namesIn(lab), [])
  })

  it('whose answer was lost is not made twice', async () => {
    for (const faults of Object.values(lab.lab.faults))
      faults.add({ match: { method: 'POST', template: 'snapshot$' }, action: 'drop-after' })
    const report = await applyAll(guestsOf(SITE, { memoryMib: 4096 }, ['web']), lab.outside)
    assert.equal(report.counts.done, 1, JSON.stringify(report.steps))
    assert.equal((await namesIn(lab)).length, 1)
  })

  it('is ours by name and by what it says, not by one of them', () => {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['orion-20260314-022653', 'orion: test\nbefore', true],
      ['orion-20260314-022653', ' orion: test ', true],
      ['orion-20260314-022653', '', false],
      ['orion-20260314-022653', 'orion: test2', false],
      ['orion-20260314-022653', 'mine\norion: test', false],
      ['orion-before', 'orion: test', false],
      ['backup', 'orion: test', false],
    ]
    for (const [name, description, own] of rows)
      assert.equal(isOwnSnapshot({ name: 'test' }, { name, description }), own, `${name} ${description}`)
    assert.equal(nameAt(new Date('2026-03-14T02:26:53.589Z')), 'orion-20260314-022653')
  })

  it('is not made of a guest that this run makes, nor of one that is suspended to disk', async () => {
    const guest = guestIn(SITE)
    const state = (lock?: string): GuestState => ({
      node: 'pve',
      running: false,
      settings: new Map(lock === undefined ? [] : [['lock', { active: lock }]]),
    })
    const { outside } = fakeCluster({ 'GET /nodes/pve/qemu/100/feature': { hasFeature: 1 } })
    type Have = { readonly state?: GuestState }
    const make = (): Precaution<Have> | undefined =>
      snapshotFirst<Have>({ site: SITE, guest, diff: () => [{ field: 'cores' }], stateOf: (have) => have.state })
    assert.equal(await make()?.plan(outside, { state: state() }), 'snapshot first')
    assert.equal(await make()?.plan(outside, { state: state('suspended') }), 'no snapshot: it is suspended to disk')
    const fresh = make()
    assert.equal(await fresh?.plan(outside, {}), undefined)
    assert.equal(await fresh?.plan(outside, { state: state() }), undefined)
  })

  it('is made of a protected guest and of a running one, too', async () => {
    await inLab(lab).config.$put({ protection: true })
    await ended(lab, inLab(lab).status.start.$post())
    const report = await applyAll(guestsOf(SITE, { cores: 2, protection: true }, ['web']), lab.outside)
    assert.equal(report.counts.done, 1, JSON.stringify(report.steps))
    assert.equal((await namesIn(lab)).length, 1)
    assert.equal((await inLab(lab).status.current.$get()).status, 'running')
  })

  it('waits until nobody holds a lock on the guest', async () => {
    let looks = 0
    const pending = () => {
      looks += 1
      return looks < 2 ? [{ key: 'lock', value: 'backup' }] : []
    }
    const cluster = fakeCluster({
      'GET /nodes/pve/qemu/100/feature': { hasFeature: 1 },
      'GET /nodes/pve/qemu/100/pending': pending,
      'GET /nodes/pve/qemu/100/snapshot': [{ name: 'current' }],
    })
    const settings = new Map([['lock', { active: 'backup' }]])
    const state: GuestState = { node: 'pve', running: false, settings }
    const change = { site: SITE, guest: guestIn(SITE), diff: () => [{ field: 'cores' }], stateOf: () => state }
    await snapshotFirst<GuestState>(change)?.take(cluster.outside, state, cluster.note)
    assert.equal(looks, 2)
    assert.match(
      cluster.writes().join(),
      /^POST \/nodes\/pve\/qemu\/100\/snapshot snapname=orion-\d{8}-\d{6} description=orion: test\n/,
    )
  })
})
