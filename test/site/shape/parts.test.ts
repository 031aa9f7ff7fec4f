import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const GUESTS =
  'guests: { gw: { id: 100, nics: { lan: 10.0.0.4 } }, w: { id: 101-102, nics: { lan: 10.0.0.5-10.0.0.6 } } }'
const load = async (rest: string) => await parse(siteText({ guests: GUESTS, rest }))

describe('shape/parts', () => {
  it('expands groups in devices and the Keeper', async () => {
    const site = await load(
      'devices: { gpu: { node: n1, ids: "10DE:2204", guest: gw, standby: [w-2] } }\nkeeper: { shed: [w, gw], balloonIdle: w-1, temperature: { limit: 80C, resume: 70C }, watchdog: { device: /dev/watchdog, timeout: 60s } }',
    )
    assert.deepEqual(site.devices, [
      { name: 'gpu', node: 'n1', ids: ['10de:2204'], guest: 'gw', standby: ['w-2'], primaryGpu: false },
    ])
    assert.deepEqual(site.keeper, {
      shed: ['w-1', 'w-2', 'gw'],
      balloonIdle: ['w-1'],
      temperature: { limitCelsius: 80, resumeCelsius: 70 },
      watchdog: { device: '/dev/watchdog', timeoutSeconds: 60 },
    })
  })
  it('reads the firewall: networks, guests and groups, ports and ranges', async () => {
    const site = await load(
      'firewall: { router: gw, allow: [{ from: lan, to: [w, gw], tcp: [80, 8000-8010], udp: 53, icmp: true }], masquerade: lan }',
    )
    assert.deepEqual(site.firewall, {
      router: 'gw',
      allow: [{ from: ['lan'], to: ['w-1', 'w-2', 'gw'], tcp: ['80', '8000-8010'], udp: ['53'], icmp: true }],
      masquerade: ['lan'],
    })
  })
  it('reads BGP', async () => {
    const site = await load(
      'bgp: { router: gw, asn: 4200000001, routerId: 10.0.0.4, peers: { a: { asn: 4200000002, address: 10.0.0.9, relation: peer } } }',
    )
    assert.deepEqual(site.bgp, {
      router: 'gw',
      daemon: 'bird',
      asn: 4200000001,
      routerId: '10.0.0.4',
      announce: [],
      peers: [{ name: 'a', asn: 4200000002, address: '10.0.0.9', relation: 'peer' }],
    })
  })
  it('resolves routes of the mesh', async () => {
    const site = await load(
      'mesh: { network: 10.99.0.0/24, gateways: { gw: { address: 10.99.0.1, endpoint: a.example.net, routes: [lan, 172.16.0.0/24] } }, clients: { me: { address: 10.99.0.9 } } }',
    )
    assert.deepEqual(site.mesh, {
      network: '10.99.0.0/24',
      port: 51820,
      topology: 'full',
      direct: [],
      gateways: [
        { name: 'gw', address: '10.99.0.1', endpoint: 'a.example.net', routes: ['10.0.0.0/24', '172.16.0.0/24'] },
      ],
      clients: [{ name: 'me', address: '10.99.0.9' }],
    })
  })

  const mesh = 'network: 10.99.0.0/24, gateways: { gw: { address: 10.99.0.1, endpoint: a.example.net } }'
  const wrong: [string, string, string[]][] = [
    [
      'a guest of a device',
      'devices: { gpu: { node: n2, ids: ["10de:2204"] }, tpu: { node: n1, ids: ["10de:2204"], guest: gv } }',
      [
        'devices.gpu.node: no node is called "n2" (did you mean "n1"?)',
        'devices.tpu.guest: no guest is called "gv" (did you mean "gw"?)',
      ],
    ],
    ['guests of the Keeper', 'keeper: { shed: [nobody] }', ['keeper.shed.0: no guest is called "nobody"']],
    ['one name for a list', 'keeper: { shed: nobody }', ['keeper.shed: no guest is called "nobody"']],
    [
      'ends of a rule',
      'firewall: { router: gw, allow: [{ from: lam, to: gww }], masquerade: [wan] }',
      [
        'firewall.allow.0.from: no network or guest is called "lam" (did you mean "lan"?)',
        'firewall.allow.0.to: no network or guest is called "gww" (did you mean "gw"?)',
        'firewall.masquerade.0: no network is called "wan" (did you mean "lan"?)',
      ],
    ],
    [
      'a router of BGP that is several',
      'bgp: { router: w, asn: 1, routerId: 10.0.0.4 }',
      ['bgp.router: "w" is 2 guests: name one of them, such as "w-1"'],
    ],
    [
      'a gateway that is nobody',
      'mesh: { network: 10.99.0.0/24, gateways: { gx: { address: 10.99.0.1 } } }',
      ['mesh.gateways.gx: no node or guest is called "gx" (did you mean "gw"?)'],
    ],
    [
      'links to nobody',
      `mesh: { ${mesh}, hub: gx, bypass: { hub: gy }, direct: [[gw, gz]] }`,
      [
        'mesh.hub: no gateway of the mesh is called "gx" (did you mean "gw"?)',
        'mesh.bypass.hub: no gateway of the mesh is called "gy" (did you mean "gw"?)',
        'mesh.direct.0.1: no gateway of the mesh is called "gz" (did you mean "gw"?)',
      ],
    ],
    [
      'a hub that is nobody, once',
      'mesh: { network: 10.99.0.0/24, hub: gx, gateways: { gw: { address: 10.99.0.1 }, n1: { address: 10.99.0.2 } } }',
      ['mesh.hub: no gateway of the mesh is called "gx" (did you mean "gw"?)'],
    ],
    [
      'a hub topology without a hub',
      'mesh: { network: 10.99.0.0/24, topology: hub, gateways: { gw: { address: 10.99.0.1 }, n1: { address: 10.99.0.2 } } }',
      ['mesh: 2 gateways and no hub: name one, or set the topology to full'],
    ],
  ]
  for (const [title, rest, wanted] of wrong) {
    it(`reports ${title}`, async () => {
      assert.deepEqual(
        (await findingsOf(siteText({ guests: GUESTS, rest }))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      )
    })
  }
  it('says nothing about names whose entry is malformed', async () => {
    const text = siteText({
      guests: 'guests: { gw: { id: 1 }, w: { id: 101 } }',
      rest: 'bgp: { router: gw, asn: 1, routerId: 10.0.0.4 }\nkeeper: { shed: [gw, w] }',
    })
    assert.deepEqual(await findingsOf(text), ['7:21 guests.gw.id: must be at least 100'])
  })
})
