// Storage has the content type that is put on it, on the node where it is put.
import assert from 'node:assert/strict'
import { storages } from '../../../src/site/rules/storage.ts'
import type { Image, Site } from '../../../src/site/site.ts'
import { ct, site, storage, told, vm } from '../site-builder.ts'

const disks = storage('disks')
const local = (...content: ReturnType<typeof storage>['content']) => storage('local', { type: 'dir', content })
const url: Image = { name: 'debian', kind: 'url', url: 'https://example.net/debian.qcow2' }
const template: Image = { name: 'alpine', kind: 'template', template: 'alpine-3' }
const image = (name: string) => ({ image: name })

describe('storages', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    [
      'is silent where all fits',
      {
        storage: [disks, local('import', 'vztmpl')],
        images: [url, template],
        guests: [vm('a', 100, {}, image('debian')), ct('b', 101, {}, image('alpine'))],
      },
      [],
    ],
    [
      'disks of VMs and containers have their own types',
      {
        storage: [storage('disks', { content: ['rootdir'] }), storage('vms', { content: ['images'] })],
        guests: [vm('a', 100), ct('b', 101, {}, { storage: 'vms' })],
      },
      [
        'error guests.a.storage: storage disks does not have the content type images (it has rootdir)',
        'error guests.b.storage: storage vms does not have the content type rootdir (it has images)',
      ],
    ],
    [
      'further disks and mount points too',
      {
        storage: [disks, local('iso')],
        guests: [
          vm(
            'a',
            100,
            {},
            {
              disks: [
                { storage: 'disks', sizeGib: 1 },
                { storage: 'local', sizeGib: 1 },
              ],
            },
          ),
          ct(
            'b',
            101,
            {},
            {
              mounts: [
                { path: '/data', storage: 'local', sizeGib: 1, readOnly: false },
                { path: '/mnt', source: '/srv', readOnly: true },
              ],
            },
          ),
        ],
      },
      [
        'error guests.a.disks.1: storage local does not have the content type images (it has iso)',
        'error guests.b.mounts.0: storage local does not have the content type rootdir (it has iso)',
      ],
    ],
    [
      'a storage of other nodes',
      { storage: [storage('disks', { nodes: ['far'] })], guests: [vm('a', 100)] },
      ['error guests.a.storage: storage disks is not on pve, where guests.a runs'],
    ],
    [
      'no storage for images, told once per image',
      {
        storage: [disks, local('iso')],
        images: [url, template],
        guests: [
          vm('a', 100, {}, image('debian')),
          vm('b', 101, {}, image('debian')),
          ct('c', 102, {}, image('alpine')),
        ],
      },
      [
        'error images.debian: no storage on pve has the content type import, which guests.a needs for this image',
        'error images.alpine: no storage on pve has the content type vztmpl, which guests.c needs for this image',
      ],
    ],
    [
      '`local` that nobody speaks of is as Proxmox made it',
      { storage: [disks], images: [url], guests: [vm('a', 100, {}, image('debian'))] },
      [],
    ],
    [
      'ISOs and drivers lie on a storage that has ISOs',
      {
        storage: [disks, local('import')],
        images: [{ name: 'win', kind: 'iso', iso: 'local:iso/win.iso', drivers: 'nas:iso/virtio.iso' }],
        guests: [vm('a', 100, {}, image('win'))],
      },
      ['error images.win.iso: storage local does not have the content type iso (it has import)'],
    ],
    [
      'volumes: a file by its folder, a disk by the guest',
      {
        storage: [disks, local('iso')],
        images: [
          { name: 'file', kind: 'volume', volume: 'local:import/debian.qcow2' },
          { name: 'disk', kind: 'volume', volume: 'disks:base-9000-disk-0' },
          { name: 'none', kind: 'volume', volume: 'debian.qcow2' },
        ],
        guests: [vm('a', 100, {}, image('file')), vm('b', 101, {}, image('disk')), vm('c', 102, {}, image('none'))],
      },
      [
        'error images.file.volume: storage local does not have the content type import (it has iso)',
        'error images.none.volume: debian.qcow2 is not a volume such as local:images/NAME',
      ],
    ],
    [
      'a hook script is a snippet',
      { storage: [disks, local('iso')], guests: [vm('a', 100, {}, { hookscript: 'local:snippets/gpu.pl' })] },
      ['error guests.a.hookscript: storage local does not have the content type snippets (it has iso)'],
    ],
    ['a password', { storage: [storage('nas', { type: 'cifs', content: ['iso'], password: { env: 'NAS' } })] }, []],
    [
      'a type of storage that cannot hold it at all',
      {
        storage: [storage('zfs', { content: ['images', 'iso'] }), storage('pbs', { type: 'pbs', content: ['backup'] })],
      },
      ['error storage.zfs.content: a storage of type zfspool cannot hold iso'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(storages(site(parts))), want))
})
