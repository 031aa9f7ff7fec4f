// The bastion of the Hive as a hardened Debian, in the lab: made in one run, and then as wanted.
import assert from 'node:assert/strict'
import { guests } from '../../../src/parts/guests.ts'
import { profile } from '../../../src/parts/profile.ts'
import type { Site } from '../../../src/site/site.ts'
import { applyAll, changes, type LabSite, openLabSite, planAll } from '../../resources/lab-site.ts'
import { LOCAL, nic, TANK, testGuest, testSite } from '../../resources/test-site.ts'

const network = { name: 'lan', bridge: 'vmbr0', vlanAware: false, isolated: false, dns: [] }
const bastion = testGuest({
  name: 'bastion',
  image: 'debian-13',
  user: 'hive',
  sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHcHKH0vEk2fTHmPXZ0yqnMZzFcPTzxXqlmVNK0wHGJf lab'],
  profile: 'hardened',
  intrusionDetection: true,
  nics: [nic({ mac: 'BC:24:11:00:00:01', ipv4: { cidr: '10.0.0.40/24', gateway: '10.0.0.1' } })],
})
const site: Site = testSite({
  guests: [bastion],
  storage: [LOCAL, TANK],
  networks: [network],
  images: [
    {
      name: 'debian-13',
      kind: 'url',
      url: 'https://images.example/debian-13.qcow2',
      checksum: { kind: 'sums', url: 'https://images.example/SHA512SUMS' },
    },
  ],
})

describe('parts/profile in the lab', function () {
  this.timeout(60_000)
  let lab: LabSite
  before(async () => {
    lab = await openLabSite(site)
  })
  after(() => lab.close())

  it('is made in one run, and plans nothing after it', async () => {
    const resources = [...guests.resources(site, { restart: false }), ...profile.resources(site, { restart: false })]
    const { steps } = await applyAll(resources, lab.outside)
    const failed = steps.flatMap(({ id, error }) => (error === undefined ? [] : [`${id}: ${error.message}`]))
    assert.deepEqual(failed, [])
    assert.deepEqual(changes(await planAll(resources, lab.outside)), [])
    for (const probe of profile.probes(site)) {
      const result = await probe.run(lab.outside)
      assert.equal(result.state, 'ok', `${probe.id}: ${result.seen}`)
    }
  })
})
