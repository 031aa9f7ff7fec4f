// Disks that fail and the moves that follow, on a cluster of the rehearsal lab.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { access } from '../../../src/parts/access.ts'
import { openPrediction } from '../../../src/parts/keeper/predict.ts'
import { storage as storagePart } from '../../../src/parts/storage.ts'
import { vm as vmPart } from '../../../src/parts/vm.ts'
import type { Outside } from '../../../src/resource.ts'
import type { Site } from '../../../src/site/site.ts'
import { code } from '../../resources/fake-file-set.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { applyAll, type LabSite, openLabSite } from '../../resources/lab-site.ts'
import { ct, node, site as siteOf, storage, vm } from '../../site/site-builder.ts'

const disk = (failing: boolean) => ({
  ...{ disk: '/dev/sda', model: 'M', serial: 'S', failing, reasons: failing ? ['pending sectors: 3'] : [] },
  ...{ celsius: 40, readable: true, checked: 1 },
})
const status = (failing: boolean, running = true) =>
  JSON.stringify({
    version: 1,
    node: 'x',
    running,
    lastRun: 1,
    state: 'cool',
    readings: [],
    shed: [],
    disks: [disk(failing)],
    alarms: [],
  })

const bridge = { name: 'vmbr0', networks: [], vlanAware: false, addresses: [] }
const nodes = ['n1', 'n2', 'n3'].map((name) =>
  node(name, { bridges: [bridge], hardware: { threads: 16, cores: 8, memoryMib: 65_536 } }),
)
const pin = { cores: 2, exclusive: true, realtime: false }
const on = { node: 'n1', memoryMib: 2048, diskGib: 4 } as const
const site: Site = siteOf({
  nodes,
  storage: [storage('disks', { options: { pool: 'rpool/data' } })],
  guests: [
    vm('shed-first', 100, {}, on),
    ct('box', 101, {}, { ...on, image: 'alpine' }),
    vm('off', 102, {}, { ...on, onboot: false, started: false }),
    vm('floor', 103, {}, { ...on, pin }),
    vm('elsewhere', 104, {}, { ...on, node: 'n2' }),
  ],
  images: [{ name: 'alpine', kind: 'template', template: 'alpine-3' }],
  keeper: { shed: ['shed-first'], balloonIdle: [] },
})

/** The lab's API with the rights that orion gives itself, and Keepers that say what they shall. */
function withKeepers({ asOwnToken }: LabSite, failing: readonly string[]): Outside {
  const outside = asOwnToken()
  const hosts = new Map(
    nodes.map(({ name }) => [
      name,
      fakeHost({ name, programs: { 'keeper-status': status(failing.includes(name)), 'node-name': name } }).host,
    ]),
  )
  return { ...outside, host: async (name) => hosts.get(name) ?? outside.host(name) }
}

describe('parts/keeper/predict', function () {
  this.timeout(60_000)
  let lab: LabSite
  before(async () => {
    lab = await openLabSite(site)
    const wishes = { restart: false }
    await applyAll(access.resources(site, wishes), lab.outside)
    const report = await applyAll(
      [...storagePart.resources(site, wishes), ...vmPart.resources(site, wishes)],
      lab.outside,
    )
    assert.deepEqual(
      report.steps.filter(({ error }) => error).map(({ id, error }) => [id, error?.message]),
      [],
    )
  })
  after(() => lab.close())

  it('is calm where no disk fails, and asks the API for nothing', async () => {
    const before = lab.requests.length
    const seen = await openPrediction(site, withKeepers(lab, []), ['n2']).look('n2')
    assert.deepEqual([seen.failing, seen.moves, seen.disks], [[], [], 1])
    assert.equal(lab.requests.length, before)
  })

  it('refuses a site without a Keeper, and tells a node without one', async () => {
    const { keeper: _, ...bare } = site
    assert.throws(() => openPrediction(bare, lab.outside), code('E_USAGE'))
    const { outside } = fakeHost({ name: 'n1', programs: { 'node-name': 'n1' } })
    await assert.rejects(openPrediction(site, outside).look('n1'), code('E_HOST_COMMAND'))
  })

  it('sends nobody to a node whose own disk fails, or of whose disks nobody knows', async () => {
    const seen = await openPrediction(site, withKeepers(lab, ['n1', 'n2', 'n3'])).look('n1')
    assert.deepEqual(seen.moves, [])
    assert.match(seen.stays.map(({ why }) => why.join()).join(), /n2: a disk of its own fails/)
    const own = lab.asOwnToken()
    const silent = { ...own, host: (name: string) => withKeepers(lab, ['n1']).host(name === 'n1' ? name : 'nobody') }
    const [box] = (await openPrediction(site, silent).look('n1')).stays
    assert.deepEqual(box?.why, ['n2: it does not answer,n3: it does not answer'].join().split(','))
  })

  it('moves what can go: first what is never shed; then it looks anew', async () => {
    const prediction = openPrediction(site, withKeepers(lab, ['n1']))
    const seen = await prediction.look('n1')
    assert.deepEqual(
      seen.moves.map(({ guest, how }) => `${guest} ${how}`),
      ['box restart', 'off offline', 'shed-first live'],
    )
    assert.deepEqual(seen.stays, [{ guest: 'floor', vmid: 103, why: ['its cores are pinned'] }])
    assert.match(seen.remarks.map(({ hint }) => hint).join(), /^vzdump 103 --mode snapshot --storage STORAGE/)
    const notes: string[] = []
    for (const move of seen.moves) await prediction.move(move, (text) => notes.push(text))
    const again = await prediction.look('n1')
    assert.deepEqual([again.moves, again.underWay], [[], []])
    const [first] = seen.moves
    assert.ok(first)
    await prediction.move(first, (text) => notes.push(text))
    assert.match(notes.join(), /box is on n\d already/)
  })

  it('names the backup of a node that is alone', async () => {
    const alone: Site = {
      ...site,
      nodes: nodes.slice(0, 1),
      guests: site.guests.filter(({ name }) => name === 'floor'),
      storage: [...site.storage, storage('vault', { type: 'pbs', content: ['backup'] })],
    }
    const seen = await openPrediction(alone, withKeepers(lab, ['n1'])).look('n1')
    assert.match(seen.remarks[0]?.text ?? '', /n1 is the only node of its cluster: nothing can go; back it up now/)
    assert.equal(seen.remarks[0]?.hint, 'vzdump 103 --mode snapshot --storage vault, on n1')
  })

  it('follows a move that a killed run began, and does not begin it twice', async () => {
    const own = await openLabSite({ ...site, guests: site.guests.slice(0, 1) }, undefined, 0.3)
    try {
      const one = { ...site, guests: site.guests.slice(0, 1) }
      const wishes = { restart: false }
      await applyAll(access.resources(one, wishes), own.outside)
      await applyAll([...storagePart.resources(one, wishes), ...vmPart.resources(one, wishes)], own.outside)
      const killed = openPrediction(one, withKeepers(own, ['n1']))
      const [move] = (await killed.look('n1')).moves
      assert.ok(move)
      const dying = killed.move(move, () => {})
      while (!own.requests.some((request) => /^POST .*\/migrate$/.test(request))) await sleep(10)
      await sleep(50)
      const notes: string[] = []
      await openPrediction(one, withKeepers(own, ['n1'])).move(move, (text) => notes.push(text))
      await dying
      assert.deepEqual(notes, ['shed-first leaves n1 already: waiting for that', `shed-first is on ${move.to} already`])
      assert.equal(own.requests.filter((request) => /\/migrate$/.test(request)).length, 1)
    } finally {
      await own.close()
    }
  })
})
