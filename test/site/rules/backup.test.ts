// Backups lie where their guests run, and disks are copied to where they fit.
import assert from 'node:assert/strict'
import { backups } from '../../../src/site/rules/backup.ts'
import type { Backup, Site } from '../../../src/site/site.ts'
import { cluster, ct, node, site, storage, told, vm } from '../site-builder.ts'

const job = (parts: Partial<Backup> = {}): Backup => ({
  name: 'night',
  id: `orion-test-${parts.name ?? 'night'}`,
  schedule: 'daily',
  storage: 'nas',
  mode: 'snapshot',
  compress: 'zstd',
  guests: ['a', 'b'],
  ...parts,
})
const base: Partial<Site> = {
  clusters: [cluster('test'), cluster('far')],
  nodes: [node('pve'), node('pve2'), node('away', { cluster: 'far' })],
  guests: [vm('a', 100), vm('b', 101), vm('c', 102, {}, { node: 'pve2' })],
  storage: [storage('disks'), storage('nas', { type: 'dir', content: ['backup'] })],
}
const jobs = (...backup: Backup[]): Partial<Site> => ({ ...base, backup })
const copies = (...to: string[]): Partial<Site> => ({
  ...base,
  guests: [vm('a', 100, {}, { replicate: to.map((one) => ({ to: one, schedule: '*/15' })) })],
})

const ROWS: readonly (readonly [string, Partial<Site>, string[]])[] = [
  ['nothing to say', jobs(job()), []],
  ['a storage that nobody declares', jobs(job({ storage: 'local' })), []],
  ['no guest', jobs(job({ guests: [] })), ['warning backup.night: there is no guest to back up']],
  [
    'another content type',
    jobs(job({ storage: 'disks' })),
    ['error backup.night.storage: storage disks does not have the content type backup (it has images, rootdir)'],
  ],
  [
    'a node without the storage, told once',
    {
      ...jobs(job({ guests: ['a', 'b', 'c'] })),
      storage: [storage('nas', { type: 'dir', content: ['backup'], nodes: ['pve2'] })],
    },
    ['error backup.night.storage: storage nas is not on pve, where guests.a runs'],
  ],
  [
    'an id that Proxmox VE cannot look up',
    jobs(job({ name: 'n'.repeat(40) })),
    [
      `error backup.${'n'.repeat(40)}: its id in Proxmox VE is orion-test-${'n'.repeat(40)}, and may have 50 characters at most`,
    ],
  ],
  ['copies on another node', copies('pve2'), []],
  ['copies on its own node', copies('pve'), ['error guests.a.replicate: guests.a runs on pve itself']],
  ['twice the same', copies('pve2', 'pve2'), ['error guests.a.replicate: pve2 is named twice']],
  [
    'copies in another cluster',
    copies('away'),
    ['error guests.a.replicate: away is of cluster far, and guests.a runs in test'],
  ],
  [
    'a storage that cannot be copied, and one that is not there',
    {
      ...base,
      storage: [storage('disks', { nodes: ['pve'] }), storage('thin', { type: 'lvmthin' })],
      guests: [
        ct(
          'a',
          100,
          {},
          {
            replicate: [{ to: 'pve2', schedule: '*/15' }],
            mounts: [
              { path: '/a', storage: 'thin', sizeGib: 1, readOnly: false },
              { path: '/b', source: '/srv', readOnly: false },
            ],
          },
        ),
      ],
    },
    [
      'error guests.a.replicate: storage disks is not on pve2',
      'error guests.a.replicate: storage thin is of type lvmthin: only zfspool can be replicated',
    ],
  ],
]

describe('rules/backup', () => {
  for (const [title, parts, findings] of ROWS) it(title, () => assert.deepEqual(told(backups(site(parts))), findings))
})
