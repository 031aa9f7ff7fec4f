// Who can leave a node, and where there is room. Pure.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Leaving, leavingOf } from '../../../src/parts/keeper/leaving.ts'
import { placeGuests, type Target } from '../../../src/parts/keeper/placing.ts'
import { ct, device, site, vm } from '../../site/site-builder.ts'

const seen = (settings: Readonly<Record<string, string>>, running = true) => ({
  running,
  settings: new Map(Object.entries(settings).map(([key, active]) => [key, { active }])),
})
const NOTHING = { isHa: false, isShared: (storage: string) => storage === 'nfs' }
const of = (settings: Readonly<Record<string, string>>, guest = vm('a', 100, {}, { memoryMib: 4096, cores: 2 })) =>
  leavingOf(
    site({ guests: [guest], devices: [device('gpu', { guest: 'gpu-guest', standby: ['standby'] })] }),
    guest,
    seen(settings),
    NOTHING,
  )

describe('parts/keeper/leaving', () => {
  it('knows what a guest needs', () => {
    const a = of({
      scsi0: 'tank:vm-100-disk-0,discard=on,size=32G',
      efidisk0: 'tank:vm-100-disk-1,size=528K',
      ide0: 'tank:vm-100-cloudinit,media=cdrom',
      ide2: 'none,media=cdrom',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
      net1: 'virtio=BC:24:11:00:00:02,bridge=vmbr0,tag=4',
      memory: '4096',
    })
    assert.deepEqual(a.against, [])
    assert.deepEqual([a.volumes.map(({ storage }) => storage), a.bridges, a.threads], [['tank', 'tank'], ['vmbr0'], 2])
    assert.equal(a.volumes[0]?.sizeGib, 32)
  })

  it('knows a container’s', () => {
    const guest = ct('c', 101)
    const c = of({ rootfs: 'tank:subvol-101-disk-0,size=8G', mp0: 'tank:subvol-101-disk-1,mp=/srv,size=1T' }, guest)
    assert.deepEqual([c.content, c.volumes.map(({ sizeGib }) => sizeGib), c.against], ['rootdir', [8, 1024], []])
    assert.deepEqual(c.remarks, ['it ends and starts again'])
  })

  it('counts the processors that its affinity names', () => {
    assert.equal(of({ affinity: '0-11,16-27' }).threads, 28)
  })

  for (const [what, settings, guest, against] of [
    [
      'pinned cores',
      {},
      vm('a', 100, {}, { pin: { cores: 2, exclusive: false, realtime: false } }),
      'its cores are pinned',
    ],
    ['an affinity of its own', {}, vm('a', 100, {}, { affinity: '4-7' }), 'its cores are pinned'],
    ['a device of the site', {}, vm('gpu-guest', 100), 'it gets gpu'],
    ['a device that it may get', {}, vm('standby', 100), 'it gets gpu'],
    [
      'a device by hand',
      { hostpci0: '0000:01:00,pcie=1', usb0: 'host=1-4' },
      undefined,
      'it has devices of its node (hostpci0, usb0)',
    ],
    ['a serial port', { serial0: '/dev/ttyS0' }, undefined, 'it has devices of its node (serial0)'],
    ['a device of a container', { dev0: '/dev/apex_0' }, ct('c', 101), 'it has devices of its node (dev0)'],
    ['a directory of its node', { mp0: '/srv/data,mp=/data' }, ct('c', 101), 'mp0 is /srv/data of its node'],
    ['a disk of its node', { scsi1: '/dev/disk/by-id/x,size=1T' }, undefined, 'scsi1 is /dev/disk/by-id/x of its node'],
    [
      'a CD of its node',
      { ide2: 'local:iso/a.iso,media=cdrom' },
      undefined,
      'ide2 holds local:iso/a.iso, which only its node has',
    ],
    ['a lock', { lock: 'backup' }, undefined, 'it is locked (backup)'],
  ] as const)
    it(`does not go with ${what}`, () => assert.deepEqual(of(settings, guest).against, [against]))

  it('goes with a CD that every node has, a socket, a spice device, and a lock of its own move', () => {
    assert.deepEqual(
      of({ ide2: 'nfs:iso/a.iso,media=cdrom', serial0: 'socket', usb0: 'spice', lock: 'migrate' }).against,
      [],
    )
  })

  it('remarks on a processor type that may not fit, and on HA', () => {
    const guest = vm('a', 100, {}, { cpu: 'host' })
    const { remarks } = leavingOf(site({ guests: [guest] }), guest, seen({}), { ...NOTHING, isHa: true })
    assert.deepEqual(remarks, ['live only between processors that are alike', 'HA moves it'])
  })
})

const guest = (name: string, parts: Partial<Leaving> = {}): Leaving => ({
  name,
  vmid: 100,
  kind: 'vm',
  running: true,
  memoryMib: 4096,
  threads: 2,
  content: 'images',
  volumes: [{ storage: 'tank', sizeGib: 10 }],
  bridges: ['vmbr0'],
  against: [],
  remarks: [],
  ...parts,
})
const target = (node: string, parts: Partial<Target> = {}): Target => ({
  node,
  online: true,
  memoryMib: 32_768,
  takenMib: 8192,
  threads: 8,
  storages: new Map([['tank', { content: ['images', 'rootdir'], shared: false, freeGib: 100 }]]),
  bridges: ['vmbr0'],
  against: [],
  ...parts,
})
const to = (guests: readonly Leaving[], targets: readonly Target[]) => {
  const { moves, stays } = placeGuests('n1', guests, targets)
  return [
    moves.map((move) => `${move.guest} ${move.to} ${move.how}`),
    stays.map(({ guest: name, why }) => `${name}: ${why.join('; ')}`),
  ]
}

describe('parts/keeper/placing', () => {
  it('spreads guests, each to the node with the most left', () => {
    const [moves] = to([guest('a', { memoryMib: 8192 }), guest('b'), guest('c')], [target('n2'), target('n3')])
    assert.deepEqual(moves, ['a n2 live', 'b n3 live', 'c n3 live'])
  })

  it('counts what it gave away already', () => {
    const small = target('n2', { memoryMib: 16_384 })
    const [moves, stays] = to([guest('a'), guest('b')], [small])
    assert.deepEqual([moves, stays], [['a n2 live'], ['b: n2: 2G of memory free, 4G wanted']])
  })

  it('moves a container by a restart, and what does not run without memory', () => {
    const full = target('n2', { takenMib: 32_768 })
    assert.deepEqual(to([guest('c', { kind: 'ct' })], [target('n2')])[0], ['c n2 restart'])
    assert.deepEqual(to([guest('a', { running: false })], [full])[0], ['a n2 offline'])
  })

  for (const [what, parts, why] of [
    ['offline', { online: false }, 'offline'],
    ['of unknown memory', { memoryMib: undefined }, 'its memory is not known (the token wants Sys.Audit)'],
    ['small', { threads: 1 }, '1 threads, 2 wanted'],
    ['without the storage', { storages: new Map() }, 'no storage tank for it'],
    [
      'with a storage for other things',
      { storages: new Map([['tank', { content: ['iso'], shared: false, freeGib: 100 }]]) },
      'no storage tank for it',
    ],
    [
      'full',
      { storages: new Map([['tank', { content: ['images'], shared: false, freeGib: 9.5 }]]) },
      '9G free on tank, 10G wanted',
    ],
    ['about to fail itself', { against: ['a disk of its own fails'] }, 'a disk of its own fails'],
    ['without the bridge', { bridges: ['vmbr1'] }, 'no bridge vmbr0'],
  ] as const)
    it(`passes over a node that is ${what}`, () => {
      const { memoryMib, ...rest } = target('n2', parts as Partial<Target>)
      const one = memoryMib === undefined ? rest : { ...rest, memoryMib }
      assert.deepEqual(to([guest('a')], [one]), [[], [`a: n2: ${why}`]])
    })

  it('asks for no room on a storage that all share', () => {
    const shared = { storages: new Map([['tank', { content: ['images'], shared: true, freeGib: 0 }]]) }
    assert.deepEqual(to([guest('a')], [target('n2', shared)])[0], ['a n2 live'])
  })

  it('leaves where they are those that cannot go, and all of them on a node alone', () => {
    assert.deepEqual(to([guest('a', { against: ['x', 'y'] })], [target('n2')]), [[], ['a: x; y']])
    assert.deepEqual(to([guest('a')], []), [[], ['a: there is no other node']])
  })

  it('never gives a node more than it has', () => {
    const guests = fc.array(
      fc.record({ memoryMib: fc.integer({ min: 16, max: 20_000 }), sizeGib: fc.integer({ min: 0, max: 60 }) }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(guests, (rows) => {
        const leaving = rows.map((row, at) =>
          guest(`g${at}`, { memoryMib: row.memoryMib, volumes: [{ storage: 'tank', sizeGib: row.sizeGib }] }),
        )
        const { moves, stays } = placeGuests('n1', leaving, [target('n2'), target('n3')])
        assert.equal(moves.length + stays.length, rows.length)
        for (const node of ['n2', 'n3']) {
          const there = moves.filter((move) => move.to === node).map((move) => rows[Number(move.guest.slice(1))])
          assert.ok(there.reduce((sum, row) => sum + (row?.memoryMib ?? 0), 8192) <= 32_768 * 0.9 + 1)
          assert.ok(there.reduce((sum, row) => sum + (row?.sizeGib ?? 0), 0) <= 100)
        }
      }),
    )
  })
})
