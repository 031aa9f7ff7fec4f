// Connections that break at a write: the run converges by itself, and nothing that had happened is done again.
import assert from 'node:assert/strict'
import { applyPlan } from '../../src/engine/apply.ts'
import { makeRemovalPlan } from '../../src/engine/plan.ts'
import type { Report } from '../../src/engine/report.ts'
import { parts } from '../../src/parts/parts.ts'
import { powerOf } from '../../src/parts/power.ts'
import type { Resource } from '../../src/resource.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { changes, type LabSite, openLabSite, planAll } from '../resources/lab-site.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const WISHES = { restart: false }

/** Every kind of write of a first run, as method and a pattern of the template. */
const MAKING = [
  ['POST', '/access/roles$'],
  ['POST', '/access/users$'],
  ['PUT', '/access/acl$'],
  ['PUT', '/storage/'],
  ['POST', '/pools$'],
  ['POST', 'download-url$'],
  ['POST', 'aplinfo$'],
  ['POST', '/qemu$'],
  ['POST', '/lxc$'],
  ['PUT', '/qemu/.*resize$'],
  ['POST', '/qemu/.*start$'],
  ['POST', '/lxc/.*start$'],
] as const
/** Those of a second one, after somebody changed and stopped things and the site file wants more. */
const CHANGING = [
  ['PUT', '/access/roles/'],
  ['PUT', '/access/users/[^/]*$'],
  ['PUT', '/access/users/.*token'],
  ['PUT', '/qemu/.*config$'],
  ['PUT', '/lxc/.*config$'],
  ['PUT', '/lxc/.*resize$'],
  ['PUT', '/pools$'],
  ['POST', '/qemu/.*start$'],
] as const

async function smallSite(pool: string): Promise<Site> {
  const site = await loadSite('templates/sites/orion.yaml', { standInKey: KEY })
  const guests = site.guests.filter(({ name }) => ['router', 'redis'].includes(name))
  return { ...site, guests: guests.map((guest) => ({ ...guest, pool })) }
}

const resourcesOf = (site: Site) => parts.flatMap((part) => part.resources(site, WISHES))

/** Looks again at once: the harshest moment, as what was sent may still be at work. */
async function run(resources: readonly Resource[], { outside }: LabSite): Promise<Report> {
  const plan = await planAll(resources, outside)
  return applyPlan(plan, resources, outside, { concurrency: 8, perPlace: 4, pause: async () => {} })
}

const failed = ({ steps }: Report) =>
  steps.filter(({ outcome }) => outcome !== 'done' && outcome !== 'kept').map(({ id, error }) => [id, error?.message])
const writes = ({ requests }: LabSite) => requests.filter((request) => !request.startsWith('GET ')).sort()

/** Somebody changed things by hand. */
async function disturb({ outside }: LabSite): Promise<void> {
  const cluster = outside.pve.cluster('r730')
  const { access, nodes } = cluster.api
  await access.roles.$('Orion').$put({ privs: 'Sys.Audit' })
  await access.users.$('orion@pve').$put({ enable: false })
  await access.users.$('orion@pve').token.$('orion').$put({ privsep: true })
  await nodes.$('r730').qemu.$(200).config.$put({ onboot: false })
  await nodes.$('r730').lxc.$(1005).config.$put({ swap: 64 })
  await cluster.task(await nodes.$('r730').qemu.$(200).status.stop.$post(), () => {})
}

for (const pace of [0, 0.3]) {
  for (const action of ['drop-before', 'drop-after'] as const) {
    describe(`writes whose connection is lost (${action}, ${pace === 0 ? 'at once' : 'tasks take time'})`, function () {
      this.timeout(60_000)
      let lab: LabSite
      let calm: LabSite
      let site: Site
      before(async () => {
        site = await smallSite('prod')
        lab = await openLabSite(site, '9', pace)
        calm = await openLabSite(site, '9', 0)
      })
      after(async () => {
        await lab?.close()
        await calm?.close()
      })
      const strike = (kinds: readonly (readonly [string, string])[]) => {
        for (const one of [lab, calm]) one.requests.length = 0
        for (const faults of Object.values(lab.lab.faults)) {
          faults.add(...kinds.map(([method, template]) => ({ match: { method, template }, action })))
        }
      }
      /** Of what was lost before it happened, one more of each; of the rest, what a calm run sends. */
      const check = (kinds: readonly (readonly [string, string])[]) => {
        const [sent, expected] = [writes(lab), writes(calm)]
        if (action === 'drop-after') assert.deepEqual(sent, expected)
        else assert.equal(sent.length, expected.length + kinds.length, sent.join('\n'))
      }

      it('a first run converges', async () => {
        strike(MAKING)
        assert.deepEqual(failed(await run(resourcesOf(site), calm)), [])
        assert.deepEqual(failed(await run(resourcesOf(site), lab)), [])
        assert.deepEqual(changes(await planAll(resourcesOf(site), lab.outside)), [])
        check(MAKING)
      })

      it('a run that changes things converges', async () => {
        const more = await smallSite('later')
        const guests = more.guests.map((guest) => ({ ...guest, diskGib: guest.diskGib + 4 }))
        for (const one of [lab, calm]) await disturb(one)
        strike(CHANGING)
        for (const one of [calm, lab]) assert.deepEqual(failed(await run(resourcesOf({ ...more, guests }), one)), [])
        assert.deepEqual(changes(await planAll(resourcesOf({ ...more, guests }), lab.outside)), [])
        check(CHANGING)
      })

      it('a stop converges, and so does a removal', async () => {
        const kinds = [
          ['POST', '/lxc/.*shutdown$'],
          ['DELETE', '/lxc/'],
        ] as const
        strike(kinds)
        const guest = resourcesOf(site).filter(({ title }) => title === 'redis')
        for (const one of [calm, lab]) {
          assert.deepEqual(failed(await run(powerOf(['redis'], 'stopped').resources(site, WISHES), one)), [])
          const plan = await makeRemovalPlan(guest, one.outside, { site: 'lab', concurrency: 1 })
          const report = await applyPlan(plan, guest, one.outside, { concurrency: 1, pause: async () => {} })
          assert.deepEqual(failed(report), [])
        }
        check(kinds)
      })
    })
  }
}

describe('the token whose secret was lost with the answer', () => {
  it('fails with what to do, is made anew after that, and is a warning of verify until then', async () => {
    // The gateway of its mesh is a guest.
    const { mesh: _mesh, ...small } = await smallSite('prod')
    const site = { ...small, guests: [] }
    const lab = await openLabSite(site, '9', 0)
    const heldState = async () => {
      const probe = parts.flatMap((part) => part.probes(site)).find(({ id }) => id.startsWith('token-held:'))
      return (await probe?.run(lab.outside))?.state
    }
    try {
      for (const faults of Object.values(lab.lab.faults))
        faults.add({ match: { method: 'POST', template: 'token' }, action: 'drop-after' })
      const report = await run(resourcesOf(site), lab)
      assert.deepEqual(
        report.steps.filter(({ outcome }) => outcome === 'failed').map(({ error }) => error?.code),
        ['E_PVE_LOST'],
      )
      assert.equal(await heldState(), 'warning')
      await lab.outside.pve.cluster('r730').api.access.users.$('orion@pve').token.$('orion').$delete()
      assert.deepEqual(failed(await run(resourcesOf(site), lab)), [])
      assert.equal(await heldState(), 'ok')
      assert.deepEqual(changes(await planAll(resourcesOf(site), lab.asOwnToken())), [])
    } finally {
      await lab.close()
    }
  })
})
