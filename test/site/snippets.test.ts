import assert from 'node:assert/strict'
import type { Storage } from '../../src/site/site.ts'
import { snippetsOf } from '../../src/site/snippets.ts'
import { storage } from './site-builder.ts'

const of = (name: string, parts: Partial<Storage> = {}) =>
  storage(name, { type: 'dir', content: ['snippets'], ...parts })
const at = (...some: Storage[]) => snippetsOf({ storage: some }, 'n1')

describe('snippets', () => {
  const rows: [string, Storage[], ReturnType<typeof at>][] = [
    [
      'a folder',
      [of('local', { options: { path: '/var/lib/vz' } })],
      { storage: 'local', folder: '/var/lib/vz/snippets' },
    ],
    [
      'a share, where Proxmox VE mounts it',
      [of('nas', { type: 'nfs', shared: true })],
      { storage: 'nas', folder: '/mnt/pve/nas/snippets' },
    ],
    [
      'its own before a share',
      [of('nas', { shared: true, options: { path: '/a' } }), of('own', { options: { path: '/b/' } })],
      { storage: 'own', folder: '/b/snippets' },
    ],
    ['not that of another node', [of('far', { nodes: ['n2'] })], undefined],
    ['not one without snippets', [of('local', { content: ['iso'] })], undefined],
    ['not what is no folder', [of('pool', { type: 'zfspool' })], undefined],
  ]
  for (const [title, some, want] of rows) it(title, () => assert.deepEqual(at(...some), want))
})
