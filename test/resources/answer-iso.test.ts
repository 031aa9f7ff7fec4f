// A Windows guest from nothing to installed in the lab: its answers come before it and go after it, and nobody sees the password.
import assert from 'node:assert/strict'
import { guests } from '../../src/parts/guests.ts'
import { oneGuest } from '../../src/parts/vm.ts'
import type { Site } from '../../src/site/site.ts'
import { applyAll, changes, type LabSite, openLabSite, planAll } from './lab-site.ts'
import { LOCAL, TANK, testGuest, testSite } from './test-site.ts'

const DISC = 'local:iso/orion-answer-100.iso'
const guest = testGuest({
  name: 'brain',
  os: 'windows',
  ostype: 'win11',
  firmware: 'uefi',
  tpm: true,
  image: 'windows',
  unattended: { user: 'orion', password: { env: 'P' }, locale: 'en-US', timezone: 'UTC' },
})
const site: Site = testSite({
  guests: [guest],
  storage: [LOCAL, TANK],
  images: [{ name: 'windows', kind: 'iso', iso: 'local:iso/win.iso', drivers: 'local:iso/virtio.iso' }],
})
const stopped: Site = { ...site, guests: [{ ...guest, started: false, onboot: false }] }
const resources = (of: Site) => guests.resources(of, { restart: false })

async function discs({ outside }: LabSite): Promise<readonly string[]> {
  outside.forget()
  const rows = await outside.pve.cluster('n1').api.nodes.$('n1').storage.$('local').content.$get({ content: 'iso' })
  return rows.map(({ volid }) => volid).filter((volid) => volid.includes('answer'))
}

describe('resources/answer-iso', function () {
  this.timeout(120_000)
  let lab: LabSite
  beforeEach(async () => {
    lab = await openLabSite(site)
  })
  afterEach(() => lab.close())

  it('installs Windows, and takes the answers away', async () => {
    const first = await applyAll(resources(site), lab.outside)
    assert.deepEqual(
      first.steps.filter(({ outcome }) => outcome !== 'done' && outcome !== 'kept'),
      [],
    )
    assert.deepEqual(await discs(lab), [DISC])
    assert.ok(lab.requests.filter((one) => one.endsWith('/sendkey')).length > 5)
    assert.deepEqual(changes(await planAll(resources(site), lab.outside)), [
      `update answer-iso:n1/100 answers ${DISC}→removed`,
    ])
    await applyAll(resources(site), lab.outside)
    assert.deepEqual(await discs(lab), [])
    assert.deepEqual(changes(await planAll(resources(site), lab.outside)), [])
    assert.ok(!JSON.stringify([first, lab.requests]).includes('rehearsal'))
  })

  it('waits for Setup, and is done again where its disc is lost', async () => {
    await applyAll(resources(stopped), lab.outside)
    const [step] = (await planAll(resources(stopped), lab.outside)).steps.filter(({ id }) => id.startsWith('answer'))
    assert.deepEqual([step?.waits[0]?.waits, step?.waits[0]?.hint?.includes('vm start brain')], ['operator', true])
    const host = await lab.outside.host('n1')
    await host.run(['sh', '-c', '', 'orion-answer-iso-clear', '/var/lib/vz/template/iso/orion-answer-100.iso'])
    assert.deepEqual(changes(await planAll(resources(stopped), lab.outside)), [
      `update answer-iso:n1/100 answers missing→${DISC}`,
    ])
    await applyAll(resources(stopped), lab.outside)
    assert.deepEqual(await discs(lab), [DISC])
  })

  it('ends well after a run that was killed before the VM was there, and goes with a VM that is destroyed', async () => {
    const answers = resources(stopped).filter(
      ({ id }) => id.startsWith('answer-iso') || id.startsWith('image') || id.startsWith('storage'),
    )
    await applyAll(answers, lab.outside)
    assert.deepEqual(await discs(lab), [DISC])
    await applyAll(resources(stopped), lab.outside)
    const only = oneGuest('brain').resources(stopped, { restart: false })
    for (const resource of only.toReversed()) {
      lab.outside.forget()
      const have = await resource.observe(lab.outside)
      if (have !== undefined) await resource.remove(lab.outside, have, () => {})
    }
    assert.deepEqual(await discs(lab), [])
  })
})
