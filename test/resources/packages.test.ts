// Debian packages: what is missing is installed, and nothing else happens.
import assert from 'node:assert/strict'
import { wishOf } from '../../src/resources/host-facts.ts'
import { packages, packagesFacts } from '../../src/resources/packages.ts'
import { type Answer, fakeHost } from './fake-host.ts'

const WANTED = ['htop', 'iperf3']

function make(listed: string, env: Answer = '') {
  const fake = fakeHost({ programs: { packages: { stdout: listed, code: 1 }, env } })
  const wish = wishOf([packagesFacts(WANTED)])
  const resource = packages({ host: 'n1', packages: WANTED, needs: ['file-set:n1/sources'], wish })
  return { fake, resource }
}

describe('resources/packages', () => {
  const rows = [
    { title: 'none', listed: '', have: false, fields: ['htop absent', 'iperf3 absent'] },
    { title: 'one', listed: 'htop installed\n', have: true, fields: ['iperf3 absent'] },
    {
      title: 'all, one with its architecture',
      listed: 'htop:amd64 installed\niperf3 installed\n',
      have: true,
      fields: [],
    },
    {
      title: 'one that was removed',
      listed: 'htop installed\niperf3 config-files\n',
      have: true,
      fields: ['iperf3 config-files'],
    },
    {
      title: 'one that dpkg only heard of',
      listed: 'htop installed\niperf3 not-installed\n',
      have: true,
      fields: ['iperf3 absent'],
    },
  ]
  for (const { title, listed, have, fields } of rows)
    it(`finds ${title}`, async () => {
      const { fake, resource } = make(listed)
      const found = await resource.observe(fake.outside)
      assert.equal(found !== undefined, have)
      const shown = resource.diff(found).map((one) => `${one.field} ${one.have ?? 'absent'}`)
      assert.deepEqual(shown, fields)
    })

  it('has a name of its own where another topic of the host has packages, too', async () => {
    const fake = fakeHost({ programs: { 'packages mesh': { stdout: 'wireguard-tools installed\n' }, packages: '' } })
    const wish = wishOf([packagesFacts(WANTED), packagesFacts(['wireguard-tools'], 'mesh')])
    const resource = packages({ host: 'n1', name: 'mesh', packages: ['wireguard-tools'], needs: [], wish })
    assert.deepEqual([resource.id, resource.title], ['packages:n1/mesh', 'packages of n1 for mesh'])
    assert.deepEqual(resource.diff(await resource.observe(fake.outside)), [])
  })

  it('installs only what is missing, and never removes', async () => {
    const { fake, resource } = make('htop installed\n')
    const have = await resource.observe(fake.outside)
    assert.ok(have)
    await resource.update(fake.outside, have, fake.note)
    const [, install = ''] = fake.calls
    assert.match(install, /apt-get .*install -y --no-install-recommends --no-remove .*-- iperf3$/)
    assert.equal(fake.calls.length, 2)
  })

  it('takes either of two for the one that is wanted, and installs the first where there is none', async () => {
    const either = (listed: string) => {
      const fake = fakeHost({ programs: { packages: { stdout: listed, code: 1 }, env: '' } })
      const wanted = ['bird2|bird3']
      const wish = wishOf([packagesFacts(wanted)])
      assert.deepEqual(wish.commands?.packages?.slice(-2), ['bird2', 'bird3'])
      return { fake, resource: packages({ host: 'n1', packages: wanted, needs: [], wish }) }
    }
    for (const listed of ['bird3 installed\n', 'bird2 config-files\nbird3 installed\n']) {
      const { fake, resource } = either(listed)
      assert.deepEqual(resource.diff(await resource.observe(fake.outside)), [])
    }
    const { fake, resource } = either('')
    assert.deepEqual(resource.diff(undefined), [{ field: 'bird2 or bird3', want: 'installed' }])
    assert.equal(resource.brief, 'bird2')
    await resource.create(fake.outside, fake.note)
    assert.match(fake.calls.at(-1) ?? '', /-- bird2$/)
  })

  it('reads the package lists anew, once, where apt does not know a package', async () => {
    let updated = false
    const env: Answer = (argv) => {
      if (argv.includes('update')) updated = true
      return updated ? '' : { code: 100, stderr: 'E: Unable to locate package iperf3\n' }
    }
    const { fake, resource } = make('htop installed\n', env)
    await resource.create(fake.outside, fake.note)
    assert.equal(fake.calls.filter((call) => call.includes('apt-get')).length, 3)
    assert.match(JSON.stringify(fake.news), /reads its package lists anew/)
  })

  const refusals = [
    { said: 'E: Unable to locate package iperf3\n', message: /on n1: apt knows no package iperf3$/ },
    { said: "E: Package 'iperf3' has no installation candidate\n", message: /apt knows no package iperf3$/ },
    { said: 'E: Packages need to be removed but remove is disabled.\n', message: /Packages need to be removed/ },
    { said: 'E: Could not get lock /var/lib/dpkg/lock-frontend\n', message: /Could not get lock/ },
    { said: '', message: /apt-get failed$/ },
  ]
  for (const { said, message } of refusals)
    it(`fails with ${said.trim() || 'something said'} in it`, async () => {
      const { fake, resource } = make('htop installed\n', { code: 100, stderr: said })
      await assert.rejects(resource.create(fake.outside, fake.note), message)
    })
})
