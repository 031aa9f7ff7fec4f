// Parameters against the schema, with the words that Proxmox VE has for each mistake.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ApiError } from '../../src/lab/route.ts'
import { schemaOf } from '../../src/lab/schema.ts'
import { validate } from '../../src/lab/validate.ts'

const vm = 'POST /nodes/pve1/qemu'
const config = 'PUT /nodes/pve1/qemu/100/config'
const ct = 'POST /nodes/pve1/lxc'
const unknown = 'property is not defined in schema and the schema does not allow additional properties\n'

function check(request: string, params: Record<string, unknown>, version = '9.1.4'): Record<string, unknown> {
  const [method = '', path = ''] = request.split(' ')
  const found = schemaOf(version).find(method, path)
  assert.ok(found, request)
  return validate(found.endpoint, found.ids, params, version)
}

function errorsOf(
  request: string,
  params: Record<string, unknown>,
  version?: string,
): Record<string, string> | undefined {
  try {
    check(request, params, version)
    return undefined
  } catch (error) {
    const { status, message, errors } = error as ApiError
    assert.deepEqual([status, message], [400, 'Parameter verification failed.\n'])
    return { ...errors }
  }
}

/** Request, one parameter and its value, the error text (undefined = fine), the version. */
const rows: readonly [string, string, unknown, string | undefined, string?][] = [
  [config, 'nonsense', '1', unknown],
  [config, '__proto__x', '1', unknown],
  [config, 'constructor', '1', unknown],
  [config, 'cores', 'many', "type check ('integer') failed - got 'many'\n"],
  [config, 'cores', '1.5', "type check ('integer') failed - got '1.5'\n"],
  [config, 'cores', '', "type check ('integer') failed - got ''\n"],
  [config, 'cores', '0', 'value must have a minimum value of 1\n'],
  [config, 'cores', 4, undefined],
  [config, 'cores', { a: 1 }, "type check ('integer') failed - got HASH\n"],
  [config, 'net0', { toString: null }, "type check ('string') failed - got HASH\n"],
  [config, 'name', ['a'], "type check ('string') failed - got ARRAY\n"],
  [config, 'onboot', 'true', "type check ('boolean') failed - got 'true'\n"],
  [config, 'onboot', 'on', "type check ('boolean') failed - got 'on'\n"],
  [config, 'onboot', 'yes', "type check ('boolean') failed - got 'yes'\n"],
  [config, 'onboot', '1', undefined],
  [config, 'onboot', true, undefined],
  [config, 'bios', 'efi', "value 'efi' does not have a value in the enumeration 'ovmf, seabios'\n"],
  [config, 'description', 'x'.repeat(8193), 'value may only be 8192 characters long\n'],
  [config, 'name', 'a_b', 'invalid format - value does not look like a valid DNS name\n'],
  [config, 'sshkeys', 'ssh-ed25519 AAAA', 'invalid format - invalid urlencoded string: ssh-ed25519 AAAA\n'],
  [config, 'sshkeys', 'ssh-ed25519%20AAAA%2B', undefined],
  [config, 'tags', 'a;b-c,d', undefined],
  [config, 'tags', 'a;ä', 'invalid format - invalid characters in tag\n'],
  [config, 'startup', 'order=3,up=30', undefined],
  [config, 'startup', 'soon', 'invalid format - unable to parse startup options\n'],
  [config, 'boot', 'order=scsi0;ide2;net0', undefined],
  [
    config,
    'boot',
    'order=floppy0',
    "invalid format - format error\nboot.order: invalid format - invalid boot device 'floppy0'\n\n",
  ],
  [config, 'affinity', '0-3,8', undefined],
  [config, 'affinity', 'all', 'invalid format - unable to parse cpuset: all\n'],
  [config, 'net31', 'virtio,bridge=vmbr0', undefined],
  [config, 'net32', 'virtio,bridge=vmbr0', unknown],
  [config, 'net01', 'virtio,bridge=vmbr0', unknown],
  [config, 'scsi30', 'local-zfs:8', undefined],
  [config, 'sata6', 'local-zfs:8', unknown],
  [config, 'net0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=on,tag=20', undefined],
  [
    config,
    'net0',
    'virtio,tag=x',
    "invalid format - format error\nnet0.tag: type check ('integer') failed - got 'x'\n",
  ],
  [
    config,
    'net0',
    'virtio,tag=4095',
    'invalid format - format error\nnet0.tag: value must have a maximum value of 4094\n',
  ],
  [
    config,
    'net0',
    'virtio=01:00:00:00:00:01',
    'invalid format - format error\nnet0.macaddr: invalid format - value does not look like a valid unicast MAC address\n\n',
  ],
  [
    config,
    'net0',
    'virtio,bridge=a,bridge=b',
    'invalid format - duplicate key in comma-separated list property: bridge\n',
  ],
  [config, 'net0', 'virtio,speed=10', 'invalid format - invalid key in comma-separated list property: speed\n'],
  [config, 'net0', 'virtio,bridge=', 'invalid format - missing key in comma-separated list property\n'],
  [config, 'scsi0', 'local-zfs:0,import-from=local:import/a.qcow2,discard=on,iothread=1,ssd=1', undefined],
  [
    config,
    'scsi0',
    'nowhere',
    "invalid format - format error\nscsi0.file: invalid format - unable to parse volume ID 'nowhere'\n\n",
  ],
  [config, 'scsi0', 'local-zfs:8,cyls=4', 'invalid format - invalid key in comma-separated list property: cyls\n'],
  [config, 'scsi0', 'local-zfs:8,cyls=4', undefined, '8.4.14'],
  [config, 'ipconfig0', 'ip=192.0.2.9/24,gw=192.0.2.1,ip6=auto', undefined],
  [
    config,
    'ipconfig0',
    'gw=192.0.2.1',
    "invalid format - format error\nipconfig0.ip: missing property - 'ipconfig0.gw' requires this property\n",
  ],
  [
    config,
    'ipconfig0',
    'ip=192.0.2.9',
    'invalid format - format error\nipconfig0.ip: invalid format - value does not look like a valid ipv4 network configuration\n\n',
  ],
  [config, 'hostpci0', 'mapping=gpu,pcie=1', undefined],
  [config, 'hostpci0', '0000:01:00.0;0000:01:00.1,x-vga=1', undefined],
  [config, 'hostpci0', 'gpu', 'invalid format - format error\nhostpci0.host: value does not match the regex pattern\n'],
  [config, 'cpu', 'x86-64-v2-AES,flags=+aes;-pcid', undefined],
  [config, 'cpu', 'EPYC-Turin-v2,hidden=1', undefined],
  [config, 'cpu', 'custom-mine', undefined],
  [
    config,
    'cpu',
    'hots',
    "invalid format - format error\ncpu.cputype: invalid format - Built-in cputype 'hots' is not defined (missing 'custom-' prefix?)\n\n",
  ],
  [config, 'machine', 'q35,viommu=virtio', undefined],
  [config, 'machine', 'z80', 'invalid format - format error\nmachine.type: value does not match the regex pattern\n'],
  [config, 'smbios1', 'uuid=1dfa7386-2be0-5345-9af4-9510363a3884', undefined],
  [config, 'allow-ksm', '0', undefined],
  [config, 'allow-ksm', '0', unknown, '8.4.14'],
  [vm, 'vmid', '99', 'invalid format - value does not look like a valid VM ID\n'],
  [vm, 'vmid', undefined, 'property is missing and it is not optional\n'],
  ['GET /nodes/pve1/qemu/abc/config', 'current', '1', "type check ('integer') failed - got 'abc'\n"],
  ['POST /access/roles', 'privs', 'VM.Audit,VM.Monitor', "invalid format - invalid privilege 'VM.Monitor'\n"],
  ['POST /access/roles', 'privs', 'VM.Audit VM.Monitor', undefined, '8.4.14'],
  ['PUT /access/acl', 'tokens', 'orion@pve!orion', undefined],
  [
    'PUT /access/acl',
    'tokens',
    'orion@pve',
    "invalid format - value 'orion@pve' does not look like a valid token ID\n",
  ],
  ['POST /storage', 'content', 'images,rootdir,import', undefined],
  ['POST /storage', 'content', 'films', "invalid format - invalid content type 'films'\n"],
  [
    'POST /storage',
    'type',
    'glusterfs',
    "value 'glusterfs' does not have a value in the enumeration 'btrfs, cephfs, cifs, dir, esxi, iscsi, iscsidirect, lvm, lvmthin, nfs, pbs, rbd, zfs, zfspool'\n",
  ],
  ['POST /cluster/mapping/pci', 'map', 'node=pve1,path=0000:01:00.0,id=10de:1b80', undefined],
]

const required: Record<string, Record<string, string>> = {
  [vm]: { vmid: '100' },
  [ct]: { vmid: '100', ostemplate: 'local:vztmpl/a.tar.zst' },
  'POST /access/roles': { roleid: 'Orion' },
  'PUT /access/acl': { path: '/', roles: 'PVEAuditor' },
  'POST /storage': { storage: 'data', type: 'dir' },
  'POST /cluster/mapping/pci': { id: 'gpu' },
}

describe('validate', () => {
  for (const [request, name, value, text, version] of rows) {
    const shown = String(JSON.stringify(value)).slice(0, 60)
    it(`${request} ${name}=${shown} ${version ?? ''}${text === undefined ? ' is fine' : ''}`, () => {
      const errors = errorsOf(request, { ...required[request], [name]: value }, version)
      const path = name === 'current' ? 'vmid' : name
      assert.deepEqual(errors, text === undefined ? undefined : { [path]: text })
    })
  }

  it('names every mistake at once', () => {
    assert.deepEqual(Object.keys(errorsOf(vm, { cores: 'x', bios: 'y', z: '1' }) ?? {}).sort(), [
      'bios',
      'cores',
      'vmid',
      'z',
    ])
  })

  it('gives values their types', () => {
    const device = 'id=10de:1b80,path=0000:01:00.0'
    const typed = check(vm, { vmid: '100', onboot: '0', cpulimit: '1.5', memory: '2048', tags: 'a;b' })
    assert.deepEqual(typed, { vmid: 100, onboot: false, cpulimit: 1.5, memory: '2048', tags: 'a;b' })
    assert.deepEqual(check('POST /cluster/mapping/pci', { id: 'gpu', map: `${device},node=a\0${device},node=b` }).map, [
      `${device},node=a`,
      `${device},node=b`,
    ])
    const wrong = errorsOf('POST /cluster/mapping/pci', { id: 'gpu', map: [`${device},node=a`, 'node=b'] })
    assert.match(wrong?.['map[1]'] ?? '', /map\[1\]\.id: property is missing/)
    assert.deepEqual(check(vm, { vmid: 100, onboot: true, cores: 2 }), { vmid: 100, onboot: true, cores: 2 })
  })

  it('takes null for not given', () => {
    assert.deepEqual(check(config, { cores: null }), {})
  })

  it('answers anything with a 400 or not at all', () => {
    const names = [
      'net0',
      'scsi0',
      'boot',
      'cpu',
      'agent',
      'smbios1',
      'hostpci0',
      'ipconfig0',
      'startup',
      'tags',
      'cores',
      'other',
      'sshkeys',
    ]
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.stringMatching(/^[a-z0-9=,;:.]*$/))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (params) => {
        errorsOf(config, params as Record<string, unknown>)
      }),
      { numRuns: 500 },
    )
  })
})
