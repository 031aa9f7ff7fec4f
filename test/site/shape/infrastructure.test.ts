import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

describe('shape/infrastructure', () => {
  it('makes one cluster where none is named', async () => {
    const site = await parse(siteText())
    assert.deepEqual(site.clusters, [{ name: 'test', isp: [] }])
    assert.deepEqual(site.nodes, [
      {
        name: 'n1',
        cluster: 'test',
        address: '10.0.0.2',
        gateway: '10.0.0.1',
        ssh: { alsoAt: [] },
        ports: {},
        bonds: [],
        addresses: { lan: ['10.0.0.2'] },
        bridges: [
          {
            name: 'vmbr0',
            networks: ['lan'],
            vlanAware: false,
            addresses: [{ network: 'lan', cidr: '10.0.0.2/24', gateway: '10.0.0.1' }],
          },
        ],
        pinPorts: false,
        packages: [],
        sysctl: {},
        swap: [],
        iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: false },
        isolateCores: false,
        api: { port: 8006 },
      },
    ])
    assert.deepEqual(site.access, { role: 'Orion', user: 'orion@pve', token: 'orion' })
  })
  it('reads what a node may say', async () => {
    const fingerprint = Array(32).fill('ab').join(':')
    const site = await parse(
      siteText({
        nodes: `nodes: { n1: { address: pve.example.net, bmc: 10.0.0.9, ports: { lan: eno1 }, addresses: { lan: 10.0.0.2 }, hardware: { threads: 8, cores: 4, memory: 64G, power: dual }, zfs: { arcMax: 8G }, zram: { size: 4G }, api: { port: 443, fingerprint: "${fingerprint}", token: { id: me@pam!to, secret: { env: T } } } } }`,
        rest: 'access: { user: federation@pve, role: Sovereign }',
      }),
    )
    assert.deepEqual(site.nodes, [
      {
        name: 'n1',
        cluster: 'test',
        address: 'pve.example.net',
        bmc: '10.0.0.9',
        ssh: { alsoAt: [] },
        ports: { lan: 'eno1' },
        bonds: [],
        addresses: { lan: ['10.0.0.2'] },
        bridges: [
          {
            name: 'vmbr0',
            networks: ['lan'],
            port: 'eno1',
            vlanAware: false,
            addresses: [{ network: 'lan', cidr: '10.0.0.2/24' }],
          },
        ],
        pinPorts: false,
        packages: [],
        sysctl: {},
        swap: [],
        iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: false },
        isolateCores: false,
        hardware: { threads: 8, cores: 4, memoryMib: 65536, power: 'dual' },
        zfs: { arcMaxMib: 8192 },
        zram: { sizeMib: 4096 },
        api: { port: 443, fingerprint: fingerprint.toUpperCase(), token: { id: 'me@pam!to', secret: { env: 'T' } } },
      },
    ])
    assert.deepEqual(site.access, { role: 'Sovereign', user: 'federation@pve', token: 'orion' })
  })
  it('reads storages with the keys of their type', async () => {
    const site = await parse(
      siteText({
        storage: `storage:
  disks: { type: dir, path: /srv, content: [images, import] }
  z: { type: zfspool, pool: tank/a, sparse: true, blocksize: 16k, content: [images, rootdir, images], nodes: n1 }
  n: { type: nfs, server: nas, export: /a, content: [iso] }
  c: { type: cifs, server: nas, share: a b, username: me, content: [backup], shared: false }
  p: { type: pbs, server: pbs, datastore: d, username: me@pbs, port: 8007, content: [backup] }`,
      }),
    )
    assert.deepEqual(site.storage.slice(1), [
      {
        name: 'z',
        type: 'zfspool',
        content: ['images', 'rootdir'],
        nodes: ['n1'],
        shared: false,
        options: { pool: 'tank/a', sparse: '1', blocksize: '16k' },
      },
      { name: 'n', type: 'nfs', content: ['iso'], nodes: [], shared: true, options: { server: 'nas', export: '/a' } },
      {
        name: 'c',
        type: 'cifs',
        content: ['backup'],
        nodes: [],
        shared: false,
        options: { server: 'nas', share: 'a b', username: 'me' },
      },
      {
        name: 'p',
        type: 'pbs',
        content: ['backup'],
        nodes: [],
        shared: true,
        options: { server: 'pbs', datastore: 'd', username: 'me@pbs', port: '8007' },
      },
    ])
  })
  it('reads images of each kind, and warns where nothing is checked', async () => {
    const hex = 'AB'.repeat(32)
    const site = await parse(
      siteText({
        images: `images: { vm: { volume: 'disks:import/x.qcow2' }, a: { url: https://x/a.img, checksum: "sha256:${hex}" }, b: { url: http://x/b.img }, c: { url: https://x/c.img, checksum: https://x/SUMS }, d: { iso: disks:iso/a.iso, drivers: disks:iso/b.iso }, e: { template: debian-13 } }`,
      }),
    )
    assert.deepEqual(site.images.slice(1), [
      {
        name: 'a',
        kind: 'url',
        url: 'https://x/a.img',
        checksum: { kind: 'digest', algorithm: 'sha256', hex: hex.toLowerCase() },
      },
      { name: 'b', kind: 'url', url: 'http://x/b.img' },
      { name: 'c', kind: 'url', url: 'https://x/c.img', checksum: { kind: 'sums', url: 'https://x/SUMS' } },
      { name: 'd', kind: 'iso', iso: 'disks:iso/a.iso', drivers: 'disks:iso/b.iso' },
      { name: 'e', kind: 'template', template: 'debian-13' },
    ])
    assert.deepEqual(
      site.warnings.map(({ path, message }) => [path.join('.'), message]),
      [['images.b', 'has no checksum: what is downloaded is not checked']],
    )
  })

  const wrong: [string, Parameters<typeof siteText>[0], string[]][] = [
    ['no node', { nodes: 'nodes: {}' }, ['nodes: names no node']],
    [
      'a node in no cluster',
      { rest: 'clusters: { a: {}, b: {} }' },
      ['nodes.n1: is in no cluster: set cluster to one of a, b'],
    ],
    [
      'a cluster that is none',
      { nodes: 'nodes: { n1: { address: 10.0.0.2, cluster: vancuver } }', rest: 'clusters: { vancouver: {}, b: {} }' },
      ['nodes.n1.cluster: no cluster is called "vancuver" (did you mean "vancouver"?)'],
    ],
    [
      'networks that are none',
      { nodes: 'nodes: { n1: { address: 10.0.0.2, ports: { lam: eno1 }, addresses: { wan: 10.0.0.2 } } }' },
      [
        'nodes.n1.ports.lam: no network is called "lam" (did you mean "lan"?)',
        'nodes.n1.addresses.wan: no network is called "wan" (did you mean "lan"?)',
      ],
    ],
    [
      'a router that is none',
      { networks: 'networks: { lan: { router: rooter } }', guests: 'guests: { router: { id: 100 } }' },
      ['networks.lan.router: no guest is called "rooter" (did you mean "router"?)'],
    ],
    [
      'a router that is several',
      { networks: 'networks: { lan: { router: r } }', guests: 'guests: { r: { id: 100-101 } }' },
      ['networks.lan.router: "r" is 2 guests: name one of them, such as "r-1"'],
    ],
    [
      'storages of volumes, also of images that nobody uses',
      {
        images:
          "images: { a: { volume: 'dinks:import/x' }, b: { iso: 'local:iso/a.iso', drivers: 'nas:iso/b.iso' }, c: { iso: 'nas:iso/a' }, vm: { volume: 'disks:import/x' } }",
        guests: "guests: { g: { id: 100, hookscript: 'nas:snippets/x' } }",
      },
      [
        'images.a.volume: no storage is called "dinks" (did you mean "disks"?)',
        'images.b.drivers: no storage is called "nas"',
        'images.c.iso: no storage is called "nas"',
        'guests.g.hookscript: no storage is called "nas"',
      ],
    ],
    [
      'nodes of a storage',
      {
        storage: 'storage: { disks: { type: dir, path: /a, content: [images], nodes: [n1, n9] } }',
        images: '',
        defaults: '',
        guests: '',
      },
      ['storage.disks.nodes.1: no node is called "n9" (did you mean "n1"?)'],
    ],
  ]
  for (const [title, parts, wanted] of wrong) {
    it(`reports ${title}`, async () =>
      assert.deepEqual(
        (await findingsOf(siteText(parts))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      ))
  }
})
