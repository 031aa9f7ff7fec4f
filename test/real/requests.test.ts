// Every request that orion sends while it builds a site, held against what a real Proxmox VE says its API is.
import assert from 'node:assert/strict'
import { skip } from '../setup.ts'
import { orion } from './program.ts'
import { problemsOf, readSchema, type Schema, type Sent } from './pve-schema.ts'
import { HIVE_SITE, ORION_SITE, type Rehearsal, startRehearsal } from './rehearsal.ts'

const NET = 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1'

/** Requests, and the parameters that are wrong in them: the check itself must see. */
const CASES: readonly [string, Sent, readonly string[]][] = [
  [
    'a virtual machine',
    {
      method: 'POST',
      path: '/nodes/{node}/qemu',
      params: {
        vmid: 200,
        name: 'router',
        net0: NET,
        net17: NET,
        scsi0: 'local-zfs:0,import-from=local:import/debian.qcow2',
        boot: 'order=scsi0;net0',
        sshkeys: 'ssh-ed25519%20AAA%2B%0A',
        agent: 'enabled=1',
        onboot: 1,
        tags: 'orion;web',
        startup: 'order=1',
        ipconfig0: 'ip=dhcp,ip6=auto',
      },
    },
    [],
  ],
  [
    'a broken virtual machine',
    {
      method: 'POST',
      path: '/nodes/{node}/qemu',
      params: {
        net0: 'bridge=vmbr0,colour=red',
        net32: NET,
        cores: 0,
        bios: 'efi',
        onboot: 'yes',
        colour: 'red',
        sshkeys: 'a b',
      },
    },
    ['net0.colour', 'net0.model', 'net32', 'cores', 'bios', 'onboot', 'colour', 'sshkeys', 'vmid'],
  ],
  ['an id with a slash', { method: 'DELETE', path: '/nodes/n1/storage/local/content/local:iso/x.iso', params: {} }, []],
  [
    'half a checksum',
    {
      method: 'POST',
      path: '/nodes/n1/storage/local/download-url',
      params: { url: 'https://example.org/x', content: 'iso', filename: 'x.iso', checksum: 'ab' },
    },
    ['checksum'],
  ],
  ['no such path', { method: 'GET', path: '/nodes/n1/teapot/1', params: {} }, ['there is no such method or path']],
  ['no such method', { method: 'PATCH', path: '/version', params: {} }, ['there is no such method or path']],
]

describe('the requests of orion', function () {
  this.timeout(120_000)
  let schema: Schema
  before(function () {
    const read = readSchema()
    if ('reason' in read) return skip(this, read.reason)
    schema = read.schema
  })

  for (const [title, sent, expected] of CASES) {
    it(`are checked: ${title}`, () => {
      const names = problemsOf(schema, sent).map((problem) => problem.replace(/^\S+ \S+: /, '').replace(/[:=].*$/s, ''))
      assert.deepEqual(names, expected)
    })
  }

  const SITES: readonly [string, string, readonly [string, string]][] = [
    ['orion.yaml', ORION_SITE, ['netbox', 'redis']],
    ['hive.yaml', HIVE_SITE, ['council', 'worker-1']],
  ]
  for (const [title, site, [vm, container]] of SITES) {
    const commands = [
      ['bootstrap', '--yes'],
      ['vm', 'list'],
      ['vm', 'stop', vm, container, '--yes'],
      ['vm', 'start', vm, '--yes'],
      ['vm', 'destroy', container, '--confirm', container],
      ['vm', 'destroy', vm, '--confirm', vm],
      ['bootstrap', '--yes'],
      ['verify'],
    ]
    it(`are what a real Proxmox VE takes: ${title}`, async () => {
      const lab: Rehearsal = await startRehearsal({ site, pace: 0 })
      try {
        for (const args of commands) {
          const { code, stdout, stderr } = await orion([...args, '--site', site, '--lab-dir', lab.dir])
          assert.equal(code, 0, `orion ${args.join(' ')}\n${stdout}\n${stderr}`)
        }
      } finally {
        await lab.close()
      }
      const writes = lab.records.filter(({ method }) => method !== 'GET')
      assert.ok(writes.length > 20, `${writes.length} writes`)
      const problems = lab.records.flatMap(({ method, template, params }) =>
        problemsOf(schema, { method, path: template, params }),
      )
      assert.deepEqual([...new Set(problems)], [])
      assert.deepEqual(
        lab.records.filter(({ status }) => status === 400 || status === 501),
        [],
      )
    })
  }
})
