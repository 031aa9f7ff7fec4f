// The programs that the work on devices brings to a node: their windows, what they remember of a network, and shellcheck.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gpuBoot } from '../../../src/parts/gpu/files.ts'
import { rebootSet } from '../../../src/parts/gpu/reboot.ts'
import { restartFacts } from '../../../src/parts/gpu/restart-facts.ts'
import { node } from '../../site/site-builder.ts'

const program = rebootSet(node('n1'), {}).files({ files: new Map(), commands: new Map() })[0]?.text ?? ''
const facts = restartFacts().commands?.['gpu-facts']?.[2] ?? ''

/** Its functions without its commands, with other files in the places of the machine's. */
function run(root: string, script: string): string {
  const functions = program.slice(0, program.indexOf('[ "$(id -u)" = 0 ]'))
  const text = functions
    .replace(/^PATH=.*$/m, 'LC_ALL=C')
    .replace('BASE=/var/lib/orion/reboot', `BASE=${root}`)
    .replaceAll('/sys/class/net', `${root}/net`)
    .replaceAll('/etc/network', `${root}/etc`)
  return execFileSync('sh', ['-c', `${text}\n${script}`], { encoding: 'utf8' })
}

describe('parts/gpu: programs on the node', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'orion-reboot-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  // A list of kernels by ls: their names have no blanks.
  for (const [name, text] of [
    ['orion-reboot', program],
    ['orion-gpu-boot', `#!/bin/sh\n${gpuBoot('grub')[2]}`],
    ['orion-gpu-facts', `#!/bin/sh\n${facts}`],
  ] as const)
    it(`${name} passes shellcheck`, () => {
      execFileSync('shellcheck', ['-s', 'sh', '-e', 'SC2012', '-'], { input: text })
    })

  for (const [window, inside, outside] of [
    ['02:00-05:00', ['02:00', '03:30', '04:59'], ['01:59', '05:00', '14:00', '00:00']],
    ['22:30-04:00', ['22:30', '23:59', '00:00', '03:59'], ['04:00', '12:00', '22:29']],
    ['08:08-09:09', ['08:08', '09:08'], ['09:09', '08:07']],
  ] as const)
    it(`a window of ${window} has its begin in it, and not its end`, () => {
      const at = (time: string) =>
        run(root, `date() { echo ${time}; }; in_window ${window} && echo in || echo out`).trim()
      for (const time of inside) assert.equal(at(time), 'in', time)
      for (const time of outside) assert.equal(at(time), 'out', time)
    })

  const put = (path: string, text = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  /** vmbr0 with a port, and with a guest's tap that no file names; vmbr9, which came from elsewhere. */
  function network(): void {
    put('etc/interfaces', 'auto vmbr0\niface vmbr0 inet static\n\taddress 10.0.0.10/24\n\tbridge-ports eno1\n')
    for (const port of ['eno1', 'tap100i0']) {
      put(`net/${port}/address`, `aa:bb:cc:00:00:0${port.length}\n`)
      put(`net/vmbr0/brif/${port}`)
    }
    put('net/vmbr0/bridge/x')
    put('net/vmbr9/bridge/x')
  }
  const ADDRESSES = `ip() { case "$*" in '-o addr'*) echo '2: vmbr0    inet 10.0.0.10/24 brd 10.0.0.255 scope global vmbr0'; echo '3: x inet 192.0.2.7/24 scope global x' ;; esac; }`

  it('remembers what the files of the node name, and nothing that came by itself', () => {
    network()
    assert.deepEqual(run(root, `${ADDRESSES}\nexpected`).trim().split('\n'), [
      'bridge vmbr0',
      'port vmbr0 eno1 aa:bb:cc:00:00:04',
      'address vmbr0 10.0.0.10/24',
    ])
  })

  for (const [name, change, lines] of [
    ['all is there', () => {}, []],
    ['a port is gone', () => rmSync(join(root, 'net/vmbr0/brif/eno1')), ['the bridge vmbr0 has no port eno1']],
    [
      'another card has the name',
      () => put('net/eno1/address', 'aa:bb:cc:00:00:99\n'),
      ['the port eno1 is another one: its address is aa:bb:cc:00:00:99, and was aa:bb:cc:00:00:04'],
    ],
    [
      'the bridge is gone',
      () => rmSync(join(root, 'net/vmbr0'), { recursive: true }),
      ['the bridge vmbr0 is not there', 'the bridge vmbr0 has no port eno1'],
    ],
    [
      'somebody took the port out of the files',
      () => {
        rmSync(join(root, 'net/vmbr0/brif/eno1'))
        put('etc/interfaces', 'auto vmbr0\niface vmbr0 inet static\n\taddress 10.0.0.10/24\n')
      },
      [],
    ],
  ] as const)
    it(`after the start: ${name}`, () => {
      network()
      put('expected', run(root, `${ADDRESSES}\nexpected`))
      change()
      assert.deepEqual(run(root, `${ADDRESSES}\nmissing`).split('\n').filter(Boolean), lines)
    })

  it('after the start: an address is gone', () => {
    network()
    put('expected', run(root, `${ADDRESSES}\nexpected`))
    assert.equal(run(root, 'ip() { :; }\nmissing'), 'vmbr0 has no address 10.0.0.10/24\n')
  })

  for (const [name, files, line] of [
    [
      'the newest',
      ['boot/vmlinuz-6.8.12-9-pve', 'boot/vmlinuz-6.14.8-2-pve', 'boot/vmlinuz-6.8.12-10-pve'],
      '6.14.8-2-pve',
    ],
    ['a pin', ['boot/vmlinuz-6.14.8-2-pve', 'etc/kernel/proxmox-boot-pin'], 'pinned'],
    [
      'a pin for the next start alone',
      ['boot/vmlinuz-6.14.8-2-pve', 'etc/kernel/proxmox-boot-pin', 'etc/kernel/next-boot-pin'],
      'next',
    ],
  ] as const)
    it(`the kernel of the next start: ${name}`, () => {
      for (const path of files)
        put(path, path.endsWith('proxmox-boot-pin') ? 'pinned\n' : path.endsWith('next-boot-pin') ? 'next\n' : '')
      const text = facts
        .replaceAll('/boot/', `${root}/boot/`)
        .replaceAll('/etc/', `${root}/etc/`)
        .replaceAll('/var/', `${root}/var/`)
      assert.deepEqual(execFileSync('sh', ['-c', text], { encoding: 'utf8' }).trim().split('\n'), [
        `next-kernel ${line}`,
        'end',
      ])
    })

  for (const [status, lines] of [
    ['{"node_status":{"n1":"online"}}', ['ha vm:100', 'ha ct:300']],
    ['{"node_status":{"n1":"maintenance","n2":"online"}}', []],
  ] as const)
    it(`guests that the cluster keeps: ${status}`, () => {
      put('etc/pve/ha/resources.cfg', 'vm: 100\n\tstate started\n\nct: 300\n\nvm: 200\n')
      put('etc/pve/ha/manager_status', status)
      for (const path of ['qemu-server/100.conf', 'lxc/300.conf']) put(`etc/pve/nodes/n1/${path}`)
      const text = facts
        .replaceAll('/boot/', `${root}/boot/`)
        .replaceAll('/etc/', `${root}/etc/`)
        .replaceAll('/var/', `${root}/var/`)
      const said = execFileSync('sh', ['-c', `uname() { echo n1.lan; }\n${text}`], { encoding: 'utf8' })
      assert.deepEqual(said.trim().split('\n').slice(0, -1), lines)
    })
})
