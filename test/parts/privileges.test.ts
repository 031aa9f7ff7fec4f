// Every privilege of orion's role is needed: without any single one of them, something fails in the lab.
import assert from 'node:assert/strict'
import { access } from '../../src/parts/access.ts'
import { parts } from '../../src/parts/parts.ts'
import type { Resource } from '../../src/resource.ts'
import { privilegesFor } from '../../src/resources/privileges.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { applyAll, openLabSite, planAll } from '../resources/lab-site.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const WISHES = { restart: false }
const WORK = parts.filter(({ name }) => name !== 'access')
const workOf = (site: Site) => WORK.flatMap((part) => part.resources(site, WISHES))
const FETCH = /^(debian-13|ubuntu-24.04|alpine-ct|debian-13-ct)$/

/** What fails without `without`; undefined = nothing is taken away. */
async function failures(site: Site, major: number, without: string | undefined): Promise<readonly string[]> {
  const lab = await openLabSite(site, String(major), 0)
  try {
    await applyAll(access.resources(site, WISHES), lab.outside)
    const privs = privilegesFor(site, major).filter((one) => one !== without)
    const { api } = lab.outside.pve.cluster(site.nodes[0]?.name ?? '')
    await api.access.roles.$(site.access.role).$put({ privs: privs.join(',') })
    const own = lab.asOwnToken()
    const planned = (await planAll(workOf(site), own)).steps
    const problems = planned.flatMap(({ problem }) => problem ?? [])
    const { steps } = problems.length > 0 ? { steps: [] } : await applyAll(workOf(site), own)
    return [...problems, ...steps.flatMap(({ error }) => error ?? [])].map(({ message }) => message)
  } finally {
    await lab.close()
  }
}

describe('the privileges of the role', function () {
  this.timeout(60_000)
  for (const [name, major] of [
    ['orion', 9],
    ['hive', 8],
  ] as const) {
    it(`${name} on ${major}: each is needed`, async () => {
      const site = await loadSite(`templates/sites/${name}.yaml`, { standInKey: KEY })
      assert.deepEqual(await failures(site, major, undefined), [])
      // What Sys.Audit is for: see below. VM.Snapshot is for changes of what is there: guest-snapshot.test.ts.
      const alone = privilegesFor(site, major).filter((one) => one !== 'Sys.Audit' && one !== 'VM.Snapshot')
      const idle: string[] = []
      for (const one of alone) if ((await failures(site, major, one)).length === 0) idle.push(one)
      assert.deepEqual(idle, [])
    })
  }

  it('Sys.Audit: a download of somebody else is waited for, and not repeated', async () => {
    const site = await loadSite('templates/sites/hive.yaml', { standInKey: KEY })
    const fetched = (resources: readonly Resource[]) => resources.filter(({ title }) => FETCH.test(title))
    const downloads = async (privileges: readonly string[]) => {
      const lab = await openLabSite(site, '9', 1)
      try {
        await applyAll([...access.resources(site, WISHES), ...workOf(site).filter(isStorage)], lab.outside)
        const { api } = lab.outside.pve.cluster('genesis')
        await api.access.roles.$(site.access.role).$put({ privs: privileges.join(',') })
        lab.requests.length = 0
        // Two runs at once on two machines: the administrator's, and orion's own a moment later.
        const first = applyAll(fetched(workOf(site)), lab.outside)
        while (lab.requests.filter(isFetch).length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
        await applyAll(fetched(workOf(site)), lab.asOwnToken())
        await first
        return lab.requests.filter(isFetch).length
      } finally {
        await lab.close()
      }
    }
    const all = privilegesFor(site, 9)
    assert.equal(await downloads(all), 3)
    assert.ok((await downloads(all.filter((one) => one !== 'Sys.Audit').concat('Sys.AccessNetwork'))) > 3)
  })
})

const isStorage = ({ id }: Resource) => id.startsWith('storage:')
const isFetch = (request: string) => /^POST .*(download-url|aplinfo)$/.test(request)
