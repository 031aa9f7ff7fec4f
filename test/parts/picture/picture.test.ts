// The picture of a site: what is in it, what hangs on what, and no secrets.
import assert from 'node:assert/strict'
import type { Picture } from '../../../src/parts/picture/model.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { device, gateway, mesh, site, vm } from '../../site/site-builder.ts'
import { parse, siteText } from '../../site/site-text.ts'
import { largeNode, spoil, TEMPLATES, template } from './sites.ts'

const thingOf = ({ things }: Picture, id: string) => {
  const thing = things.find((one) => one.id === id)
  assert.ok(thing, `${id} is among ${things.map((one) => one.id).join(' ')}`)
  return { ...thing, facts: Object.fromEntries(thing.facts) }
}

describe('picture', () => {
  it('ORION: the router with its addresses, its networks, the peer and the client', async () => {
    const picture = getPicture(await template('orion'))
    assert.equal(picture.summary, '1 node, 17 guests, 6 networks, 1 BGP peer, 1 mesh gateway')
    const [around, nodes] = picture.groups
    assert.deepEqual(
      around?.frames.map(({ title, rows }) => [title, rows.map((row) => row.title)]),
      [
        ['Outside', ['upstream', 'laptop']],
        ['Networks', ['wan', 'lan', 'guest', 'management', 'pods', 'services']],
      ],
    )
    const r730 = nodes?.frames[0]
    assert.deepEqual(
      r730?.lanes.map(({ label, note }) => `${label}: ${note}`),
      [
        'wan: vmbr0 ← eno1',
        'lan: vmbr1 ← eno2, 192.168.100.2/24',
        'guest: vmbr2 ← eno3',
        'management: vmbr3 ← eno4, 192.168.1.10/24',
      ],
    )
    assert.deepEqual(r730?.rows[0]?.stops, [0, 1, 2, 3])
    assert.deepEqual(r730?.rows.at(-1)?.stops, [1])
    assert.deepEqual(
      picture.wires.map(({ note, hub, members }) => [note, hub, members]),
      [
        ['of router', 'guest:router', ['guest:router', 'peer:upstream']],
        ['clients of router', 'guest:router', ['guest:router', 'client:laptop']],
      ],
    )
    const router = thingOf(picture, 'guest:router')
    assert.match(router.facts.Roles ?? '', /routes lan, guest, firewall, BGP AS394955, mesh gateway 10\.99\.0\.1/)
    assert.match(router.facts.lan ?? '', /192\.168\.100\.1\/24.*vmbr1/)
    assert.ok(router.related.includes('network:management'))
    assert.ok(thingOf(picture, 'network:lan').related.includes('guest:redis'), 'a relation goes both ways')
  })

  it('the federation: one wire for the hub, one for the bypass, one for each straight link', async () => {
    const picture = getPicture(await template('federation'))
    assert.deepEqual(
      picture.wires.map(({ note, hub, members }) => `${note}: ${hub ?? '-'}: ${members.join(' ')}`),
      [
        'hub van-1: node:van-1: node:van-1 node:fra-1 node:kel-1 node:rey-1 node:sin-1 client:laptop',
        'bypass kel-1: node:kel-1: node:kel-1 node:fra-1 node:rey-1 node:sin-1',
        'fra-1 – kel-1: -: node:fra-1 node:kel-1',
        'fra-1 – rey-1: -: node:fra-1 node:rey-1',
      ],
    )
    assert.deepEqual(thingOf(picture, 'cluster:vancouver').facts.Tier, 'command')
    assert.equal(
      thingOf(picture, 'wire:link/fra-1~kel-1').facts['fra-1 – kel-1'],
      'wg-kel-1 UDP 51823, wg-fra-1 UDP 51824',
    )
  })

  it('a full mesh is one wire, and a guest that replaces a device names it', () => {
    const names = ['a', 'b', 'c']
    const guests = names.map((name, at) => vm(name, 100 + at))
    const gateways = names.map((name, at) => gateway(name, `10.99.${at}.1`))
    const picture = getPicture(
      site({ guests, mesh: mesh(gateways), devices: [device('gpu', { guest: 'a', standby: ['b'] })] }),
    )
    assert.deepEqual(
      picture.wires.map(({ note, hub, members }) => [note, hub, members.length]),
      [['each with each', undefined, 3]],
    )
    assert.deepEqual(thingOf(picture, 'device:gpu').related, ['node:pve', 'guest:a', 'guest:b'])
    assert.ok(picture.groups[0]?.frames[0]?.rows[0]?.notes.includes('+ gpu'))
  })

  it('has each thing once, and relations only with what is in it', async () => {
    for (const whole of [...(await Promise.all(TEMPLATES.map(template))), largeNode(200), site()]) {
      const picture = getPicture(whole)
      const ids = new Set(picture.things.map(({ id }) => id))
      assert.equal(ids.size, picture.things.length)
      const used = picture.groups.flatMap(({ thing, frames }) => [
        thing,
        ...frames.flatMap((frame) => [frame.thing, ...[...frame.lanes, ...frame.rows].map((one) => one.thing)]),
      ])
      const named = [
        ...used,
        ...picture.things.flatMap(({ related }) => related),
        ...picture.wires.map(({ thing }) => thing),
      ]
      assert.deepEqual(
        named.filter((id) => id !== undefined && !ids.has(id)),
        [],
      )
    }
  })

  it('tells nothing of where secrets are', async () => {
    const text = siteText({
      images: "images: { win: { iso: 'disks:iso/win.iso', drivers: 'disks:iso/drivers.iso' } }",
      guests: `guests:
  win: { id: 100, os: windows, image: win, nics: { lan: 10.0.0.9 }, unattended: { password: { env: SECRET_ONE } } }
  router: { id: 101, image: win, nics: { lan: 10.0.0.1 } }`,
      rest: `bgp:
  router: router
  asn: 394955
  routerId: 10.0.0.1
  announce: []
  peers: { up: { asn: 6939, address: 10.0.0.8, relation: peer, password: { command: [cat, SECRET_TWO] } } }`,
    })
    const told = JSON.stringify(getPicture(await parse(text)))
    assert.doesNotMatch(told, /SECRET/)
    assert.match(told, /TCP MD5/)
  })

  it('takes any text', async () => {
    for (const name of TEMPLATES) getPicture(spoil(await template(name), '\0<'))
  })
})
