// The check that nothing is there twice must itself see what is.
import assert from 'node:assert/strict'
import { leftovers } from './site-state.ts'

const guest = { vmid: 100, type: 'qemu', node: 'n1', name: 'web', status: 'running' }
const config = { scsi0: 'zfs:vm-100-disk-0,size=8G', net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' }
const disk = { volid: 'zfs:vm-100-disk-0', vmid: 100, content: 'images' }
const image = { volid: 'local:import/debian-13.qcow2', content: 'import' }

/** A node whose API answers out of a table. */
const node = (change: { guests?: object[]; config?: object; volumes?: object[] } = {}) => ({
  async get<T>(path: string): Promise<T> {
    const table: Record<string, unknown> = {
      '/cluster/resources?type=vm': change.guests ?? [guest],
      '/nodes/n1/storage': [{ storage: 'zfs' }],
      '/nodes/n1/storage/zfs/content': change.volumes ?? [disk, image],
      '/nodes/n1/qemu/100/config': change.config ?? config,
      '/nodes/n1/qemu/101/config': { ...config, scsi0: 'none' },
    }
    return table[path] as T
  },
})

const CASES: readonly [string, Parameters<typeof node>[0], readonly string[]][] = [
  ['nothing', {}, []],
  ['a missing guest', { guests: [], volumes: [] }, ['guest 100 web is missing']],
  ['a stopped guest', { guests: [{ ...guest, status: 'stopped' }] }, ['guest 100 is stopped']],
  ['a lock', { config: { ...config, lock: 'create' } }, ['guest 100 is locked: create']],
  ['an unused disk', { config: { ...config, unused0: 'zfs:vm-100-disk-1' } }, ['unused0']],
  ['an orphan', { volumes: [disk, { ...disk, volid: 'zfs:vm-100-disk-1' }] }, ['zfs:vm-100-disk-1 is an orphan']],
  [
    'an image twice',
    { volumes: [disk, image, { ...image, volid: 'local:import/debian-13.1.qcow2' }] },
    ['image debian-13 is there twice'],
  ],
  [
    'a guest twice',
    { guests: [guest, { ...guest, vmid: 101 }] },
    ['guest 101 web is not wanted', 'MAC BC:24:11:00:00:01 is there twice'],
  ],
]

describe('leftovers', () => {
  for (const [title, change, expected] of CASES) {
    it(`sees ${title}`, async () => assert.deepEqual(await leftovers(node(change), 'n1', ['100 web']), expected))
  }
})
