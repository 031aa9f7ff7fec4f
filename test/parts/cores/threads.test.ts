// The program on the nodes itself, on threads of a real QEMU: CPUs and scheduling are read back from /proc. Linux, root, two CPUs.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { coresLook, parseLook } from '../../../src/parts/cores/look.ts'
import { template } from '../../../src/render.ts'
import { formatCpuset, parseCpuset } from '../../../src/site/rules/cpuset.ts'
import { skip } from '../../setup.ts'

const VMID = '200'
const QEMU = 'qemu-system-x86_64'
const listed = (text: string) => /^Cpus_allowed_list:\t(\S+)$/m.exec(text)?.[1] ?? ''
/** All CPUs that there are for us, and two of them. */
const ALL = process.platform === 'linux' ? listed(readFileSync('/proc/self/status', 'utf8')) : ''
const [A = 0, B = A] = parseCpuset(ALL) ?? []
const BOTH = formatCpuset([A, B])
const LIMIT_MS = 20_000

const qemu = (folder: string): ChildProcess =>
  spawn(
    QEMU,
    [
      ...[
        '-accel',
        'tcg,thread=multi',
        '-name',
        'floor,debug-threads=on',
        '-S',
        '-smp',
        '2',
        '-m',
        '32',
        '-nodefaults',
      ],
      ...['-display', 'none', '-pidfile', `${folder}/run/qemu-server/${VMID}.pid`],
    ],
    { stdio: 'ignore' },
  )

describe('parts/cores: threads of QEMU', function () {
  this.timeout(60_000)
  let folder: string
  let machine: ChildProcess | undefined

  before(async function () {
    const isThere = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0
    if (process.getuid?.() !== 0 || A === B) return skip(this, 'needs root and two CPUs')
    if (![QEMU, 'taskset', 'chrt', 'unshare'].every(isThere)) return skip(this, `needs ${QEMU}`)
    folder = mkdtempSync(join(tmpdir(), 'orion-threads-'))
    mkdirSync(`${folder}/run/qemu-server`, { recursive: true })
    mkdirSync(`${folder}/bin`)
    symlinkSync('/proc', `${folder}/proc`)
    write('orion-cores', template<object>('cores/orion-cores')({ file: `${folder}/cores.conf` }))
    machine = qemu(folder)
    for (const end = Date.now() + LIMIT_MS; seen().length < 3 && Date.now() < end; ) await sleep(50)
    assert.ok(seen().length >= 3, 'QEMU has no threads')
  })

  after(() => {
    machine?.kill('SIGKILL')
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const write = (name: string, text: string) => {
    writeFileSync(`${folder}/bin/${name}`, text)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  const conf = (...lines: string[]) => writeFileSync(`${folder}/cores.conf`, `${lines.join('\n')}\n`)

  /** As on a node, where the files of process ids lie in /run. */
  const inside = (argv: readonly string[]) => {
    const script = `mount -t tmpfs tmpfs /run && mkdir /run/qemu-server && mount --bind "$0/run/qemu-server" /run/qemu-server || exit 99
PATH=$0/bin:$PATH exec "$@"`
    return spawnSync('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script, folder, ...argv], {
      encoding: 'utf8',
    })
  }
  const must = (...argv: string[]) => {
    const { status, stderr } = inside(argv)
    assert.deepEqual([status, stderr], [0, ''])
  }

  function seen() {
    const [program = '', ...args] = coresLook.commands?.cores ?? []
    return parseLook(execFileSync(program, [...args, folder], { encoding: 'utf8' })).threads.get(Number(VMID)) ?? []
  }
  const vcpus = () => seen().filter(({ vcpu }) => vcpu !== undefined)
  const others = () => seen().filter(({ vcpu }) => vcpu === undefined)

  it('puts all threads of a guest on its CPUs', () => {
    conf(`rest ${A}`, `guest ${VMID} ${B} - -`, `guest 20 ${A} - -`)
    must('orion-cores', 'set', '20', VMID)
    assert.deepEqual([...new Set(seen().map(({ cpus }) => cpus))], [`${B}`])
    assert.ok(seen().every(({ policy }) => policy === 0))
  })

  it('gives each virtual CPU its own, in real time, and keeps the other threads beside them', () => {
    conf(`guest ${VMID} ${BOTH} fifo ${A} ${B} ${A}`)
    must('orion-cores', 'set', VMID)
    assert.deepEqual(vcpus(), [
      { vcpu: 0, policy: 1, priority: 1, cpus: `${B}` },
      { vcpu: 1, policy: 1, priority: 1, cpus: `${A}` },
    ])
    assert.deepEqual(others(), [{ policy: 0, priority: 0, cpus: `${A}` }])
  })

  it('does nothing the second time that changes anything', () => {
    const before = seen()
    must('orion-cores', 'set', VMID)
    assert.deepEqual(seen(), before)
  })

  it('is what the hookscript does after the start, and at no other time', () => {
    write('hook', template<object>('cores/hook')({ program: `${folder}/bin/orion-cores` }))
    conf(`guest ${VMID} ${A} - -`)
    for (const phase of ['pre-start', 'pre-stop', 'post-stop']) must('hook', VMID, phase)
    assert.equal(vcpus()[0]?.policy, 1)
    must('hook', VMID, 'post-start')
    assert.deepEqual([vcpus()[0]?.policy, vcpus()[0]?.cpus], [0, `${A}`])
    conf()
    must('hook', VMID, 'post-start')
    assert.equal(vcpus()[0]?.cpus, `${A}`, 'a guest without a line stays where it is')
    rmSync(`${folder}/bin/orion-cores`)
    must('hook', VMID, 'post-start')
    write('orion-cores', template<object>('cores/orion-cores')({ file: `${folder}/cores.conf` }))
  })

  it('gives a guest all CPUs again, whatever it had', () => {
    conf(`guest ${VMID} ${B} fifo ${B} ${B} ${B}`)
    must('orion-cores', 'set', VMID)
    must('orion-cores', 'free', VMID)
    assert.deepEqual([...new Set(seen().map(({ policy, cpus }) => `${policy} ${cpus}`))], [`0 ${ALL}`])
  })

  it('says which CPUs there are none of, and fails', () => {
    conf(`guest ${VMID} 8000 - -`)
    const { status, stderr } = inside(['orion-cores', 'set', VMID])
    assert.equal(status, 1)
    assert.match(stderr, /^orion-cores: taskset: .*nvalid argument/)
  })

  for (const args of [[], ['set', '-1'], ['set', '$(reboot)'], ['set', ''], ['boom', VMID]])
    it(`refuses ${JSON.stringify(args)}`, () => {
      const { status, stderr } = inside(['orion-cores', ...args])
      assert.deepEqual([status, stderr], [1, 'orion-cores: usage: orion-cores set|free VMID… | boot\n'])
    })

  it('leaves a process alone that only has the number of a guest that is gone', () => {
    const child = spawn('sleep', ['60'])
    try {
      writeFileSync(`${folder}/run/qemu-server/300.pid`, `${child.pid}\n`)
      conf(`guest 300 ${B} - -`)
      must('orion-cores', 'set', '300')
      assert.equal(listed(readFileSync(`/proc/${child.pid}/status`, 'utf8')), ALL)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('stores what is wanted of each guest, remembers what is ours, and goes on where one fails', () => {
    const marks = `${folder}/marks`
    const text = template<object>('cores/pins')({ file: '', marks, program: 'orion-cores' })
    write(
      'qm',
      `#!/bin/sh\necho "$*" >> ${folder}/qm\n[ "$2" != 101 ] || { echo 'VM 101 is locked (backup)' >&2; exit 255; }\n`,
    )
    conf(`guest ${VMID} ${B} - -`)
    mkdirSync(marks)
    writeFileSync(`${marks}/102`, '3\n')
    const set = ['sh', '-c', text, 'orion-cpu-pins']
    const rows = [
      ...['101', 'd1', '1', '='],
      ...[VMID, 'd2', '0-1', 'local:snippets/orion-cores.sh'],
      ...['102', '-', '-', '-'],
      ...['103', 'd3', 'own:2', '='],
      ...['104', 'd4', '=', '='],
    ]
    const { status, stderr } = inside([...set, ...rows])
    assert.deepEqual([status, stderr], [1, '101: VM 101 is locked (backup)\n'])
    assert.equal(
      readFileSync(`${folder}/qm`, 'utf8'),
      `set 101 --affinity 1 --digest d1
set 200 --affinity 0-1 --hookscript local:snippets/orion-cores.sh --digest d2
set 102 --delete affinity,hookscript
set 103 --affinity 2 --digest d3
`,
    )
    const marked = (vmid: string) =>
      existsSync(`${marks}/${vmid}`) ? readFileSync(`${marks}/${vmid}`, 'utf8') : undefined
    assert.deepEqual(['101', VMID, '102', '103', '104'].map(marked), [
      undefined,
      '0-1\n',
      undefined,
      undefined,
      undefined,
    ])
    assert.equal(vcpus()[0]?.cpus, `${B}`, 'threads go by the file')
  })
})
