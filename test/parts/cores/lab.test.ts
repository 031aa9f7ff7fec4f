// Pinned cores in the lab: chosen, stored, in force on running guests, taken back; and nothing left to do after each.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProbes } from '../../../src/engine/verify.ts'
import { access } from '../../../src/parts/access.ts'
import { cores, pins } from '../../../src/parts/cores.ts'
import { guests } from '../../../src/parts/guests.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { applyAll, changes, type LabSite, openLabSite, planAll } from '../../resources/lab-site.ts'

interface Wish {
  readonly floor?: string
  readonly desk?: string
  readonly isolate?: boolean
}

const text = ({ floor = '', desk = '', isolate = false }: Wish) => `site: small
nodes:
  n1: { address: 10.0.0.1, ports: { lan: eno1 }, hardware: { threads: 16, cores: 8, memory: 32G }, isolateCores: ${isolate} }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
storage:
  local: { type: dir, path: /var/lib/vz, content: [snippets] }
  local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] }
defaults: { guest: { node: n1, cores: 2, memory: 1G, disk: 4G, storage: local-zfs, onboot: true } }
guests:
  web: { id: 100, nics: { lan: 10.0.0.4 } }
  desk: { id: 150, nics: { lan: 10.0.0.5 }${desk} }
  floor: { id: 200, nics: { lan: 10.0.0.6 }${floor} }
`
const PIN = ', pin: { cores: 2, exclusive: true, realtime: true }'

describe('pinned cores in the lab', function () {
  this.timeout(60_000)
  let dir = ''
  let lab: LabSite
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-cores-'))
    const site = await siteOf({})
    lab = await openLabSite(site, '9')
    await applyAll(access.resources(site, { restart: false }), lab.outside)
  })
  after(async () => {
    await lab?.close()
    await rm(dir, { recursive: true, force: true })
  })

  const siteOf = async (wish: Wish): Promise<Site> => {
    const file = join(dir, 'orion.yaml')
    await writeFile(file, text(wish))
    return loadSite(file)
  }
  const run = async (wish: Wish) => {
    const site = await siteOf(wish)
    const outside = lab.asOwnToken()
    const resources = guests.resources(site, { restart: false })
    const planned = changes(await planAll(resources, outside))
    const { steps } = await applyAll(resources, outside)
    assert.deepEqual(
      steps.flatMap(({ error }) => error ?? []),
      [],
    )
    assert.deepEqual(changes(await planAll(resources, outside)), [])
    const report = await runProbes(pins.probes(site), outside, { site: site.name, concurrency: 4 })
    assert.deepEqual(
      report.probes.filter(({ state }) => state !== 'ok'),
      [],
    )
    return planned.filter((line) => line.includes('cpu-pins'))
  }
  const settings = async (vmid: number) => {
    const api = lab.outside.pve.cluster('n1').api.nodes.$('n1')
    const { affinity, hookscript }: { affinity?: string; hookscript?: string } = await api.qemu.$(vmid).config.$get()
    return [affinity, hookscript]
  }

  it('makes guests with them', async () => {
    assert.deepEqual(await run({ floor: PIN }), [
      'update cpu-pins:n1/guests affinity of web -→0-5,8-13, affinity of desk -→0-5,8-13, affinity of floor -→6-7,14-15, hookscript of floor -→local:snippets/orion-cores.sh',
    ])
    assert.deepEqual(await settings(200), ['6-7,14-15', 'local:snippets/orion-cores.sh'])
  })

  it('gives another guest others, and leaves the first where it is', async () => {
    assert.deepEqual(await run({ floor: PIN, desk: ', pin: { cores: 3, exclusive: true }' }), [
      'update cpu-pins:n1/guests affinity of web 0-5,8-13→0-2,8-10, CPUs of running web 0-5,8-13→0-2,8-10, affinity of desk 0-5,8-13→3-5,11-13, CPUs of running desk 0-5,8-13→3-5,11-13',
    ])
  })

  it('keeps the node itself off them on request, and a foreign affinity that is in nobody’s way', async () => {
    const outside = lab.asOwnToken()
    const host = await outside.host('n1')
    await host.run(['qm', 'set', '100', '--affinity', '1-2,14'])
    const [line = ''] = await run({ floor: PIN, isolate: true })
    assert.match(line, / affinity of web 1-2,14→1-2, affinity of desk 3-5,11-13→0-5,8-13$/)
    assert.deepEqual(await settings(100), ['1-2', undefined])
    const slice = await host.read({ files: ['/etc/systemd/system/system.slice.d/90-orion-cores.conf'] })
    assert.match([...slice.files.values()][0]?.text ?? '', /\[Slice\]\nAllowedCPUs=0-5,8-13\n$/)
    assert.deepEqual(await run({ floor: PIN, isolate: true }), [])
  })

  it('takes back what it has set, and nothing else, where somebody is pinned still', async () => {
    await run({ floor: ', pin: { cores: 2 }' })
    assert.deepEqual(await Promise.all([100, 150, 200].map(settings)), [
      ['1-2', undefined],
      [undefined, undefined],
      ['6-7,14-15', undefined],
    ])
    const host = await lab.asOwnToken().host('n1')
    const left = await host.read({
      files: ['/etc/systemd/system/system.slice.d/90-orion-cores.conf', '/etc/systemd/system/orion-cores.service'],
    })
    assert.equal(left.files.size, 0)
  })

  it('takes back all of it when the last pin is gone, at bootstrap; vm apply does not look', async () => {
    await run({ floor: PIN, isolate: true })
    const site = await siteOf({})
    const outside = lab.asOwnToken()
    const own = guests.resources(site, { restart: false })
    assert.deepEqual(
      own.map(({ id }) => id).filter((id) => /cores|cpu-pins/.test(id)),
      [],
    )
    const prove = async () => {
      const { probes } = await runProbes(cores.probes(site), outside, { site: site.name, concurrency: 4 })
      return probes.map(({ id, state }) => `${id} ${state}`)
    }
    assert.deepEqual(await prove(), ['no-pins:n1 failed'])
    const all = [...own, ...cores.resources(site, { restart: false })]
    const { steps } = await applyAll(all, outside)
    assert.deepEqual(
      steps.flatMap(({ error }) => error ?? []),
      [],
    )
    assert.deepEqual(await Promise.all([100, 150, 200].map(settings)), [
      ['1-2', undefined],
      [undefined, undefined],
      [undefined, undefined],
    ])
    const left = await (await outside.host('n1')).read({
      files: [
        '/etc/systemd/system/system.slice.d/90-orion-cores.conf',
        '/etc/systemd/system/orion-cores.service',
        '/etc/orion/cores.conf',
      ],
    })
    const texts = [...left.files].map(([path, file]) => [path, file.text])
    assert.deepEqual(texts, [['/etc/orion/cores.conf', '# Made by orion from the site file.\n']])
    assert.deepEqual(changes(await planAll(all, outside)), [])
    assert.deepEqual(await prove(), ['no-pins:n1 ok'])
  })

  it('refuses what has no room, with every reason, and touches nothing', async () => {
    const site = await siteOf({
      floor: ', affinity: "6,7", pin: { cores: 2, exclusive: true }',
      desk: ', affinity: "14"',
    })
    const plan = changes(await planAll(pins.resources(site, { restart: false }), lab.asOwnToken()))
    assert.deepEqual(plan, [
      'problem file-set:n1/cores pinned cores of n1 cannot be made so: desk: CPU 14 of its affinity is of a core that floor has for itself',
      'problem cpu-pins:n1/guests cores of guests on n1 cannot be made so: the cores cannot be chosen (file-set:n1/cores)',
    ])
  })
})
