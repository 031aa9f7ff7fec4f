// Going back: to the newest of ours or a named one, with what is in the way, and never to what is not ours.
import assert from 'node:assert/strict'
import { guestRollback } from '../../src/resources/guest-rollback.ts'
import { readGuest } from '../../src/resources/guest-state.ts'
import { dropBeforeMove, oldSnapshots } from '../../src/resources/old-snapshots.ts'
import { applyAll, changes, type LabSite, planAll } from './lab-site.ts'
import { ended, guestIn, inLab, namesIn, openBuilt, snapshotSite, takeIn } from './snapshot-site.ts'

const SITE = snapshotSite()
const [OLD, NEW, NEWEST] = ['orion-20260101-000000', 'orion-20260102-000000', 'orion-20260103-000000'] as const

describe('resources/guest-rollback and old-snapshots', function () {
  this.timeout(30_000)
  let lab: LabSite
  beforeEach(async () => {
    lab = await openBuilt(SITE)
  })
  afterEach(() => lab.close())
  const back = (snapshot?: string) => [guestRollback(SITE, guestIn(SITE), snapshot)]
  const memory = async () => String(((await inLab(lab).config.$get()) as { memory?: unknown }).memory)
  const status = async () => (await inLab(lab).status.current.$get()).status
  const problem = async (snapshot?: string) => {
    const [step] = (await planAll(back(snapshot), lab.outside)).steps
    return [step?.problem?.code, step?.problem?.message, ...(step?.problem?.suggestions ?? [])].join(' | ')
  }

  it('to the newest, once; the guest is what it was', async () => {
    await takeIn(lab, OLD)
    await takeIn(lab, NEW)
    await inLab(lab).config.$put({ memory: '4096' })
    const resources = back()
    assert.deepEqual(changes(await planAll(resources, lab.outside)), [
      `update rollback:pve/100 state stopped→as of ${NEW}`,
    ])
    const report = await applyAll(resources, lab.outside)
    assert.equal(report.counts.done, 1, JSON.stringify(report.steps))
    assert.equal(await memory(), '1024')
    assert.equal(await status(), 'stopped')
    assert.deepEqual(await namesIn(lab), [OLD, NEW])
  })

  it('starts a guest again that ran, and says that it is stopped', async () => {
    await ended(lab, inLab(lab).status.start.$post())
    await takeIn(lab, OLD)
    const resources = back()
    const [step] = (await planAll(resources, lab.outside)).steps
    assert.deepEqual(step?.differences, [
      { field: 'state', have: 'running', want: `as of ${OLD}, started again`, disrupts: 'web' },
    ])
    await applyAll(resources, lab.outside)
    assert.equal(await status(), 'running')
  })

  it('to an older one on ZFS takes ours that are newer away first, the newest first', async () => {
    for (const name of [OLD, NEW, NEWEST]) await takeIn(lab, name)
    const resources = back(OLD)
    assert.deepEqual(changes(await planAll(resources, lab.outside)), [
      `update rollback:pve/100 state stopped→as of ${OLD}, ${NEWEST} newer→removed, ${NEW} newer→removed`,
    ])
    const report = await applyAll(resources, lab.outside)
    assert.equal(report.counts.done, 1, JSON.stringify(report.steps))
    assert.deepEqual(await namesIn(lab), [OLD])
  })

  it('never takes away what is not ours', async () => {
    await takeIn(lab, OLD)
    await takeIn(lab, 'mine', 'by hand')
    assert.match(await problem(), /^E_FOREIGN .*mine is newer and not orion's .*qm delsnapshot 100 mine/)
    assert.deepEqual(await namesIn(lab), [OLD, 'mine'])
  })

  it('refuses one that is not ours, one that is not there, and a guest without any', async () => {
    assert.match(await problem(), /^E_USAGE \| web has no snapshot that orion made/)
    await takeIn(lab, 'mine', 'by hand')
    await takeIn(lab, NEW, 'orion: another')
    assert.match(await problem(), /^E_USAGE \| web has no snapshot that orion made/)
    assert.match(await problem('mine'), /^E_FOREIGN .* qm rollback 100 mine/)
    assert.match(await problem(NEW), /^E_FOREIGN/)
    assert.match(await problem('nope'), /^E_USAGE \| web has no snapshot nope/)
  })

  it('refuses a guest that is not there', async () => {
    await ended(lab, inLab(lab).$delete())
    assert.match(await problem(), /^E_USAGE .*web \(100 on pve\) is not there/)
  })

  const old = (keep: number) => [oldSnapshots({ ...SITE, snapshots: { keep } }, guestIn(SITE))]

  it('only the newest of ours stay, the others go the oldest first, and what is not ours stays', async () => {
    await takeIn(lab, OLD)
    await takeIn(lab, 'mine', 'by hand')
    for (const name of [NEW, NEWEST]) await takeIn(lab, name)
    assert.deepEqual(changes(await planAll(old(2), lab.outside)), [`update old-snapshots:pve/100 ${OLD} kept→-`])
    await applyAll(old(1), lab.outside)
    assert.deepEqual(await namesIn(lab), ['mine', NEWEST])
    await applyAll(old(0), lab.outside)
    assert.deepEqual(await namesIn(lab), ['mine'])
    assert.deepEqual(changes(await planAll(old(0), lab.outside)), [])
  })

  it('a guest without snapshots is not asked for them', async () => {
    lab.requests.length = 0
    assert.deepEqual(changes(await planAll(old(1), lab.outside)), [])
    assert.deepEqual(
      lab.requests.filter((request) => request.includes('snapshot')),
      [],
    )
  })

  it('before a VM moves while it runs, ours go', async () => {
    const news: string[] = []
    const doing = {
      outside: lab.outside,
      note: (one: { kind: string; text?: string }) => void (one.text && news.push(one.text)),
    }
    const drop = async () => {
      lab.outside.forget()
      const have = await readGuest(SITE, guestIn(SITE), lab.outside)
      assert.ok(have)
      await dropBeforeMove(SITE, guestIn(SITE), have, doing)
    }
    await takeIn(lab, OLD)
    await takeIn(lab, NEW)
    await drop()
    assert.equal((await namesIn(lab)).length, 2, 'a stopped one takes them along')
    await ended(lab, inLab(lab).status.start.$post())
    await drop()
    assert.deepEqual(await namesIn(lab), [])
    assert.equal(news.length, 1)
  })
})
