// Draining with GoBGP at the edge: what changes, with what it is checked and made active, and what proves that the peer is told.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { drainChange } from '../../../src/parts/bgp/drain-change.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { getEdgeModel } from '../../../src/parts/bgp/gobgp-edge.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, routerIn, withBird } from './bird-site.ts'
import { GOBGP_VERSIONS, gobgpSaid, RECORDED_BGP } from './gobgp-fixtures.ts'

const SITE = bgpSite(RECORDED_BGP)
const DRAINED = 'define DRAIN_upstream_4 = 1;\n'

function confOf(...drained: string[]): string {
  const model = getBirdModel(SITE, routerIn(SITE), withBird('2.17.5'), { edge: 'gobgp' })
  assert.ok(model)
  const isDrained = (name: string) => drained.includes(name)
  return getGobgpConf(getEdgeModel(model, { registered: () => [], password: () => 'hidden', isDrained }))
}

/** Of the recorded router, where upstream-4 is drained and upstream is not. */
async function read(peer: string, on: boolean, changes: Readonly<Record<string, string>> = {}, text = DRAINED) {
  const files = {
    '/etc/orion/edge': 'gobgp\n',
    '/etc/bird/orion-drain.conf': text,
    '/etc/gobgp/orion.toml': confOf('upstream-4'),
  }
  const way = drainChange(SITE, peer, on)
  const { outside } = routerOutside({ files, programs: { ...gobgpSaid('3.36.0'), ...changes } })
  return { way, seen: await way.read(await way.host(outside)) }
}

describe('parts/bgp/drain-change, with GoBGP at the edge', () => {
  it("changes who is drained, and two lists of GoBGP's file: no password is shown", async () => {
    const { way, seen } = await read('upstream', true)
    const { files, check, activate } = way.change(seen)
    assert.deepEqual(
      files.map((file) => [
        file.path,
        'mode' in file ? file.mode : undefined,
        'group' in file ? file.group : undefined,
      ]),
      [
        ['/etc/bird/orion-drain.conf', undefined, undefined],
        ['/etc/gobgp/orion.toml', 0o640, 'bird'],
      ],
    )
    assert.equal(files[1]?.text, confOf('upstream', 'upstream-4'))
    assert.match(files[0]?.text ?? '', /DRAIN_upstream = 1;\ndefine DRAIN_upstream_4 = 1;/)
    assert.deepEqual(check, [['gobgpd', '-d', '-f', '/etc/gobgp/orion.toml']])
    assert.match(JSON.stringify(activate), /orion-edge/)
    assert.ok(way.differences(seen).length > 0)
    assert.ok(!JSON.stringify(way.differences(seen)).includes('hidden'))
  })

  it('has nothing to do where it is so', async () => {
    const { way, seen } = await read('upstream-4', true)
    assert.deepEqual([way.differences(seen), way.isUp(seen)], [[], true])
  })

  // Names: upstream-4 is told 65535:0 in what was recorded, upstream is not.
  const PROOFS: readonly [peer: string, on: boolean, after: string, complaint: RegExp | undefined][] = [
    ['upstream-4', true, DRAINED, undefined],
    ['upstream', false, DRAINED, undefined],
    ['upstream', true, `${DRAINED}define DRAIN_upstream = 1;\n`, /2602:f674::\/48 goes to upstream without .* 65535:0/],
    ['upstream-4', false, '', /23\.128\.10\.0\/24 goes to upstream-4 still with the community 65535:0/],
    ['upstream', true, DRAINED, /says something else/],
  ]
  for (const [peer, on, after, complaint] of PROOFS)
    it(`${on ? 'drained' : 'not drained'}: ${peer} ${complaint ?? 'is told'}`, async () => {
      const { way, seen } = await read(peer, on, {}, after)
      const found = way.prove(seen, seen)
      if (complaint === undefined) assert.deepEqual(found, [])
      else assert.match(found.join('\n'), complaint)
    })

  it('does not stand where a session went, or a prefix of ours', async () => {
    const { way, seen } = await read('upstream-4', true)
    const gone = await read('upstream-4', true, {
      'gobgp-neighbors':
        gobgpSaid('3.36.0')['gobgp-neighbors']?.replaceAll('"session_state":6', '"session_state":3') ?? '',
      'gobgp-out upstream-4 23.128.10.0/24': '{}',
    })
    assert.match(way.prove(seen, gone.seen).join('\n'), /session upstream is Active, not Established as before/)
    const silent = await read('upstream-4', true, { 'gobgp-out upstream 2602:f674::/48': '{}' })
    assert.deepEqual(way.prove(seen, silent.seen), ['2602:f674::/48 is not announced to upstream'])
  })

  for (const version of GOBGP_VERSIONS)
    it(`refuses a file that is not orion's, beside GoBGP ${version}`, async () => {
      const files = { '/etc/orion/edge': 'gobgp\n', '/etc/gobgp/orion.toml': '[global.config]\n' }
      const way = drainChange(SITE, 'upstream', true)
      const { outside } = routerOutside({ files, programs: gobgpSaid(version) })
      await assert.rejects(
        way.read(await way.host(outside)),
        /does not have upstream as orion writes it: orion bgp apply/,
      )
    })
})
