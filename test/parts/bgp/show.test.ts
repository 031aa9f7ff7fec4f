// The page of `orion bgp show`, read of a router whose birdc says what was recorded of three versions.
import assert from 'node:assert/strict'
import { readBgp } from '../../../src/parts/bgp/show.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, testPeer } from './bird-site.ts'
import { RECORDED, recorded } from './birdc-fixtures.ts'

const peer = (name: string) => testPeer({ name, asn: 64500, address: 'fd00:b9::b:1' })
const SITE = bgpSite({
  announce: ['2001:678:4955::/48'],
  peers: [peer('upstream'), peer('wrong-role'), peer('limit-block')],
})
const NETSTAT = 'TcpExt: TCPMD5Failure\nTcpExt: 25\n'
const COUNT = (routes: number) => `0001 BIRD ready.\n1007-${routes} of 6 routes for 4 networks in table master6\n`

function router(version: (typeof RECORDED)[number], files: Readonly<Record<string, string>> = {}) {
  const programs = {
    'bird-protocols': recorded(version, 'protocols'),
    'bird-status': recorded(version, 'status'),
    'bird-bfd': recorded(version, 'bfd'),
    'tcp-counters': NETSTAT,
    'bird-export upstream 2001:678:4955::/48': recorded(version, 'export'),
    'bird-refused upstream rpki-invalid': COUNT(0),
    'bird-refused upstream own-prefix': COUNT(1),
    'bird-refused upstream own-prefix examples': recorded(version, 'filtered'),
    'bird-refused upstream prefix-length': COUNT(2),
  }
  return routerOutside({ programs, files })
}

describe('parts/bgp/show', () => {
  for (const version of RECORDED)
    it(`tells every session of ${version} in one round trip`, async () => {
      const { outside, calls } = router(version, { '/etc/bird/orion-drain.conf': 'define DRAIN_limit_block = 1;\n' })
      const page = await readBgp(SITE, outside)
      assert.equal(calls.filter((call) => call === 'read').length, 1)
      assert.deepEqual([page.router, page.version], ['router', version])
      const [upstream, role, block] = page.peers
      assert.deepEqual(
        [upstream?.state, upstream?.hint, upstream?.rpkiInvalid, upstream?.notAnnounced],
        ['Established', undefined, 0, []],
      )
      assert.ok((upstream?.sinceSeconds ?? 0) >= 15 && (upstream?.sinceSeconds ?? 99) <= 30)
      assert.deepEqual([role?.error, role?.routes], ['BGP Error: Role mismatch', undefined])
      assert.match(role?.hint ?? '', /bgp\.peers\.wrong-role\.relation is provider/)
      assert.deepEqual([block?.draining, block?.limits[0]?.hit], [true, true])
      assert.deepEqual(block?.notAnnounced, ['2001:678:4955::/48'])
      assert.deepEqual(
        page.caches.map(({ name, state, roas }) => [name, state, roas]),
        [
          ['rtr1', 'Established', 2],
          ['rtr2', 'Transport-Error', 0],
        ],
      )
    })

  it('tells one session in full, with why its routes were refused', async () => {
    const { peers } = await readBgp(SITE, router('3.1.7').outside, 'upstream')
    assert.equal(peers.length, 1)
    const { details } = peers[0] ?? {}
    assert.deepEqual([details?.bfd, details?.routerId, details?.localAddress], ['Up', '192.0.2.20', 'fd00:b9::a:1'])
    assert.deepEqual(
      details?.refused.map(({ reason, routes }) => [reason, routes]),
      [
        ['prefix-length', 2],
        ['own-prefix', 1],
      ],
    )
    assert.equal(details?.refused[1]?.networks[0], '198.51.100.0/24')
  })

  const refused: readonly [
    title: string,
    site: typeof SITE,
    peer: string | undefined,
    files: Record<string, string>,
    error: RegExp,
  ][] = [
    ['an unknown peer', SITE, 'upstraem', {}, /no peer named upstraem.*did you mean "upstream"/],
    ['a site without BGP', { ...SITE, bgp: undefined } as never, undefined, {}, /has no BGP/],
  ]
  for (const [title, site, name, files, error] of refused)
    it(`refuses ${title}`, () => assert.rejects(readBgp(site, router('2.0.12', files).outside, name), error))

  it('says where BIRD is not there, or does not answer', async () => {
    await assert.rejects(readBgp(SITE, routerOutside({}).outside), {
      code: 'E_HOST_COMMAND',
      message: 'BIRD is not installed on router',
    })
    const silent = routerOutside({ programs: { 'bird-protocols': { code: 1 } } }).outside
    await assert.rejects(readBgp(SITE, silent), /BIRD on router does not answer \(birdc ended with 1\)/)
  })
})
