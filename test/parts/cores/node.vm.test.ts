// Who is kept off cores that a guest has for itself, on a real kernel with real control groups and systemd: now, after a restart, and no more.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectHost } from '../../../src/host/connect.ts'
import type { Host } from '../../../src/host/host.ts'
import { coresFiles, coresWish } from '../../../src/parts/cores/files.ts'
import { coresProbes } from '../../../src/parts/cores/probes.ts'
import type { Outside, Resource } from '../../../src/resource.ts'
import { fileSet } from '../../../src/resources/file-set.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Site } from '../../../src/site/site.ts'
import { startGuest, type TestGuest, withGuests } from '../../hosts/qemu.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { node, site, storage, vm } from '../../site/site-builder.ts'

const RESTART_LIMIT_MS = 240_000
const GROUPS = ['lxc', 'system.slice', 'user.slice', 'init.scope'] as const

const siteOf = (isolateCores: boolean): Site =>
  site({
    nodes: [node('guest', { isolateCores })],
    storage: [storage('local', { type: 'dir', content: ['snippets'], options: { path: '/var/lib/vz' } })],
    guests: [vm('floor', 200, {}, { node: 'guest', pin: { cores: 1, exclusive: true, realtime: true } })],
  })

describe('parts/cores on a real kernel', function () {
  this.timeout(300_000)
  let machine: TestGuest
  let host: Host
  let outside: Outside

  before(async function () {
    await withGuests(this)
    machine = await startGuest()
    const { address, proxyCommand, identityFile, knownHosts } = machine
    host = connectHost({
      name: 'guest',
      addresses: [address],
      proxyCommand,
      identityFile,
      knownHosts: [knownHosts],
      config: '',
      agent: '',
      signal: new AbortController().signal,
    })
    outside = { ...fakeHost({ name: 'guest' }).outside, host: async () => host, forget: () => host.forget() }
  })
  after(async () => {
    await host?.close()
    machine?.stop()
  })

  const setOf = (isolateCores: boolean): Resource<HostFacts> => {
    const wanted = siteOf(isolateCores)
    const [own] = wanted.nodes
    assert.ok(own)
    return fileSet(coresFiles(wanted, own, coresWish(wanted, own)))
  }
  const look = async (set: Resource<HostFacts>) => {
    host.forget()
    const have = await set.observe(outside)
    assert.ok(have)
    return { have, fields: set.diff(have).map(({ field, have: old, want }) => `${field} ${old}→${want}`) }
  }
  const apply = async (set: Resource<HostFacts>) => {
    await set.update(outside, (await look(set)).have, () => undefined)
    assert.deepEqual((await look(set)).fields, [])
  }
  const limits = async () => {
    const text = await machine.must([
      'sh',
      '-c',
      `cd /sys/fs/cgroup; for g in ${GROUPS.join(' ')}; do echo "$g $(cat $g/cpuset.cpus 2>/dev/null)"; done`,
    ])
    return text.split('\n').filter((line) => line !== '')
  }
  const prove = async () => {
    const wanted = siteOf(true)
    const [own] = wanted.nodes
    assert.ok(own)
    host.forget()
    const [probe] = coresProbes(wanted, own)
    const result = await probe?.run(outside)
    return `${result?.state}: ${result?.seen}`
  }

  it('keeps containers and the node itself off them, at once', async () => {
    assert.equal((await look(setOf(true))).fields.length, 7)
    await apply(setOf(true))
    assert.deepEqual(await limits(), ['lxc 0', 'system.slice 0', 'user.slice 0', 'init.scope 0'])
    const status = [
      'sh',
      '-c',
      'mkdir -p /sys/fs/cgroup/lxc/100 && echo $$ > /sys/fs/cgroup/lxc/100/cgroup.procs && grep Cpus_allowed_list /proc/self/status',
    ]
    assert.equal(await machine.must(status), 'Cpus_allowed_list:\t0\n')
    assert.equal(await machine.must(['grep', 'Cpus_allowed_list', '/proc/1/status']), 'Cpus_allowed_list:\t0\n')
    assert.equal(await prove(), 'ok: nobody else may run there')
    assert.equal(await machine.must(['stat', '-c', '%a', '/var/lib/vz/snippets/orion-cores.sh']), '755\n')
  })

  it('holds while systemd reloads, and mends what somebody took away', async () => {
    await machine.must(['systemctl', 'daemon-reexec'])
    assert.deepEqual((await look(setOf(true))).fields, [])
    await machine.must(['sh', '-c', 'echo 0-1 > /sys/fs/cgroup/lxc/cpuset.cpus'])
    assert.deepEqual((await look(setOf(true))).fields, ['CPUs of containers 0-1→0'])
    assert.equal(await prove(), 'failed: containers may run on CPUs 1')
    await apply(setOf(true))
  })

  it('is in force after a restart of the machine', async function () {
    this.timeout(RESTART_LIMIT_MS + 60_000)
    const boot = () => machine.exec(['cat', '/proc/sys/kernel/random/boot_id'])
    const before = (await boot()).stdout
    await machine.exec(['systemctl', 'reboot'])
    for (const end = Date.now() + RESTART_LIMIT_MS; Date.now() < end; await sleep(1000)) {
      const now = await boot().catch(() => undefined)
      if (now?.code === 0 && now.stdout !== before) break
    }
    await machine.must([
      'sh',
      '-c',
      'systemctl is-system-running --wait >/dev/null; systemctl is-active orion-cores.service',
    ])
    assert.deepEqual(await limits(), ['lxc 0', 'system.slice 0', 'user.slice 0', 'init.scope 0'])
    assert.deepEqual((await look(setOf(true))).fields, [])
  })

  it('gives the node its cores again, and containers stay off', async () => {
    await apply(setOf(false))
    assert.deepEqual(await limits(), ['lxc 0', 'system.slice 0-1', 'user.slice 0-1', 'init.scope 0-1'])
  })

  it('goes without a trace', async () => {
    const set = setOf(true)
    await apply(set)
    await set.remove(outside, (await look(set)).have, () => undefined)
    assert.deepEqual(await limits(), ['lxc 0-1', 'system.slice 0-1', 'user.slice 0-1', 'init.scope 0-1'])
    const left = ['sh', '-c', 'find /etc/systemd /etc/orion /usr/local/sbin -name "*orion-cores*" -o -name cores.conf']
    assert.equal(await machine.must(left), '')
  })
})
