// Whatever is built beside them: guests that were there before orion stay as they are, to the letter of their configuration.
import assert from 'node:assert/strict'
import { backup } from '../../src/parts/backup.ts'
import { oneGuest, vm } from '../../src/parts/vm.ts'
import { listOrphans } from '../../src/resources/orphans.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { applyAll } from '../resources/lab-site.ts'
import { type HandMade, importAll, openHandMade } from './import-world.ts'

const FILE = '/nowhere/orion.yaml'
/** What would reach every guest of the site that is orion's own. */
const MORE = `defaults: { guest: { onboot: true, cores: 8, cpu: host, tags: [all], protection: true, agent: true, pool: own, sshKeys: [] } }
snapshots: { keep: 3 }
backup: { nightly: { schedule: daily, storage: local, keep: { last: 3 } } }
`

describe('adopted guests, while a site is built beside them', function () {
  this.timeout(60_000)
  let world: HandMade
  /** The file of both, before anything was built. */
  let text: string
  before(async () => {
    world = await openHandMade()
    await world.vm({
      ...{ vmid: 100, name: 'old', memory: 1024, scsi0: 'local-zfs:8', net0: 'e1000=BC:24:11:00:00:AA,bridge=vmbr0' },
      ...{ vga: 'qxl', cipassword: 'x', onboot: 0, tags: 'mine' },
    })
    await world.container({
      ...{ vmid: 101, hostname: 'box', memory: 512, rootfs: 'local-zfs:4', unprivileged: 0, tags: 'theirs' },
      ...{ net0: 'name=eno0,bridge=vmbr0,hwaddr=BC:24:11:00:00:BB,ip=10.0.0.77/24' },
    })
    text = (await importAll(world)).text
  })
  after(() => world?.close())

  const api = () => world.outside.pve.cluster('n1').api.nodes.$('n1')
  /** Every option of both, what runs, and the snapshots. */
  const state = async () => {
    world.outside.forget()
    return JSON.parse(
      JSON.stringify({
        vm: await api().qemu.$(100).config.$get(),
        ct: await api().lxc.$(101).config.$get(),
        runs: [await api().qemu.$(100).status.current.$get(), await api().lxc.$(101).status.current.$get()].map(
          ({ status }) => status,
        ),
        snapshots: [await api().qemu.$(100).snapshot.$get(), await api().lxc.$(101).snapshot.$get()].map((list) =>
          list.map(({ name }) => name),
        ),
      }),
    )
  }
  const bigger = async (change = (said: string) => said): Promise<Site> => {
    const own =
      '  mine:\n    { id: 200, memory: 1G, storage: local-zfs, disk: 4G, started: true, nics: { vmbr0: 10.0.0.60 } }\n'
    return parseSite(`${change(text).replace(/^guests:\n/m, `guests:\n${own}`)}${MORE}`, FILE)
  }

  it('an apply and what follows it leave them', async () => {
    const before = await state()
    const site = await bigger()
    assert.equal(site.guests.filter(({ adopted }) => adopted).length, 2)
    const resources = [vm, backup].flatMap((part) => [
      ...part.resources(site, { restart: true }),
      ...(part.tidy?.(site) ?? []),
    ])
    const report = await applyAll(resources, world.outside)
    const failed = report.steps.filter(({ error }) => error !== undefined)
    assert.deepEqual(failed, [])
    assert.ok(report.steps.some(({ id }) => id === 'vm:n1/200'))
    assert.deepEqual(await state(), before)
    const again = await applyAll(vm.resources(site, { restart: true }), world.outside)
    assert.ok(again.steps.length > 0)
    assert.deepEqual(await state(), before)
  })

  it('one that is stopped or started by hand stays so where the file does not say', async () => {
    const site = await bigger((said) =>
      said.replace(/^ {4}started: .*\n/gm, '').replaceAll('onboot: false', 'onboot: true'),
    )
    const adopted = site.guests.filter((guest) => guest.adopted)
    assert.deepEqual(
      adopted.map(({ onboot, started }) => [onboot, started]),
      [
        [true, false],
        [true, false],
      ],
    )
  })

  it('none of them is an orphan once it is out of the file, and none can be destroyed while it is in it', async () => {
    const without = await parseSite(`${text.slice(0, text.indexOf('guests:'))}`, FILE)
    world.outside.forget()
    const orphans = await listOrphans(without, 'n1', world.outside)
    assert.deepEqual(
      orphans.filter(({ vmid }) => vmid < 200),
      [],
    )
    const site = await bigger()
    for (const { name } of site.guests.filter((guest) => guest.adopted))
      assert.throws(() => oneGuest(name).resources(site, { restart: false }), { code: 'E_IMMUTABLE' })
  })
})
