// Keys of what was there before orion: guests, their NICs and disks, devices, interfaces.
import assert from 'node:assert/strict'
import { parseSite } from '../../../src/site/load.ts'
import { SiteError } from '../../../src/site/site-error.ts'

const FILE = '/nowhere/orion.yaml'
const text = (guest: string, more = '') => `site: small
nodes: { n1: { address: 10.0.0.1, gateway: 10.0.0.254 } }
networks:
  lan: { bridge: vmbr0, ipv4: 10.0.0.0/24, ipv6: 2001:db8::/64 }
  other: { bridge: vmbr1 }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, rootdir] } }
guests: { web: { id: 100, memory: 1G, ${guest} } }
${more}`

async function errorsOf(guest: string, more?: string): Promise<readonly string[]> {
  try {
    await parseSite(text(guest, more), FILE)
    return []
  } catch (error) {
    assert.ok(error instanceof SiteError)
    return error.findings.map(({ path, message }) => `${path.join('.')} ${message}`)
  }
}

describe('what was there before orion', () => {
  it('is a guest that needs neither disk nor storage nor image, and knows what is said of it', async () => {
    const { guests } = await parseSite(
      text('adopted: true, uuid: 699CE1DA-6e9e-445c-99fb-bf7b148b8626, cores: 2'),
      FILE,
    )
    assert.deepEqual([...(guests[0]?.adopted?.stated ?? [])].sort(), [
      'adopted',
      'cores',
      'id',
      'memory',
      'node',
      'uuid',
    ])
    assert.equal(guests[0]?.adopted?.uuid, '699ce1da-6e9e-445c-99fb-bf7b148b8626')
    assert.deepEqual(await errorsOf('adopted: true, kind: ct'), [])
  })

  it('takes nothing but its node from the defaults, and is not started where the file does not say so', async () => {
    const defaults =
      'defaults: { guest: { node: n1, storage: local, disk: 8G, cores: 8, onboot: true, tags: [a], nics: { lan: 10.0.0.9 } } }\n'
    const { guests } = await parseSite(text('adopted: true, onboot: true', defaults).replace('node: n1, ', ''), FILE)
    const [guest] = guests
    assert.deepEqual([...(guest?.adopted?.stated ?? [])].sort(), ['adopted', 'id', 'memory', 'node', 'onboot'])
    assert.deepEqual([guest?.node, guest?.diskGib, guest?.storage, guest?.nics], ['n1', 0, '', []])
    assert.equal(guest?.started, false)
    const said = await parseSite(text('adopted: true, started: true'), FILE)
    assert.equal(said.guests[0]?.started, true)
  })

  it('has NICs and disks where they are', async () => {
    const nics =
      '{ lan: { ipv4: 10.0.0.5, ipv6: none, gateway: none, mac: bc:24:11:00:00:aa, index: 3 }, other: { model: pcnet, mac: "BC:24:11:00:00:AB" } }'
    const { guests } = await parseSite(
      text(`adopted: true, nics: ${nics}, disks: [{ size: 8G, storage: local, slot: virtio2 }]`),
      FILE,
    )
    assert.deepEqual(
      guests[0]?.nics.map(({ index, mac, ipv4, ipv6 }) => [index, mac, ipv4, ipv6]),
      [
        [3, 'BC:24:11:00:00:AA', { cidr: '10.0.0.5/24' }, undefined],
        [1, 'BC:24:11:00:00:AB', undefined, undefined],
      ],
    )
    assert.equal(guests[0]?.disks[0]?.slot, 'virtio2')
  })

  it('names its own gateway, or none, before what follows from the network', async () => {
    const gatewayOf = async (said: string) => {
      const { guests } = await parseSite(
        text(`disk: 8G, storage: local, nics: { lan: { ipv4: 10.0.0.5${said} } }`),
        FILE,
      )
      const ipv4 = guests[0]?.nics[0]?.ipv4
      return typeof ipv4 === 'object' ? ipv4.gateway : ipv4
    }
    assert.deepEqual(await Promise.all(['', ', gateway: 10.0.0.1', ', gateway: none'].map(gatewayOf)), [
      '10.0.0.254',
      '10.0.0.1',
      undefined,
    ])
  })

  for (const [what, guest, wanted] of [
    [
      'a UUID without being adopted',
      'disk: 8G, storage: local, uuid: 699ce1da-6e9e-445c-99fb-bf7b148b8626',
      /uuid belongs to adopted/,
    ],
    [
      'one NIC number twice',
      'adopted: true, nics: { lan: { index: 1 }, other: none }',
      /net1 is the NIC in lan already/,
    ],
    [
      'a NIC that would get another MAC address',
      'adopted: true, nics: { lan: { ipv4: 10.0.0.5 } }',
      /must say its mac/,
    ],
    [
      'a gateway out of reach',
      'adopted: true, nics: { lan: { ipv4: 10.0.0.5, gateway: 10.1.0.1 } }',
      /10\.1\.0\.1 is not in the network/,
    ],
    ['one slot twice', 'adopted: true, storage: local, disk: 8G, disks: [{ size: 8G, slot: scsi0 }]', /scsi0 is taken/],
    [
      'a slot that there is not',
      'adopted: true, storage: local, disks: [{ size: 8G, slot: scsi99 }]',
      /not a slot such as/,
    ],
    [
      'a MAC address of many',
      'adopted: true, nics: { lan: { mac: "01:00:5e:00:00:01" } }',
      /not a MAC address of one card/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const errors = await errorsOf(guest)
      assert.match(errors.join('\n'), wanted)
    })
  }

  it('refuses a range of adopted guests', async () => {
    await assert.rejects(parseSite(text('adopted: true').replace('id: 100', 'id: 100-101'), FILE), /error/)
  })

  it('is a device that no part has work with, and a node whose interfaces stay', async () => {
    const device = 'devices: { gpu: { node: n1, ids: [10de:2204], guest: web, adopted: true } }\n'
    const site = await parseSite(
      text('adopted: true', device).replace('gateway: 10.0.0.254', 'keepInterfaces: true'),
      FILE,
    )
    assert.deepEqual(site.devices, [])
    assert.equal(site.nodes[0]?.keepInterfaces, true)
    assert.match(
      (await errorsOf('adopted: true', device.replace('guest: web', 'guest: wob'))).join(),
      /no guest is called "wob"/,
    )
  })
})
