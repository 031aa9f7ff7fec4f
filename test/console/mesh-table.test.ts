// The page of `orion mesh status`: golden text, 80 columns.
import assert from 'node:assert/strict'
import { changesOf, linesOf } from '../../src/console/mesh-live.ts'
import { type LinkLine, type MeshPage, renderMesh } from '../../src/console/mesh-table.ts'
import { getWidth } from '../../src/console/text.ts'
import { page, plain } from './plain.ts'

const end = (gateway: string, peer: string, more: object = {}): LinkLine['ends'][number] => ({
  gateway,
  peer,
  endpoint: '203.0.113.140:51824',
  mtu: { set: 1420, inner: 1420, outer: 1420 },
  lossPercent: 0,
  rttMs: 10.4,
  bgp: 'Established',
  bfd: 'Up',
  ...more,
})

function line(link: string, more: Partial<LinkLine> = {}, own: object = {}): LinkLine {
  const [a = '', b = ''] = link.split('~')
  return {
    link,
    state: 'fresh',
    handshakeSeconds: 14,
    psk: { kind: 'ml-kem-768', ageSeconds: 260_000, same: true },
    isRotating: false,
    ends: [end(a, b, own), end(b, a)],
    ...more,
  }
}

const gateways = ['van-1', 'kel-1', 'rey-1'].map((name, at) => ({
  name,
  address: `10.99.${at}.1`,
  routes: [`10.${at}.0.0/24`],
}))
const way = (from: string, to: string, now: readonly string[], wanted = to) => ({ from, to, now, wanted })
const ways = [
  way('van-1', 'kel-1', ['kel-1']),
  way('van-1', 'rey-1', ['rey-1']),
  way('kel-1', 'van-1', ['van-1']),
  way('kel-1', 'rey-1', ['van-1', 'rey-1'], 'van-1'),
  way('rey-1', 'van-1', ['van-1']),
  way('rey-1', 'kel-1', ['van-1', 'kel-1'], 'van-1'),
]
const whole: MeshPage = {
  site: 'fed',
  gateways,
  links: [line('kel-1~van-1'), line('rey-1~van-1')],
  ways,
  clients: [],
  remarks: [],
}

describe('console/mesh-table', () => {
  it('all fresh', () => {
    const golden = page(`
      fed  3 gateways, 2 links, fresh
      LINK         HANDSHAKE  ENDPOINT        MTU  LOSS    RTT  KEY
      kel-1~van-1  14 s       203.0.113.140  1420    0%  10 ms  ml-kem-768 3 d
      rey-1~van-1  14 s       203.0.113.140  1420    0%  10 ms  ml-kem-768 3 d

      FROM / TO  van-1   kel-1   rey-1
      van-1      .       direct  direct
      kel-1      direct  .       van-1
      rey-1      direct  van-1   .`)
    assert.equal(renderMesh(whole, plain), golden)
  })

  it('one gateway: where it sends to, its sessions, and its ways in full', () => {
    const own = {
      ...whole,
      gateway: 'kel-1',
      links: [line('kel-1~van-1', {}, { bfd: 'Down' })],
      ways: ways.slice(2, 4),
    }
    const golden = page(`
      kel-1  1 link, fresh
      PEER   HANDSHAKE  ENDPOINT              MTU  LOSS    RTT  KEY             BGP
      van-1  14 s       203.0.113.140:51824  1420    0%  10 ms  ml-kem-768 3 d  up, BFD Down

      TO     GOES OVER  WANTED  ROUTES
      van-1  direct     direct  10.0.0.0/24
      rey-1  van-1      van-1   10.2.0.0/24`)
    assert.equal(renderMesh(own, { ...plain, width: 100 }), golden)
  })

  it('a site with one gateway and its people', () => {
    const client = { gateway: 'van-1', address: '10.99.0.10' }
    const clients = [
      { ...client, client: 'laptop', state: 'here', handshakeSeconds: 40, endpoint: '198.51.100.7:4242' },
      { ...client, client: 'tablet', state: 'away', handshakeSeconds: 90_000 },
      { ...client, client: 'phone', state: 'new' },
    ] as const
    const golden = page(`
      fed  1 gateway, no links
      No links.

      CLIENT  HANDSHAKE  ENDPOINT           ADDRESS     GATEWAY
      laptop  40 s       198.51.100.7:4242  10.99.0.10  van-1
      tablet  1 d        -                  10.99.0.10  van-1
      phone   not added  -                  10.99.0.10  van-1`)
    assert.equal(renderMesh({ ...whole, gateways: gateways.slice(0, 1), links: [], ways: [], clients }, plain), golden)
  })

  it('everything that may be wrong, and a gateway that does not answer', () => {
    const classical = { psk: { kind: 'classical', same: true } }
    const bad: MeshPage = {
      ...whole,
      gateways: gateways.map((one) =>
        one.name === 'rey-1'
          ? { ...one, problem: { message: 'rey-1 cannot be reached over SSH', suggestions: ['Is the host up?'] } }
          : one,
      ),
      links: [
        line('kel-1~van-1', { isRotating: true }, { mtu: { set: 1420, inner: 1380 }, lossPercent: 20, rttMs: 0.512 }),
        line('rey-1~van-1', {
          state: 'stale',
          handshakeSeconds: 400,
          ends: [end('van-1', 'rey-1', { lossPercent: 100 })],
        }),
        line('a~b', { state: 'never', ...classical, ends: [] }),
        line('c~d', { state: 'unknown', psk: { kind: 'unknown' }, ends: [] }),
      ],
      ways: [way('van-1', 'kel-1', []), way('van-1', 'rey-1', ['kel-1'])],
      remarks: [
        { kind: 'wrong', text: 'rey-1~van-1: no handshake for 6 min', hint: 'let UDP 51826 to van-1 through' },
        { kind: 'warning', text: 'without a post-quantum key: a~b' },
      ],
    }
    const golden = page(`
      fed  3 gateways, 1 of 4 links fresh
      LINK         HANDSHAKE  ENDPOINT        MTU  LOSS    RTT  KEY
      kel-1~van-1  14 s       203.0.113.140  1380   20%  10 ms  ml-kem-768 rotating
      rey-1~van-1  stale      203.0.113.140  1420  100%  10 ms  ml-kem-768 3 d
      a~b          never      -                 -     -      -  classical
      c~d          no answer  -                 -     -      -  unknown
      rey-1        no answer  -                 -     -      -  -

      FROM / TO  van-1  kel-1  rey-1
      van-1      .      none   kel-1
      kel-1      ?      .      ?
      rey-1      ?      ?      .

      ✖ rey-1 cannot be reached over SSH
        Try: Is the host up?
      ✖ rey-1~van-1: no handshake for 6 min
        Try: let UDP 51826 to van-1 through
      ! without a post-quantum key: a~b`)
    assert.equal(renderMesh(bad, { ...plain, width: 100 }), golden)
  })

  it('of many gateways only the ways that are not as wanted', () => {
    const names = Array.from({ length: 30 }, (_, at) => `gateway-${at + 1}`)
    const all = names.flatMap((from) => names.filter((to) => to !== from).map((to) => way(from, to, [to])))
    const [first, second, third, ...rest] = all
    assert.ok(first && second && third)
    const some = [
      { ...first, now: [] },
      { ...second, now: ['gateway-9', 'gateway-3'] },
      { ...third, now: ['gateway-7'] },
    ]
    const text = renderMesh(
      {
        ...whole,
        gateways: names.map((name) => ({ name, address: '10.99.0.1', routes: [] })),
        links: [],
        ways: [...some, ...rest],
      },
      plain,
    )
    const golden = page(`
      fed  30 gateways, no links
      No links.

      867 of 870 ways as wanted
      FROM       TO         GOES OVER      WANTED
      gateway-1  gateway-2  none           direct
      gateway-1  gateway-3  gateway-9      direct
      gateway-1  gateway-4  gateway-7 > ?  direct`)
    assert.equal(text, golden)
  })

  it('of very many links those that are not fresh', () => {
    const links = Array.from({ length: 100 }, (_, at) => line(`kel-1~g${at}`, at % 50 === 9 ? { state: 'never' } : {}))
    const text = (some: readonly LinkLine[]) =>
      renderMesh({ ...whole, gateways: [], ways: [], links: some }, plain).split('\n')
    const [head, , first, second, rest] = text(links)
    assert.equal(head, 'fed  0 gateways, 98 of 100 links fresh')
    assert.match(`${first} ${second}`, /^kel-1~g9 +never .* kel-1~g59 +never/)
    assert.equal(rest, 'and 98 more, 98 of them fresh')
    const fresh = text(links.filter(({ state }) => state === 'fresh'))
    assert.deepEqual([fresh.length, fresh.at(-1)], [63, 'and 38 more, 38 of them fresh'])
  })

  it('names from outside cannot move the cursor', () => {
    const text = renderMesh(
      { ...whole, site: 'a\u001b[2Jb', gateways: [], ways: [], links: [line('x\u001b[1m~y')] },
      plain,
    )
    assert.ok(!text.includes('\u001b'))
  })

  it('live, the lines that fit: what is not fresh first', () => {
    const links = Array.from({ length: 40 }, (_, at) => line(`kel-1~g${at}`, at === 39 ? { state: 'never' } : {}))
    const lines = linesOf({ ...whole, links }, plain, 20)
    assert.ok(lines.length <= 20)
    assert.match(lines[1] ?? '', /^kel-1~g39 +never/)
    assert.equal(lines.at(-1), 'and 23 more')
    for (const text of lines) assert.ok(getWidth(text) <= 80)
    assert.equal(linesOf({ ...whole, ways: [] }, plain, 20).length, 3)
  })

  it('live, the ways too where they fit, and a line for each that changes where there is no terminal', () => {
    const names = ['van-1', 'kel-1']
    const way = (next: string | undefined) => ({
      ...{ from: 'van-1', to: 'kel-1', wanted: 'kel-1' },
      now: next === undefined ? [] : [next, 'kel-1'],
    })
    const gateways = names.map((name) => ({ name, routes: [] }))
    const page = { ...whole, gateways, links: [line('kel-1~van-1')], ways: [way('kel-1')] } as unknown as MeshPage
    const live = linesOf(page, plain, 20)
    assert.ok(live.some((text) => text.startsWith('FROM / TO')))
    assert.ok(!linesOf(page, plain, 5).some((text) => text.startsWith('FROM / TO')))
    const states = new Map<string, string>()
    assert.deepEqual(changesOf(page, states), ['kel-1~van-1 fresh'])
    assert.deepEqual(changesOf({ ...page, ways: [way('fra-1')] }, states), ['van-1 to kel-1 direct -> over fra-1'])
    assert.deepEqual(changesOf({ ...page, ways: [way(undefined)] }, states), ['van-1 to kel-1 over fra-1 -> none'])
  })
})
