// Backups and copies in the lab: built with exactly the rights of the role, a second run changes nothing, and proved.
import assert from 'node:assert/strict'
import { runProbes } from '../../src/engine/verify.ts'
import { access } from '../../src/parts/access.ts'
import { backup } from '../../src/parts/backup.ts'
import { storage as storagePart } from '../../src/parts/storage.ts'
import { privilegesFor } from '../../src/resources/privileges.ts'
import type { Backup, Site } from '../../src/site/site.ts'
import { applyAll, changes, openLabSite, planAll } from '../resources/lab-site.ts'
import { guestsOf, snapshotSite } from '../resources/snapshot-site.ts'
import { cluster, node, site, storage, vm } from '../site/site-builder.ts'

const WISHES = { restart: false }
const JOB: Backup = {
  name: 'night',
  id: 'orion-test-night',
  schedule: '02:30',
  storage: 'files',
  mode: 'snapshot',
  compress: 'zstd',
  keep: { daily: 7 },
  guests: ['web', 'raw'],
}
const SITE: Site = (() => {
  const plain = snapshotSite({}, { backup: [JOB] })
  const replicate = [{ to: 'pve2', schedule: '*/15' }]
  return { ...plain, guests: plain.guests.map((guest) => (guest.name === 'web' ? { ...guest, replicate } : guest)) }
})()

const resourcesOf = (of: Site) => [
  ...storagePart.resources(of, WISHES),
  ...guestsOf(of),
  ...backup.resources(of, WISHES),
]

describe('parts/backup', function () {
  this.timeout(60_000)

  for (const major of [9, 8])
    it(`is built and proved on ${major} with the rights of the role, and with none less`, async () => {
      const lab = await openLabSite(SITE, String(major))
      try {
        await applyAll(access.resources(SITE, WISHES), lab.outside)
        const own = lab.asOwnToken()
        const report = await applyAll(resourcesOf(SITE), own)
        assert.deepEqual(
          report.steps.flatMap(({ error }) => error ?? []),
          [],
        )
        assert.deepEqual(changes(await planAll(resourcesOf(SITE), own)), [])
        own.forget()
        const proof = await runProbes(backup.probes(SITE), own, { site: 'test', concurrency: 4 })
        const red = proof.probes.filter(({ state }) => state !== 'ok').map(({ id, seen }) => `${id} ${seen}`)
        assert.deepEqual(red, ['backup-fresh:test/night last backups: web never, raw never'])
        const { api } = lab.outside.pve.cluster('pve')
        for (const one of [...(major >= 9 ? ['VM.Replicate'] : []), 'Sys.Modify', 'Sys.Audit', 'Datastore.Allocate']) {
          const privs = privilegesFor(SITE, major).filter((other) => other !== one)
          await api.access.roles.$('Orion').$put({ privs: privs.join(',') })
          const anew = {
            ...SITE,
            backup: [{ ...JOB, name: one.toLowerCase(), id: one.replace('.', '-') }],
            guests: SITE.guests.map(later),
          }
          const { steps } = await planAll(backup.resources(anew, WISHES), own)
          const refused = steps.some(({ problem }) => problem)
            ? steps
            : (await applyAll(backup.resources(anew, WISHES), own)).steps.filter(({ error }) => error)
          assert.ok(refused.length > 0, one)
        }
      } finally {
        await lab.close()
      }
    })

  it('what goes from the site file is told, and stays', async () => {
    const lab = await openLabSite(SITE)
    try {
      await applyAll(resourcesOf(SITE), lab.outside)
      const less = { ...SITE, backup: [], guests: SITE.guests.map((guest) => ({ ...guest, replicate: [] })) }
      assert.deepEqual(backup.resources(less, WISHES), [])
      lab.outside.forget()
      const { probes } = await runProbes(backup.probes(less), lab.outside, { site: 'test', concurrency: 4 })
      assert.deepEqual(
        probes.map(({ id, state, seen }) => [id, state, seen]),
        [['no-left-jobs:test', 'warning', 'backup job orion-test-night, replication 100-0']],
      )
    } finally {
      await lab.close()
    }
  })

  it('a job stands in every cluster that has guests of it, with those alone', () => {
    const two = site({
      clusters: [cluster('test'), cluster('far'), cluster('empty')],
      nodes: [node('pve'), node('away', { cluster: 'far' }), node('idle', { cluster: 'empty' })],
      storage: [storage('files', { type: 'dir', content: ['backup'] })],
      guests: [vm('web', 100), vm('raw', 101, {}, { node: 'away' }), vm('more', 102)],
      backup: [JOB],
    })
    const shown = backup.resources(two, WISHES).map((resource) => {
      const vmid = resource.diff(undefined).find(({ field }) => field === 'vmid')
      return [resource.id, vmid?.want, ...resource.needs]
    })
    assert.deepEqual(shown, [
      ['backup-job:test/night', '100', 'storage:test/files'],
      ['backup-job:far/night', '101', 'storage:far/files'],
    ])
    assert.equal(backup.probes(two).length, 2 * 2 + 3)
  })
})

/** The same with copies at another time. */
function later(guest: Site['guests'][number]): Site['guests'][number] {
  return { ...guest, replicate: guest.replicate.map((one) => ({ ...one, schedule: 'daily' })) }
}
