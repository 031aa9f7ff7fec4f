// What orion-cores-look says of a node: on a tree of files, checked as a shell script, and how its lines are read.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { activateCores } from '../../../src/parts/cores/activation.ts'
import { coresLook, parseLook } from '../../../src/parts/cores/look.ts'
import { template } from '../../../src/render.ts'
import { needs } from '../../setup.ts'

const LOOK = coresLook.commands?.cores ?? []

const CPU = '/sys/devices/system/cpu'
const stat = (pid: number, name: string, priority: number, policy: number): string =>
  `${pid} (${name}) S ${'1 '.repeat(36)}${priority} ${policy} 0 0 0 0\n`
const status = (name: string, cpus: string): string =>
  `Name:\t${name}\nUmask:\t0022\nCpus_allowed:\tff\nCpus_allowed_list:\t${cpus}\nMems_allowed_list:\t0\n`

/** Two cores with two threads each, one of which is offline; VM 200 runs, 201 has left a file of its process id. */
const TREE: Readonly<Record<string, string>> = {
  [`${CPU}/cpu0/topology/thread_siblings_list`]: '0,2\n',
  [`${CPU}/cpu0/topology/physical_package_id`]: '0\n',
  [`${CPU}/cpu0/node0/meminfo`]: '',
  [`${CPU}/cpu1/online`]: '1\n',
  [`${CPU}/cpu1/topology/thread_siblings_list`]: '1\n',
  [`${CPU}/cpu1/topology/physical_package_id`]: '1\n',
  [`${CPU}/cpu1/node1/meminfo`]: '',
  [`${CPU}/cpu2/online`]: '1\n',
  [`${CPU}/cpu2/topology/thread_siblings_list`]: '0,2\n',
  [`${CPU}/cpu3/online`]: '0\n',
  [`${CPU}/cpu3/node1/meminfo`]: '',
  [`${CPU}/cpufreq/boost`]: '1\n',
  '/sys/devices/cpu_atom/cpus': '2-3\n',
  '/etc/pve/qemu-server/200.conf': 'affinity: 1\ncores: 2\n[PENDING]\naffinity: 0,2\n[before]\naffinity: 3\n',
  '/etc/pve/qemu-server/201.conf': 'affinity: 1\n[PENDING]\ndelete: cores,affinity\n',
  '/etc/pve/qemu-server/202.conf': 'description: affinity%3A 1\n[snap]\naffinity: 1\n',
  '/var/lib/orion/cores/200': '1\n',
  '/run/qemu-server/200.pid': '4000\n',
  '/run/qemu-server/201.pid': '4001\n',
  '/run/qemu-server/202.qmp': '',
  '/proc/4000/cmdline': '/usr/bin/kvm\0-id\x100\0-pidfile\0/var/run/qemu-server/200.pid\0-daemonize\0',
  '/proc/4000/task/4000/stat': stat(4000, 'kvm', 0, 0),
  '/proc/4000/task/4000/status': status('kvm', '0,2'),
  '/proc/4000/task/4001/stat': stat(4001, 'CPU 0/KVM', 1, 1),
  '/proc/4000/task/4001/status': status('CPU 0/KVM', '1'),
  '/proc/4000/task/4002/stat': stat(4002, 'CPU 1/TCG', 0, 0),
  '/proc/4000/task/4002/status': status('CPU 1/TCG', '0-3'),
  '/proc/4000/task/4003/stat': stat(4003, 'a) S 1 (b', 0, 0),
  '/proc/4000/task/4003/status': status('a) S 1 (b', '0,2'),
  // Another program has that number by now.
  '/proc/4001/cmdline': 'sleep\x080\0',
  '/proc/4001/task/4001/stat': stat(4001, 'sleep', 0, 0),
  '/proc/4001/task/4001/status': status('sleep', '0'),
  '/sys/fs/cgroup/lxc/cpuset.cpus': '0,2\n',
  '/sys/fs/cgroup/system.slice/cpuset.cpus': '\n',
}

const SAID = `cpu 0 1 0,2 0 0
cpu 1 1 1 1 1
cpu 2 1 0,2 - 0
cpu 3 0 - - 1
kind atom 2-3
stored 200 0,2
ours 200 1
other 200 0 0 0,2
vcpu 200 0 1 1 1
vcpu 200 1 0 0 0-3
cgroup lxc 0,2
cgroup system.slice -
`

describe('parts/cores/look', () => {
  let root: string
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'orion-cores-'))
    for (const [path, text] of Object.entries(TREE)) {
      mkdirSync(dirname(root + path), { recursive: true })
      writeFileSync(root + path, text)
    }
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  it('says what a node has, one fact per line', () => {
    const [program = '', ...args] = LOOK
    assert.equal(execFileSync(program, [...args, root], { encoding: 'utf8' }), SAID)
  })

  it('says nothing of an empty one, without an error', () => {
    const [program = '', ...args] = LOOK
    assert.equal(execFileSync(program, [...args, join(root, 'none')], { encoding: 'utf8' }), '')
  })

  it('is read: threads, stored affinities, limits', () => {
    const look = parseLook(SAID)
    assert.deepEqual(look.threads.get(200), [
      { policy: 0, priority: 0, cpus: '0,2' },
      { vcpu: 0, policy: 1, priority: 1, cpus: '1' },
      { vcpu: 1, policy: 0, priority: 0, cpus: '0-3' },
    ])
    assert.deepEqual([[...look.stored], [...look.ours]], [[[200, '0,2']], [[200, '1']]])
    assert.deepEqual(
      [...look.cgroups],
      [
        ['lxc', '0,2'],
        ['system.slice', ''],
      ],
    )
    assert.deepEqual(
      look.topology.map((core) => core.cpus),
      [[0, 2], [1]],
    )
  })

  it('passes over lines that are cut or of somebody else', () => {
    const look = parseLook('vcpu 200 1 0\nother\ncpu 0\nstored x 1\ncgroup lxc\nhello\n')
    assert.deepEqual([look.threads.size, look.stored.size, look.cgroups.size, look.topology.length], [0, 0, 0, 0])
  })

  it('and every script beside it is what shellcheck has nothing to say about', async function () {
    this.timeout(60_000)
    await needs(this, ['shellcheck'])
    const check = (text: string) => execFileSync('shellcheck', ['--shell=dash', '-'], { input: text, encoding: 'utf8' })
    for (const text of [
      LOOK[2] ?? '',
      activateCores([])[0]?.[2] ?? '',
      template<object>('cores/orion-cores')({ file: '/etc/orion/cores.conf' }),
      template<object>('cores/hook')({ program: '/usr/local/sbin/orion-cores' }),
      template<object>('cores/pins')({ file: '/f', marks: '/m', program: '/p' }),
    ])
      assert.equal(check(text), '')
  })
})
