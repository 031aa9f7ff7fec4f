// Devices on the cluster's side: what the node's hardware makes of them, which steps there are, and which guest waits for what.
import assert from 'node:assert/strict'
import { deviceResources } from '../../../src/parts/gpu/mapping.ts'
import { moveOf } from '../../../src/parts/gpu/move.ts'
import { sightOf } from '../../../src/parts/gpu/sight.ts'
import type { DeviceSight } from '../../../src/resources/device-sight.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Device } from '../../../src/site/services.ts'
import { ct, device, node, site, vm } from '../../site/site-builder.ts'
import { BOUND, card, change, coral, HIVE } from './seen.ts'

const seen = (stdout: string): HostFacts => ({
  files: new Map(),
  commands: new Map([['pci-look', { code: 0, stdout, stderr: '' }]]),
})

const ENTRY = { path: '0000:01:00', id: '10de:2204', 'subsystem-id': '10de:147d', iommugroup: '2' }
const usb = (parts: Partial<Device> = {}) => device('stick', { port: '1-4', ids: ['1a6e:089a', '18d1:9302'], ...parts })

const SIGHTS: readonly [string, Device, string, DeviceSight][] = [
  ['bound', card, BOUND, { slot: '0000:01:00', entry: ENTRY }],
  [
    'the host’s own driver has it',
    card,
    HIVE,
    { slot: '0000:01:00', entry: ENTRY, reboot: "0000:01:00.0 is the host's (nouveau)" },
  ],
  [
    'the console is still on it',
    card,
    change(BOUND, [[/^(iomem {5}a0000000-afffffff .*)$/m, '$1\niomem       a0000000-a02fffff : BOOTFB']]),
    { slot: '0000:01:00', entry: ENTRY, reboot: "the host's console (BOOTFB) is on 0000:01:00.0" },
  ],
  [
    'no IOMMU: its group is not known',
    card,
    change(BOUND, [[/^(iommu|group) .*\n/gm, '']]),
    { slot: '0000:01:00', reboot: 'no IOMMU works for 0000:01:00' },
  ],
  [
    'fallen off the bus',
    card,
    change(BOUND, [[/^(pci 0000:01:00\.0 .*)$/m, '$1 silent']]),
    { slot: '0000:01:00', entry: ENTRY, lost: '0000:01:00.0 does not answer' },
  ],
  [
    'no driver at all',
    coral,
    HIVE,
    {
      slot: '0000:02:00',
      entry: { path: '0000:02:00', id: '1ac1:089a', 'subsystem-id': '1ac1:089a', iommugroup: '14' },
    },
  ],
  ['not there', device('x', { ids: ['dead:beef'] }), HIVE, { problem: 'pve has no PCI device dead:beef' }],
  ['a stick before its firmware', usb(), HIVE, { entry: { path: '1-4', id: '1a6e:089a' } }],
  [
    'another one in its port',
    usb({ ids: ['18d1:9302'] }),
    HIVE,
    {
      entry: { path: '1-4', id: '18d1:9302' },
      problem: 'USB port 1-4 of pve has 1a6e:089a in it, and stick is 18d1:9302',
    },
  ],
  [
    'an empty port',
    usb({ port: '2-1' }),
    HIVE,
    { entry: { path: '2-1', id: '1a6e:089a' }, problem: 'nothing is in USB port 2-1 of pve' },
  ],
]

describe('parts/gpu/sight', () => {
  for (const [title, one, text, want] of SIGHTS) it(title, () => assert.deepEqual(sightOf(one)(seen(text)), want))
  it('a disk of the host in its group is a hard stop', () => {
    const { problem = '' } = sightOf(card)(seen(change(BOUND, [[/^group 15 0000:03:00\.0$/m, 'group 2 0000:03:00.0']])))
    assert.match(problem, /^the host needs what would go with it: 0000:03:00.0/)
  })
})

describe('parts/gpu/mapping', () => {
  const pve = node('pve')
  const guests = [vm('brain', 100), vm('district', 110), vm('eye', 120), ct('box', 130), vm('plain', 140)]
  const all = site({
    nodes: [pve],
    guests,
    devices: [
      card,
      coral,
      usb({ guest: 'eye' }),
      device('tpu', { ids: ['1ac1:089a'], address: '0000:07:00.0', guest: 'box', path: '/dev/apex_0' }),
    ],
  })
  const needsOf = (options: Parameters<typeof deviceResources>[2]) =>
    Object.fromEntries(deviceResources(all, pve, options).map(({ id, needs }) => [id, needs]))

  it('mappings after the restart, guests after their mappings', () => {
    assert.deepEqual(needsOf({}), {
      'pci-mapping:test/rtx-3090': ['reboot:pve/gpu'],
      'pci-mapping:test/coral': ['reboot:pve/gpu'],
      'guest-devices:pve/100': ['vm:pve/100', 'pci-mapping:test/rtx-3090', 'reboot:pve/gpu'],
      'guest-devices:pve/120': ['vm:pve/120', 'pci-mapping:test/coral', 'reboot:pve/gpu'],
      'guest-devices:pve/130': ['container:pve/130'],
    })
  })
  it('guests alone', () => {
    assert.deepEqual(Object.values(needsOf({ alone: true })), [['vm:pve/100'], ['vm:pve/120'], ['container:pve/130']])
  })
  it('an undo takes them from the guests first, also from one that a move has brought them to', () => {
    const needs = needsOf({ absent: true })
    assert.deepEqual(needs['guest-devices:pve/100'], [])
    assert.deepEqual(needs['guest-devices:pve/110'], [])
    assert.deepEqual(needs['pci-mapping:test/coral'], [
      'guest-devices:pve/100',
      'guest-devices:pve/110',
      'guest-devices:pve/120',
      'guest-devices:pve/130',
    ])
  })
  it('a node without devices has nothing', () => assert.deepEqual(deviceResources(all, node('other'), {}), []))
})

describe('parts/gpu/move', () => {
  const all = site({ guests: [vm('brain', 100), vm('district', 110), vm('plain', 140)], devices: [card] })
  const of = (name: string, guest: string) => moveOf(name, guest).resources(all, { restart: false })

  it('one step', () =>
    assert.deepEqual(
      of('rtx-3090', 'district').map(({ id, title }) => [id, title]),
      [['gpu-move:pve/rtx-3090', 'rtx-3090 to district']],
    ))
  const rows: [string, string, RegExp][] = [
    ['gpu', 'brain', /^test has no device named gpu$/],
    ['rtx-3090', 'plain', /^plain may not have rtx-3090$/],
    ['rtx-3090', 'nobody', /^test has no guest named nobody$/],
  ]
  for (const [name, guest, message] of rows)
    it(`refuses ${name} ${guest}`, () => assert.throws(() => of(name, guest), { code: 'E_USAGE', message }))
})
