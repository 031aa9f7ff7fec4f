// Whose guest is on a wanted VMID, and waiting for one that is still being made.
import assert from 'node:assert/strict'
import { readGuest, settingsOf, waitUnlocked } from '../../src/resources/guest-state.ts'
import type { Guest } from '../../src/site/site.ts'
import { type Config, fakeCluster, guestAnswers, notFound, pendingOf } from './fake-cluster.ts'
import { nic, testGuest, testSite, UUID } from './test-site.ts'

const VM: Config = { name: 'web', tags: 'orion;orion-lab', smbios1: `uuid=${UUID},base64=1,serial=QQ==` }
const CT: Config = { hostname: 'web', tags: 'orion;orion-lab', net0: 'name=eth0,hwaddr=aa:00:00:00:00:00' }
const CT_GUEST: Partial<Guest> = { kind: 'ct', nics: [nic()] }

const ROWS: readonly {
  title: string
  want?: Partial<Guest>
  kind: 'qemu' | 'lxc'
  config: Config
  foreign?: RegExp
}[] = [
  { title: 'a VM of ours', kind: 'qemu', config: VM },
  {
    title: 'upper case UUID and tags',
    kind: 'qemu',
    config: { ...VM, smbios1: `uuid=${UUID.toUpperCase()}`, tags: 'ORION Orion-Lab,other' },
  },
  {
    title: 'no tags',
    kind: 'qemu',
    config: { ...VM, tags: '' },
    foreign: /100 of web is taken by web on n1.*tags orion and orion-lab/,
  },
  {
    title: 'the tag of another site',
    kind: 'qemu',
    config: { ...VM, tags: 'orion;orion-lab2' },
    foreign: /tag orion-lab/,
  },
  {
    title: 'another UUID',
    kind: 'qemu',
    config: { ...VM, smbios1: 'uuid=00000000-0000-4000-8000-000000000000' },
    foreign: /SMBIOS UUID is 00000000/,
  },
  {
    title: 'no UUID',
    kind: 'qemu',
    config: { name: 'web', tags: 'orion;orion-lab' },
    foreign: /SMBIOS UUID is not set/,
  },
  { title: 'a container where a VM shall be', kind: 'lxc', config: CT, foreign: /it is a container/ },
  {
    title: 'a VM where a container shall be',
    want: CT_GUEST,
    kind: 'qemu',
    config: VM,
    foreign: /it is a virtual machine/,
  },
  { title: 'a container of ours', want: CT_GUEST, kind: 'lxc', config: CT },
  {
    title: 'another MAC address',
    want: CT_GUEST,
    kind: 'lxc',
    config: { ...CT, net0: 'hwaddr=AA:00:00:00:00:01' },
    foreign: /MAC address of net0 is AA:00:00:00:00:01/,
  },
  {
    title: 'a container without a NIC: by tags',
    want: { kind: 'ct' },
    kind: 'lxc',
    config: { hostname: 'web', tags: 'orion;orion-lab' },
  },
]

describe('resources/guest-state', () => {
  for (const { title, want = {}, kind, config, foreign } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster(guestAnswers(kind, { vmid: 100, config }))
      const read = readGuest(testSite(), testGuest(want), cluster.outside)
      if (foreign === undefined) assert.equal((await read)?.node, 'n1')
      else await assert.rejects(read, { code: 'E_FOREIGN', message: foreign })
      assert.deepEqual(cluster.writes(), [])
    })
  }

  it('needs one request per guest beside the shared lists, which all share until something is written', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: VM, running: true }))
    await readGuest(testSite(), testGuest(), cluster.outside)
    const state = await readGuest(testSite(), testGuest(), cluster.outside)
    const one = 'GET /nodes/n1/qemu/100/pending'
    assert.deepEqual(cluster.calls, ['GET /cluster/resources type=vm', one, 'GET /nodes/n1/qemu'])
    cluster.outside.pve.forget()
    await readGuest(testSite(), testGuest(), cluster.outside)
    assert.equal(cluster.calls.filter((call) => call === one).length, 2)
    assert.equal(state?.running, true)
    assert.equal(state?.digest, 'd1')
  })

  it('waits for a guest that is being made, and asks whose it is then', async () => {
    const state = { reads: 0 }
    const cluster = fakeCluster({
      ...guestAnswers('qemu', { vmid: 100, config: VM }),
      'GET /nodes/n1/qemu/100/pending': () => {
        state.reads += 1
        return state.reads < 2 ? [{ key: 'lock', value: 'create' }] : pendingOf(VM)
      },
    })
    assert.ok(await readGuest(testSite(), testGuest(), cluster.outside))
    assert.equal(state.reads, 2)
  })

  it('a creation that failed meanwhile leaves nothing', async () => {
    const state = { reads: 0 }
    const cluster = fakeCluster({
      ...guestAnswers('qemu', { vmid: 100, config: VM }),
      'GET /nodes/n1/qemu/100/pending': () => {
        state.reads += 1
        if (state.reads > 1) throw notFound('guest 100')
        return [{ key: 'lock', value: 'create' }]
      },
    })
    assert.equal(await readGuest(testSite(), testGuest(), cluster.outside), undefined)
  })

  it('Ctrl-C ends the waiting', async () => {
    const abort = new AbortController()
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: { lock: 'create' } }), {
      signal: abort.signal,
    })
    const read = readGuest(testSite(), testGuest(), cluster.outside)
    setImmediate(() => abort.abort())
    await assert.rejects(read, { code: 'E_INTERRUPTED' })
  })

  it('a backup does not keep a plan from being made, and a write waits for its end', async () => {
    const answers = guestAnswers('qemu', { vmid: 100, config: { ...VM, lock: 'backup' } })
    const cluster = fakeCluster(answers)
    const have = await readGuest(testSite(), testGuest(), cluster.outside)
    assert.ok(have)
    const abort = new AbortController()
    const waiting = waitUnlocked(testGuest(), 'n1', { ...cluster.outside, signal: abort.signal }, have)
    setImmediate(() => abort.abort())
    await assert.rejects(waiting, { code: 'E_INTERRUPTED' })
  })

  it('a guest that was suspended to disk is not waited for: a start ends that lock', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: { ...VM, lock: 'suspended' } }))
    const have = await readGuest(testSite(), testGuest(), cluster.outside)
    assert.ok(have)
    const before = cluster.calls.length
    await waitUnlocked(testGuest(), 'n1', cluster.outside, have)
    assert.equal(cluster.calls.length, before)
  })

  it('reads active and stored values apart', () => {
    const settings = settingsOf([
      { key: 'cores', value: 2, pending: 4 },
      { key: 'net1', value: 'x', delete: 1 },
      { key: 'net2', value: 'y', delete: 0 },
      { key: 'onboot', pending: 1 },
    ])
    assert.deepEqual(Object.fromEntries(settings), {
      cores: { active: '2', next: '4' },
      net1: { active: 'x' },
      net2: { active: 'y', next: 'y' },
      onboot: { next: '1' },
    })
  })
})
