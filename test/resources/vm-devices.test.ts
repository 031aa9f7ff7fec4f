// A virtual machine that is there for a device: what of its own rows waits for it.
import assert from 'node:assert/strict'
import { container } from '../../src/resources/container.ts'
import { vm } from '../../src/resources/vm.ts'
import type { Guest } from '../../src/site/site.ts'
import { device } from '../site/site-builder.ts'
import { type Config, fakeCluster, guestAnswers } from './fake-cluster.ts'
import { testGuest, testSite, UUID } from './test-site.ts'

const BASE: Config = {
  name: 'web',
  ostype: 'l26',
  cores: 2,
  sockets: 1,
  cpu: 'host',
  memory: '2048',
  agent: '1',
  tags: 'orion;orion-lab',
  smbios1: `uuid=${UUID}`,
  scsi0: 'tank:vm-100-disk-0,size=8G',
}

async function diff(have: Config, options: { want?: Partial<Guest>; yields?: 'stop' | 'run'; running?: boolean } = {}) {
  const guest = testGuest(options.want ?? {})
  const devices = [device('rtx', { node: 'n1', guest: 'web', yields: options.yields ?? 'stop' })]
  const site = testSite({ guests: [guest], devices })
  const { outside } = fakeCluster(
    guestAnswers('qemu', { vmid: 100, config: { ...BASE, ...have }, running: options.running ?? false }),
  )
  const resource = vm(site, guest, { wishes: { restart: false }, needs: [] })
  const all = resource.diff(await resource.observe(outside))
  return all.map(({ field, have: old = '-', want = '-' }) => `${field} ${old}→${want}`)
}

const CARD = { hostpci0: 'mapping=rtx,pcie=1' }

describe('a VM with devices', () => {
  it('is neither started nor started on boot before it has them', async () => {
    assert.deepEqual(await diff({ onboot: 0 }), [])
    assert.deepEqual(await diff({ onboot: 1 }), ['onboot 1→0'])
  })
  it('starts on boot with them, and has no balloon', async () => {
    assert.deepEqual(await diff({ ...CARD, onboot: 1, balloon: 0 }, { want: { balloonMib: 512 } }), [])
    assert.deepEqual(await diff({ ...CARD, onboot: 0 }), ['onboot 0→1', 'balloon -→0'])
  })
  it('has its balloon while it has none', async () => {
    assert.deepEqual(await diff({ onboot: 0, balloon: 0 }, { want: { balloonMib: 512 } }), ['balloon 0→512'])
  })
  it('starts on boot without them where the site lets it run without', async () => {
    assert.deepEqual(await diff({ onboot: 1 }, { yields: 'run' }), [])
  })
  it('is made without a start', () => {
    const guest = testGuest()
    const site = testSite({ guests: [guest], devices: [device('rtx', { node: 'n1', guest: 'web' })] })
    const fields = vm(site, guest, { wishes: { restart: false }, needs: [] }).diff(undefined)
    assert.deepEqual(
      fields.filter(({ field }) => /^(status|onboot)$/.test(field)),
      [{ field: 'onboot', want: '0' }],
    )
  })
  it('a container, too', () => {
    const guest = testGuest({ kind: 'ct', image: 'debian-ct' })
    const site = testSite({
      guests: [guest],
      devices: [device('tpu', { node: 'n1', guest: 'web', path: '/dev/apex_0' })],
    })
    const fields = container(site, guest, { wishes: { restart: false }, needs: [] }).diff(undefined)
    assert.deepEqual(
      fields.filter(({ field }) => /^(status|onboot)$/.test(field)),
      [{ field: 'onboot', want: '0' }],
    )
  })
})
