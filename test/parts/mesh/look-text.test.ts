// What the look says, as two versions of BIRD and a real WireGuard printed it, and what must not break it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseLook } from '../../../src/parts/mesh/look-text.ts'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../fixtures/mesh/${name}.txt`, import.meta.url), 'utf8')

describe('mesh/look-text', () => {
  for (const version of ['2.0.12', '3.1'])
    it(`reads what a gateway with BIRD ${version} said`, () => {
      const look = parseLook(recorded(`look-bird-${version}`))
      assert.ok(look)
      const { publicKey, peer, psk, ping, ...hub } = look.links.get('wg-hub') ?? {}
      assert.deepEqual(hub, {
        state: 'up',
        isRotating: false,
        mtu: 1420,
        inner: 1420,
        outer: 1420,
        bgp: { state: 'Established' },
        bfd: 'Up',
      })
      assert.match(`${publicKey} ${peer?.publicKey}`, /^\S{43}= \S{43}=$/)
      assert.deepEqual([peer?.hasPsk, peer?.endpoint], [true, '192.0.2.1:51823'])
      assert.ok(peer && peer.handshake <= look.now && peer.handshake > look.now - 60)
      assert.deepEqual([psk?.kind, psk?.id], ['ml-kem-768', '00112233445566778899aabbccddeeff'])
      assert.deepEqual([ping?.sent, ping?.received], [5, 5])
      const byp = look.links.get('wg-byp')
      assert.deepEqual([byp?.isRotating, byp?.peer?.hasPsk, byp?.psk], [true, false, undefined])
      const ways = ['10.99.0.1', '10.99.0.2', '10.99.0.4'].map((address) => [address, 'wg-hub'])
      assert.deepEqual([...look.ways], ways)
    })

  const rows: readonly [title: string, lines: readonly string[], wanted: object | undefined][] = [
    ['nothing but a link', ['link wg-a up 1420'], { state: 'up', mtu: 1420, isRotating: false }],
    ['no interface', ['link wg-a absent'], { state: 'absent', isRotating: false }],
    ['no answer', ['link wg-a up 1420', 'ping wg-a 5 0 -'], { ...up(), ping: { sent: 5, received: 0 } }],
    ['nothing passes', ['link wg-a up 1420', 'inner wg-a -', 'outer wg-a -'], { ...up(), inner: 0 }],
    ['a peer that was cut', ['link wg-a up 1420', 'peer wg-a KEY set 192.0.2.1'], up()],
    ['an id that is missing', ['link wg-a up 1420', 'state wg-a kind=ml-kem-768 at=1'], up()],
    ['a state that is garbled', ['link wg-a up 1420', 'state wg-a kind=ml-kem-768 at=x id=1'], up()],
    ['a way that is garbled', ['link wg-a up 1420', 'way [{"dst":', 'way [{"dst":1}]', 'way 7', 'way null'], up()],
    ['a kind that nobody knows', ['link wg-a up 1420', 'constructor wg-a 1', 'rx wg-a'], up()],
    ['a session of somebody else', ['link wg-a up 1420', 'bfd 1020-', 'bfd  fe80::1 wg-b Up'], up()],
  ]
  for (const [title, lines, wanted] of rows)
    it(title, () => {
      const look = parseLook([...lines, 'now 1800000000', 'end', ''].join('\n'))
      assert.deepEqual(look?.links.get('wg-a'), wanted)
      assert.equal(look?.ways.size, 0)
    })

  it('is nothing where the program did not come to its end, or has no clock', () => {
    assert.equal(parseLook('now 1800000000\nlink wg-a up 1420\n'), undefined)
    assert.equal(parseLook('link wg-a up 1420\nend\n'), undefined)
    assert.equal(parseLook('now soon\nend\n'), undefined)
    assert.equal(parseLook(''), undefined)
  })

  it('tells whether the firewall of Proxmox VE runs', () =>
    assert.equal(parseLook('now 1\npve-firewall enabled/running\nend\n')?.firewall, 'enabled/running'))

  it('clients by the key of their file; their interface is no link', () => {
    const lines = [
      'now 1800000000',
      'wg wg-clients KEY 51820',
      'client laptop LAPTOP',
      'client phone PHONE',
      'client',
      'client odd',
    ]
    const peers = ['LAPTOP set 198.51.100.7:4242 1799999990 1 2 off', 'STRANGER none (none) 0 0 0 off']
    const look = parseLook([...lines, ...peers.map((peer) => `peer wg-clients ${peer}`), 'end', ''].join('\n'))
    assert.deepEqual(look?.links.size, 0)
    assert.deepEqual(
      [...(look?.clients ?? [])].map(([name, peer]) => [name, peer?.endpoint, peer?.handshake]),
      [
        ['laptop', '198.51.100.7:4242', 1_799_999_990],
        ['phone', undefined, undefined],
        ['odd', undefined, undefined],
      ],
    )
  })

  it('has no sign that a terminal obeys', () => {
    const look = parseLook(
      'now 5\nlink wg-a up 1420\npeer wg-a K set \u001b]0;x\u0007\u009b31m 1 2 3 25\npve-firewall a\rb\nend\n',
    )
    assert.ok(look)
    assert.doesNotMatch(JSON.stringify([...look.links, look.firewall]), /\\u00|\\r|\u009b/)
    assert.equal(look.firewall, 'a b')
  })

  it('never throws', () => {
    const words = [
      'link',
      'peer',
      'way',
      'bgp',
      'bfd',
      'state',
      'ping',
      'inner',
      'outer',
      'wg',
      'now',
      'end',
      '-',
      '[]',
      '1',
      'up',
    ]
    const line = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 9 })
      .map((some) => some.join(' '))
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        parseLook([...lines, 'now 1', 'end', ''].join('\n'))
      }),
    )
  })
})

function up() {
  return { state: 'up', mtu: 1420, isRotating: false }
}
