import assert from 'node:assert/strict'
import { findingsOf, guestsOf, KEY, siteText } from '../site-text.ts'

describe('shape/guests', () => {
  it('gives a VM its defaults', async () => {
    const [guest] = await guestsOf('{ a: { id: 100 } }', { site: 'site: test\ndomain: test.lan\ntimezone: UTC' })
    const { uuid, ...rest } = guest ?? assert.fail()
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-[58][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.deepEqual(rest, {
      name: 'a',
      group: 'a',
      vmid: 100,
      kind: 'vm',
      node: 'n1',
      image: 'vm',
      os: 'linux',
      ostype: 'l26',
      cores: 1,
      sockets: 1,
      cpu: 'x86-64-v2-AES',
      memoryMib: 1024,
      swapMib: 0,
      firmware: 'bios',
      tpm: false,
      agent: true,
      unprivileged: false,
      features: {},
      intrusionDetection: false,
      replicate: [],
      snapshot: true,
      storage: 'disks',
      diskGib: 8,
      disks: [],
      mounts: [],
      nics: [],
      dns: [],
      searchDomain: 'test.lan',
      sshKeys: [],
      boot: [],
      tags: [],
      onboot: false,
      started: false,
      protection: false,
      timezone: 'UTC',
      ssh: { alsoAt: [] },
    })
  })
  it('gives a container its defaults', async () => {
    const [guest] = await guestsOf('{ a: { id: 100, kind: ct, image: ct } }')
    const { kind, swapMib, unprivileged, features, ostype, agent } = guest ?? assert.fail()
    assert.deepEqual(
      { kind, swapMib, unprivileged, features, ostype, agent },
      { kind: 'ct', swapMib: 512, unprivileged: true, features: { nesting: true }, ostype: undefined, agent: false },
    )
  })
  it('gives Windows what it needs', async () => {
    const [guest] = await guestsOf('{ a: { id: 100, os: windows } }')
    assert.deepEqual([guest?.ostype, guest?.firmware, guest?.tpm], ['win11', 'uefi', true])
  })
  it('gives compressed swap to Linux VMs alone', async () => {
    const all = '{ a: { id: 100 }, b: { id: 101, os: windows }, c: { id: 102, kind: ct, image: ct } }'
    const some = await guestsOf(all, {
      defaults:
        'defaults: { guest: { storage: disks, memory: 1G, disk: 8G, image: vm, zram: { size: 25%, priority: 7 } } }',
    })
    assert.deepEqual(
      some.map(({ zram }) => zram),
      [{ sizePercent: 25, priority: 7 }, undefined, undefined],
    )
  })
  it('gives one that may get a PCI device what that needs, unless it says otherwise', async () => {
    const devices =
      'devices: { gpu: { node: n1, ids: ["10de:2204"], guest: a, standby: [b] }, stick: { node: n1, ids: ["1a6e:089a"], port: 1-4, guest: c } }'
    const guests = await guestsOf(
      '{ a: { id: 100 }, b: { id: 101, cpu: kvm64, firmware: bios, machine: pc-q35-9.0 }, c: { id: 102 } }',
      { rest: devices },
    )
    assert.deepEqual(
      guests.map(({ machine, firmware, cpu }) => [machine, firmware, cpu]),
      [
        ['q35', 'uefi', 'host'],
        ['pc-q35-9.0', 'bios', 'kvm64'],
        [undefined, 'bios', 'x86-64-v2-AES'],
      ],
    )
  })
  it('reads every other key', async () => {
    const [guest] = await guestsOf(
      `{ a: { id: 100, ostype: win10, os: windows, cores: 4, sockets: 2, cpu: host, memory: 8G, balloon: 0, machine: q35, firmware: bios,
      tpm: false, agent: false, disk: 1T, disks: [10G, { size: 20G, storage: fast }], user: me, sshKeys: "${KEY}", boot: [scsi0, net0], tags: [x, y, x],
      description: "two\\nlines", pool: p/q, onboot: true, started: false, startup: { order: 3, up: 60s, down: 2m }, protection: true, timezone: UTC,
      hookscript: "disks:snippets/h.sh", affinity: "4-7", pin: { cores: 2, exclusive: true }, ssh: { user: admin, proxyJump: none, alsoAt: 10.0.0.8 }, searchDomain: a.b, dns: [10.0.0.1, "2001:db8::1"] } }`,
      {
        storage:
          'storage: { disks: { type: dir, path: /srv, content: [images, import, snippets] }, fast: { type: zfspool, pool: t/a, content: [images] } }',
        images: "images: { vm: { volume: 'disks:import/x.qcow2' } }",
        nodes: 'nodes: { n1: { address: 10.0.0.2, hardware: { threads: 16, cores: 8 } } }',
      },
    )
    const { uuid, nics, mounts, features, unprivileged, swapMib, ...rest } = guest ?? assert.fail()
    assert.deepEqual(rest, {
      name: 'a',
      group: 'a',
      vmid: 100,
      kind: 'vm',
      node: 'n1',
      image: 'vm',
      os: 'windows',
      ostype: 'win10',
      cores: 4,
      sockets: 2,
      cpu: 'host',
      memoryMib: 8192,
      balloonMib: 0,
      machine: 'q35',
      firmware: 'bios',
      tpm: false,
      agent: false,
      storage: 'disks',
      diskGib: 1024,
      disks: [
        { storage: 'disks', sizeGib: 10 },
        { storage: 'fast', sizeGib: 20 },
      ],
      dns: ['10.0.0.1', '2001:db8::1'],
      searchDomain: 'a.b',
      user: 'me',
      sshKeys: [KEY],
      boot: ['scsi0', 'net0'],
      tags: ['x', 'y'],
      description: 'two\nlines',
      pool: 'p/q',
      onboot: true,
      started: false,
      startup: { order: 3, upSeconds: 60, downSeconds: 120 },
      protection: true,
      timezone: 'UTC',
      hookscript: 'disks:snippets/h.sh',
      intrusionDetection: false,
      replicate: [],
      snapshot: true,
      affinity: '4-7',
      pin: { cores: 2, exclusive: true, realtime: false },
      ssh: { user: 'admin', proxyJump: 'none', alsoAt: ['10.0.0.8'] },
    })
  })
  it('reads mount points of containers', async () => {
    const [guest] = await guestsOf(
      '{ a: { id: 100, kind: ct, image: ct, swap: 0, features: { keyctl: true }, unprivileged: false, mounts: [{ path: /a, size: 5G }, { path: /b, source: /srv/b, readOnly: true }] } }',
    )
    assert.deepEqual(guest?.mounts, [
      { path: '/a', storage: 'disks', sizeGib: 5, readOnly: false },
      { path: '/b', source: '/srv/b', readOnly: true },
    ])
    assert.deepEqual(
      [guest?.swapMib, guest?.features, guest?.unprivileged],
      [0, { nesting: true, keyctl: true }, false],
    )
  })
  it('leaves out defaults that are for the other kind', async () => {
    const defaults = 'defaults: { guest: { storage: disks, memory: 1G, disk: 8G, image: vm, machine: q35, swap: 1G } }'
    const guests = await guestsOf('{ a: { id: 100 }, b: { id: 101, kind: ct, image: ct } }', { defaults })
    assert.deepEqual(
      guests.map(({ machine, swapMib }) => [machine, swapMib]),
      [
        ['q35', 0],
        [undefined, 1024],
      ],
    )
  })
  it('runs what starts with the node, unless told otherwise', async () => {
    const guests = await guestsOf('{ a: { id: 100, onboot: true }, b: { id: 101 }, c: { id: 102, started: true } }')
    assert.deepEqual(
      guests.map(({ onboot, started }) => [onboot, started]),
      [
        [true, true],
        [false, false],
        [false, true],
      ],
    )
  })

  const two = 'nodes: { n1: { address: 10.0.0.2 }, n2: { address: 10.0.0.3 } }'
  const wrong: [string, Parameters<typeof siteText>[0], string[]][] = [
    [
      'what is missing',
      { guests: 'guests: { a: { id: 100 } }', defaults: '', nodes: two },
      ['guests.a: node, storage, memory, disk are missing, here and in defaults.guest'],
    ],
    [
      'one node of several',
      { guests: 'guests: { a: { id: 100 } }', nodes: two },
      ['guests.a: node is missing, here and in defaults.guest'],
    ],
    [
      'unknown names',
      {
        guests:
          'guests: { a: { id: 100, node: n3, storage: disk, image: v }, b: { id: 101, disks: [{ size: 1G, storage: x }] } }',
      },
      [
        'guests.a.node: no node is called "n3" (did you mean "n1"?)',
        'guests.a.storage: no storage is called "disk" (did you mean "disks"?)',
        'guests.a.image: no image is called "v" (did you mean "vm"?)',
        'guests.b.disks.0.storage: no storage is called "x"',
      ],
    ],
    [
      'a wrong default once',
      {
        guests: 'guests: { a: { id: 100-109 } }',
        defaults: 'defaults: { guest: { storage: disc, memory: 1G, disk: 8G } }',
      },
      ['defaults.guest.storage: no storage is called "disc" (did you mean "disks"?)'],
    ],
    [
      'keys of the other kind',
      {
        guests:
          'guests: { a: { id: 100, swap: 1G }, b: { id: 101, kind: ct, image: ct, machine: q35, zram: { size: 1G } }, c: { id: 102, os: windows, zram: { size: 25% } } }',
      },
      [
        'guests.a.swap: is for containers only, and this is a VM',
        'guests.b.machine: is for VMs only, and this is a container',
        'guests.b.zram: is for VMs only, and this is a container',
        'guests.c.zram: is for Linux only, and this is windows',
      ],
    ],
    [
      'images of the other kind',
      {
        guests: 'guests: { a: { id: 100, image: ct }, b: { id: 101, kind: ct } }',
        images: 'images: { vm: { iso: disks:iso/a.iso }, ct: { template: x } }',
      },
      ['guests.a.image: ct is a container template, and this is a VM', 'guests.b.image: vm is no container template'],
    ],
    [
      'a balloon over the memory',
      { guests: 'guests: { a: { id: 100, balloon: 2G } }' },
      ['guests.a.balloon: is more than the memory'],
    ],
    [
      'a mount of no kind',
      { guests: 'guests: { a: { id: 100, kind: ct, image: ct, mounts: [{ path: /a }] } }' },
      ['guests.a.mounts.0: needs either size (a new volume) or source (a directory of the node)'],
    ],
    [
      'too long a range',
      { guests: 'guests: { a: { id: 100-999999999 } }' },
      ['guests.a.id: 999999900 guests in one range: 10000 at most'],
    ],
  ]
  for (const [title, parts, wanted] of wrong) {
    it(`reports ${title}`, async () => {
      assert.deepEqual(
        (await findingsOf(siteText(parts))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      )
    })
  }
})
