// The whole of a real site in the rehearsal lab: made once, then as wanted; also by orion's own token, on both versions.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProbes } from '../../src/engine/verify.ts'
import { OrionError } from '../../src/errors.ts'
import { parts } from '../../src/parts/parts.ts'
import type { Outside } from '../../src/resource.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { applyAll, changes, type LabSite, openLabSite, planAll } from '../resources/lab-site.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const SITES = ['orion 9', 'orion 8', 'hive 9', 'hive 8', 'federation 9'].map((text) => text.split(' '))

const load = (name: string) => loadSite(`templates/sites/${name}.yaml`, { standInKey: KEY })
const resourcesOf = (site: Site, only?: string) =>
  parts
    .filter(({ name }) => only === undefined || name === only)
    .flatMap((part) => part.resources(site, { restart: false }))

describe('parts in the lab', () => {
  for (const [name = '', version] of SITES) {
    it(`${name} on Proxmox VE ${version}: every right that orion gives itself suffices, and a second run changes nothing`, async () => {
      const site = await load(name)
      const lab = await openLabSite(site, version)
      try {
        const access = await applyAll(resourcesOf(site, 'access'), lab.outside)
        assert.deepEqual(
          access.steps.map(({ outcome }) => outcome),
          access.steps.map(() => 'done'),
        )
        const own = lab.asOwnToken()
        const report = await applyAll(resourcesOf(site), own)
        assert.deepEqual(
          report.steps
            .filter(({ outcome }) => outcome !== 'done' && outcome !== 'kept')
            .map(({ id, error }) => [id, error]),
          [],
        )
        for (const outside of [own, lab.outside])
          assert.deepEqual(changes(await planAll(resourcesOf(site), outside)), [])
        await proveAll(site, lab)
      } finally {
        await lab.close()
      }
    })
  }

  for (const name of ['orion', 'hive']) {
    it(`${name} is planned with at most one request per guest and ten per node, verified with eight more, and nothing is read twice`, async () => {
      const plain = await load(name)
      const site = { ...plain, guests: plain.guests.map((guest) => ({ ...guest, pool: 'prod' })) }
      const lab = await openLabSite(site)
      try {
        const most = site.guests.length + 10 * site.nodes.length
        const probes = parts.flatMap((part) => part.probes(site))
        const plan = () => planAll(resourcesOf(site), lab.outside)
        const prove = () => runProbes(probes, lab.outside, { site: site.name, concurrency: 8 })
        assert.ok((await requestsOf(plan, lab)) <= most, `before: ${lab.requests.join('\n')}`)
        await applyAll(resourcesOf(site), lab.outside)
        assert.ok((await requestsOf(plan, lab)) <= most, lab.requests.join('\n'))
        assert.ok((await requestsOf(prove, lab)) <= most + 8 * site.nodes.length, lab.requests.join('\n'))
      } finally {
        await lab.close()
      }
    })
  }

  it('resolves what somebody changed by hand', async () => {
    const site = await load('orion')
    const lab = await openLabSite(site)
    try {
      await applyAll(resourcesOf(site), lab.outside)
      const node = lab.outside.pve.cluster('r730').api.nodes.$('r730')
      await node.qemu.$(300).config.$put({ onboot: false, tags: 'orion;orion-orion;mine' })
      await node.lxc.$(1005).config.$put({ swap: 64 })
      await lab.outside.pve.cluster('r730').task(await node.lxc.$(1008).status.stop.$post(), () => {})
      const plan = await planAll(resourcesOf(site), lab.outside)
      assert.deepEqual([...changes(plan)].sort(), [
        'update container:r730/1005 swap 64→512',
        'update container:r730/1008 status stopped→running',
        'update vm:r730/300 onboot 0→1, tags mine;orion;orion-orion→orion;orion-orion',
      ])
      await applyAll(resourcesOf(site), lab.outside)
      assert.deepEqual(changes(await planAll(resourcesOf(site), lab.outside)), [])
    } finally {
      await lab.close()
    }
  })

  it('touches nothing of a foreign guest on a wanted VMID', async () => {
    const site = await load('orion')
    const lab = await openLabSite(site)
    try {
      const cluster = lab.outside.pve.cluster('r730')
      await cluster.task(
        await cluster.api.nodes.$('r730').qemu.$post({ vmid: 300, name: 'payroll', memory: '512' }),
        () => {},
      )
      const plan = await planAll(resourcesOf(site), lab.outside)
      const [problem, ...rest] = plan.steps.filter(({ verb }) => verb === 'problem')
      assert.deepEqual([problem?.id, problem?.problem?.code, rest], ['vm:r730/300', 'E_FOREIGN', []])
      assert.match(problem?.problem?.message ?? '', /payroll on r730/)
      await assert.rejects(applyAll(resourcesOf(site), lab.outside), { code: 'E_PLAN' })
    } finally {
      await lab.close()
    }
  })

  it('converges after a run that was killed at each of its tasks, and does nothing twice', async () => {
    const site = await load('hive')
    const wanted = new Set(['debian-13', 'alpine-ct', 'bastion', 'worker-1'])
    const resources = resourcesOf(site).filter(({ id, title }) => id.startsWith('storage:') || wanted.has(title))
    const lab = await openLabSite(site, '9', 0.3)
    try {
      // Each run dies as soon as it has started a task; the task goes on without it, as after SIGKILL.
      for (let run = 0; run < 60; run += 1) {
        const killed = dyingAtTask(lab.outside)
        const report = await applyAll(resources, killed)
        if (report.steps.every(({ outcome }) => outcome === 'done' || outcome === 'kept')) break
        await sleep(200)
      }
      assert.deepEqual(changes(await planAll(resources, lab.outside)), [])
      const count = (request: RegExp) => lab.requests.filter((one) => request.test(one)).length
      assert.deepEqual(
        [count(/^POST .*download-url/), count(/^POST .*aplinfo/), count(/^POST .*qemu$/), count(/^POST .*lxc$/)],
        [1, 1, 1, 1],
      )
    } finally {
      await lab.close()
    }
  })

  it('removes a guest with its disks, and makes it anew', async () => {
    const site = await load('orion')
    const lab = await openLabSite(site)
    try {
      await applyAll(resourcesOf(site), lab.outside)
      const redis = resourcesOf(site).find(({ title }) => title === 'redis')
      assert.ok(redis)
      await redis.remove(lab.outside, await redis.observe(lab.outside), () => {})
      lab.outside.pve.forget()
      assert.equal(await redis.observe(lab.outside), undefined)
      const report = await applyAll(resourcesOf(site), lab.outside)
      assert.deepEqual(
        report.steps.filter(({ outcome }) => outcome === 'done').map(({ title }) => title),
        ['redis'],
      )
    } finally {
      await lab.close()
    }
  })
})

/** How many requests this takes; all of them read, and none twice. */
async function requestsOf(look: () => Promise<unknown>, { requests }: LabSite): Promise<number> {
  requests.length = 0
  await look()
  assert.ok(requests.length > 0 && requests.every((request) => request.startsWith('GET ')))
  assert.equal(new Set(requests).size, requests.length, requests.join('\n'))
  return requests.length
}

/** Everything works but waiting for a task. */
function dyingAtTask(outside: Outside): Outside {
  const task = () => Promise.reject(new OrionError('killed', { code: 'E_INTERRUPTED' }))
  const { pve } = outside
  return { ...outside, pve: { ...pve, cluster: (node) => ({ ...pve.cluster(node), task }) } }
}

async function proveAll(site: Site, lab: LabSite): Promise<void> {
  const probes = parts.flatMap((part) => part.probes(site))
  // A first handshake of the mesh takes a moment.
  const report = await runProbes(probes, lab.asOwnToken(), { site: site.name, concurrency: 8, withinMs: 20_000 })
  assert.deepEqual(
    report.probes.filter(({ state }) => state !== 'ok' && state !== 'warning'),
    [],
  )
  // Only what a person must do may be a warning: hive's card wants a restart of its node, and its watchdog a real one.
  const left = site.name === 'hive' ? ['restart of genesis', 'brain', 'genesis'] : []
  assert.deepEqual(
    report.probes.filter(({ state }) => state === 'warning').map(({ title }) => title),
    left,
  )
}
