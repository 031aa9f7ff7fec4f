import assert from 'node:assert/strict'
import { failureOf, findingsOf, parse, siteText } from './site-text.ts'

/** Replaced part of the small site file, and all that is wrong with it. */
const ROWS: readonly (readonly [string, Parameters<typeof siteText>[0], readonly string[]])[] = [
  ['an unknown key', { rest: 'domian: x' }, ['8:1 domian: unknown key "domian" (did you mean "domain"?)']],
  [
    'unknown keys, all of them',
    { guests: 'guests: { a: { id: 100, memroy: 1G, qqqq: 1 } }' },
    ['7:25 guests.a.memroy: unknown key "memroy" (did you mean "memory"?)', '7:37 guests.a.qqqq: unknown key "qqqq"'],
  ],
  [
    'what is known, where that is short',
    { rest: 'keeper: { heat: 1 }' },
    ['8:11 keeper.heat: unknown key "heat" (known here: temperature, metrics, shed, balloonIdle, watchdog)'],
  ],
  ['a missing site', { site: '' }, ['1:1 site: is missing']],
  ['a missing address', { nodes: 'nodes: { n1: {} }' }, ['2:10 nodes.n1.address: is missing']],
  [
    'a port out of range, in a list or alone',
    {
      guests: 'guests: { r: { id: 100 } }',
      rest: 'firewall: { router: r, allow: [{ from: a, to: b, tcp: [99999, 0-9], udp: 99999 }] }',
    },
    [
      '8:56 firewall.allow.0.tcp.0: 99999 is not a port: 1 to 65535',
      '8:63 firewall.allow.0.tcp.1: "0-9" is not a port from 1 to 65535, or a range such as 8000-8010',
      '8:74 firewall.allow.0.udp: 99999 is not a port: 1 to 65535',
    ],
  ],
  [
    'a port of a cache',
    {
      rest: 'bgp: { router: r, asn: 394955, routerId: 10.0.0.1, rpki: { local: true, caches: ["rtr:99999", { address: rtr, port: 0 }] } }',
    },
    [
      '8:82 bgp.rpki.caches.0: "rtr:99999" is not a cache such as 192.0.2.1:323, [2001:db8::1]:323 or { address, port }, its port from 1 to 65535',
      '8:117 bgp.rpki.caches.1.port: 0 is not a port: 1 to 65535',
    ],
  ],
  [
    'several keys that are missing at one place',
    { rest: 'firewall: { router: r, allow: [{}] }', guests: 'guests: { r: { id: 100 } }' },
    ['8:32 firewall.allow.0.from: is missing', '8:32 firewall.allow.0.to: is missing'],
  ],
  ['no value', { guests: 'guests: { a: }' }, ['7:11 guests.a: has no value']],
  ['text for a map', { guests: 'guests: x' }, ['7:9 guests: must be a map of names, not "x"']],
  [
    'text for a number',
    { guests: 'guests: { a: { id: 100, cores: four } }' },
    ['7:32 guests.a.cores: must be a number, not "four"'],
  ],
  [
    'text for a switch',
    { guests: 'guests: { a: { id: 100, onboot: yes } }' },
    ['7:33 guests.a.onboot: must be true or false, not "yes"'],
  ],
  [
    'a fraction',
    { guests: 'guests: { a: { id: 100, cores: 1.5 } }' },
    ['7:32 guests.a.cores: must be a whole number, not 1.5'],
  ],
  ['too little', { guests: 'guests: { a: { id: 100, cores: 0 } }' }, ['7:32 guests.a.cores: must be at least 1']],
  ['too much', { guests: 'guests: { a: { id: 100, sockets: 5 } }' }, ['7:34 guests.a.sockets: must be at most 4']],
  [
    'another word',
    { guests: 'guests: { a: { id: 100, kind: cm } }' },
    ['7:31 guests.a.kind: must be one of vm, ct, not "cm" (did you mean "vm"?)'],
  ],
  [
    'a bad name',
    { guests: 'guests: { a_b: { id: 100 } }' },
    ['7:11 guests.a_b: "a_b" is not a name of letters, digits and hyphens (63 at most)'],
  ],
  ['a low VMID', { guests: 'guests: { a: { id: 99 } }' }, ['7:20 guests.a.id: must be at least 100']],
  [
    'a range backwards',
    { guests: 'guests: { a: { id: 603-601 } }' },
    ['7:20 guests.a.id: "603-601" is not a VMID such as 200, or a range such as 601-603'],
  ],
  [
    'a list for an id',
    { guests: 'guests: { a: { id: [1] } }' },
    ['7:16 guests.a.id: must be a VMID such as 200, or a range such as 601-603, not a list'],
  ],
  [
    'a size without a unit',
    { guests: 'guests: { a: { id: 100, memory: 32 } }' },
    ['7:33 guests.a.memory: 32 is not a size with its unit, such as 512M, 32G or 1.5T'],
  ],
  [
    'both parts of a NIC',
    { guests: 'guests: { a: { id: 100, nics: { lan: { ipv4: dhpc, mtu: 1 } } } }' },
    [
      '7:46 guests.a.nics.lan.ipv4: "dhpc" is not dhcp, none, an IPv4 address, or a range of them (192.168.1.61-192.168.1.63)',
      '7:57 guests.a.nics.lan.mtu: must be at least 576',
    ],
  ],
  [
    'an MTU of the mesh, and a name in it that nobody has',
    {
      rest: 'mesh: { network: 10.99.0.0/24, gateways: { n1: { address: 10.99.0.1, mtu: 100 } }, tailscale: { hosts: [nope], authKey: { env: K } } }',
    },
    [
      '8:75 mesh.gateways.n1.mtu: must be at least 1280',
      '8:105 mesh.tailscale.hosts.0: no node or guest is called "nope"',
    ],
  ],
  [
    'host bits of a network',
    { networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.7/24 } }' },
    ['3:41 networks.lan.ipv4: 10.0.0.7/24 has host bits: the network is 10.0.0.0/24'],
  ],
  [
    'an image of two kinds',
    { images: 'images: { a: { volume: d:x, template: y } }' },
    ['5:11 images.a: must have one of url, template, volume or iso'],
  ],
  [
    'a key of an image',
    { images: 'images: { a: { url: https://x/y, cheksum: z } }' },
    ['5:34 images.a.cheksum: unknown key "cheksum" (did you mean "checksum"?)'],
  ],
  [
    'a short checksum',
    { images: 'images: { a: { url: https://x/y, checksum: sha256:abc } }' },
    [
      '5:44 images.a.checksum: must be algorithm:HEX (such as sha512:…, of the right length), or the https address of a sums file, not "sha256:abc"',
    ],
  ],
  [
    'sums over http',
    { images: 'images: { a: { url: https://x/y, checksum: http://x/SUMS } }' },
    [
      '5:44 images.a.checksum: must be algorithm:HEX (such as sha512:…, of the right length), or the https address of a sums file, not "http://x/SUMS"',
    ],
  ],
  [
    'another type of storage',
    { storage: 'storage: { s: { type: zfs, content: [images] } }', images: '' },
    [
      '4:23 storage.s.type: must be one of dir, btrfs, zfspool, lvm, lvmthin, nfs, cifs, rbd, cephfs, pbs, not "zfs" (did you mean "nfs"?)',
    ],
  ],
  [
    'a key of another type',
    { storage: 'storage: { s: { type: dir, path: /a, pool: x, content: [images] } }', images: '' },
    ['4:38 storage.s.pool: unknown key "pool" (known here: type, content, nodes, shared, path)'],
  ],
  [
    'no content',
    { storage: 'storage: { s: { type: dir, path: /a, content: [] } }', images: '' },
    ['4:38 storage.s.content: must have at least 1 entry'],
  ],
  [
    'a path with ..',
    { storage: 'storage: { s: { type: dir, path: /a/../b, content: [images] } }', images: '' },
    ['4:34 storage.s.path: "/a/../b" is not an absolute path'],
  ],
  [
    'a line break in a value',
    { nodes: 'nodes: { n1: { address: "a\\nb" } }' },
    ['2:25 nodes.n1.address: "a\u{FFFD}b" is not an address or a host name'],
  ],
]

describe('problems', () => {
  for (const [title, parts, wanted] of ROWS) {
    it(`reports ${title}, and nothing else`, async () => assert.deepEqual(await findingsOf(siteText(parts)), wanted))
  }

  it('reports mistakes of the schema, of names and of the rules at once, by position', async () => {
    const text = siteText({
      networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 }, bad: { brigde: x } }',
      guests:
        'guests: { a: { id: 100, nics: { lan: 10.0.1.5 } }, b: { id: 100, node: n2 }, c: { id: 101, nics: { bad: dhcp } }, d: { cores: 0 } }',
    })
    assert.deepEqual(await findingsOf(text), [
      '3:63 networks.bad.brigde: unknown key "brigde" (did you mean "bridge"?)',
      '7:38 guests.a.nics.lan: 10.0.1.5 is not in 10.0.0.0/24 (network lan)',
      '7:72 guests.b.node: no node is called "n2" (did you mean "n1"?)',
      '7:115 guests.d.id: is missing',
      '7:127 guests.d.cores: must be at least 1',
    ])
  })
  it('says nothing about guests whose defaults are malformed', async () => {
    const text = siteText({
      defaults: 'defaults: { guest: { storage: disks, memory: 1, disk: 8G } }',
      guests: 'guests: { a: { id: 100 } }',
    })
    assert.deepEqual(await findingsOf(text), [
      '6:46 defaults.guest.memory: 1 is not a size with its unit, such as 512M, 32G or 1.5T',
    ])
  })

  const hidden: [string, string][] = [
    ['a literal', 'hunter2'],
    ['a list', '[hunter2, x]'],
    ['a number', '4711471147'],
    ['another map', '{ value: hunter2 }'],
    ['a value for a name', '{ env: "hunter2 !" }'],
    ['two ways', '{ env: A, literal: hunter2 }'],
    ['a block', '|\n        hunter2\n        hunter2'],
    ['an alias', '*h'],
  ]
  for (const [title, value] of hidden) {
    it(`never repeats a secret: ${title}`, async () => {
      const rest = `bgp:\n  router: r\n  asn: 1\n  routerId: 10.0.0.1\n  peers:\n    up:\n      asn: 2\n      address: 10.0.0.9\n      relation: peer\n      password: ${value}\n      unknown: 1\n`
      const error = await failureOf(siteText({ site: 'site: &h hunter2', rest }))
      const about = error.findings.filter(({ path }) => path.includes('password'))
      assert.equal(about.length, 1)
      assert.match(
        about[0]?.message ?? '',
        /^must be a reference to a secret, never its value: \{ env: NAME \}|^unknown key "literal"/,
      )
      assert.doesNotMatch(JSON.stringify(error.findings) + error.message, /hunter2|4711/)
    })
  }
  const asYaml = [
    '*hunter2',
    '&hunter2',
    '!hunter2',
    '!!hunter2 x',
    '%hunter2',
    '@hunter2',
    '`hunter2',
    '"hunter2',
    '{{ hunter2 }}',
    '{hunter2',
    '[hunter2',
    '|hunter2',
    '>hunter2',
    '| hunter2',
    '- hunter2',
    '#hunter2',
    'a: hunter2',
    '"a" hunter2',
    '{ env: A } hunter2',
    '\nhunter2',
  ]
  for (const value of asYaml) {
    it(`never repeats a secret that means something in YAML: ${JSON.stringify(value)}`, async () => {
      const places = [
        `storage:\n  s:\n    type: cifs\n    server: a\n    share: x\n    content: [iso]\n    password: ${value}\n`,
        `nodes: { n1: { address: 10.0.0.2, api: { token: { id: me@pve!to, secret: ${value} } } } }`,
        `guests:\n  a:\n    id: 100\n    api_key: ${value}\n`,
      ]
      for (const place of places) {
        const error = await failureOf(`site: x\n${place}`)
        assert.ok(error.findings.length > 0)
        assert.doesNotMatch(JSON.stringify(error.findings) + error.message, /hunter2/)
      }
    })
  }
  it('never repeats a mistyped key’s secret, nor a token', async () => {
    const text = siteText({
      nodes:
        'nodes: { n1: { address: 10.0.0.2, api: { token: me@pve!t=hunter2 } }, n2: { address: 10.0.0.3, api: { token: { id: me@pve!t=hunter2, sekret: hunter2 } } } }',
    })
    const error = await failureOf(text)
    assert.equal(error.findings.length, 4)
    assert.doesNotMatch(error.message, /hunter2/)
  })
  it('takes the three forms of a reference', async () => {
    for (const secret of ['{ env: A_1 }', '{ file: ./pw }', '{ command: [pass, show, x] }']) {
      const site = await parse(
        siteText({
          nodes: `nodes: { n1: { address: 10.0.0.2, api: { token: { id: me@pve!to, secret: ${secret} } } } }`,
        }),
      )
      assert.equal(site.nodes[0]?.api.token?.id, 'me@pve!to')
    }
  })
})
