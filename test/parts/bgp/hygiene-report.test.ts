// The hygiene report beside what the router really runs.
import assert from 'node:assert/strict'
import { getBirdConf } from '../../../src/parts/bgp/bird.ts'
import { getBirdTexts } from '../../../src/parts/bgp/bird-conf.ts'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { readHygiene, reportOf, splitConf } from '../../../src/parts/bgp/hygiene-report.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { file } from '../../resources/fake-host.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, FULL, routerIn, testPeer, withBird } from './bird-site.ts'

const SITE = bgpSite(FULL)
const ROUTER = routerIn(SITE)
const BIRD = withBird('2.17.5')
const CONF = getBirdConf(SITE, ROUTER, BIRD) ?? ''

/** A router with this bird.conf. */
function seenOf(
  conf: string | undefined,
  { active = 'active', edge }: { active?: string; edge?: string } = {},
): HostFacts {
  const files = [
    ...(conf === undefined ? [] : [['/etc/bird/bird.conf', file(conf)] as const]),
    ...(edge === undefined ? [] : [['/etc/orion/edge', file(`${edge}\n`)] as const]),
  ]
  const unit = { code: 0, stdout: `${active}\n`, stderr: '' }
  return { files: new Map(files), commands: new Map([...BIRD.commands, ['bird-active', unit]]) }
}

const missing = (seen: HostFacts, site = SITE) =>
  reportOf(site, ROUTER, seen).flatMap(({ rule, peer, live }) => (live ? [] : [`${rule} ${peer ?? ''}`.trim()]))

describe('parts/bgp/hygiene-report', () => {
  it('takes bird.conf apart as it was put together', () => {
    const model = getBirdModel(SITE, ROUTER, BIRD)
    assert.ok(model)
    const want = getBirdTexts(model)
    const have = splitConf(
      CONF,
      model.peers.map(({ peer }) => peer.name),
    )
    const bare = (text: string) => text.replace(/\s+/g, ' ').trim()
    for (const [at, peer] of want.peers.entries())
      for (const place of ['import', 'export', 'protocol'] as const)
        assert.equal(bare(have.peers[at]?.[place] ?? ''), bare(peer[place]), `${peer.name} ${place}`)
    assert.equal(bare(have.common), bare(want.common))
  })

  it('finds every rule kept by a router that has the file', () => {
    assert.deepEqual(missing(seenOf(CONF)), [])
    assert.ok(reportOf(SITE, ROUTER, seenOf(CONF)).length > 40)
  })

  it('says which rule is not kept, and of which peer', () => {
    const without = CONF.replace(/(filter import_far_away[\s\S]*?)^ *if bgp_path\.len > .*\n/m, '$1')
    assert.notEqual(without, CONF)
    assert.deepEqual(missing(seenOf(without)), ['path-length far-away'])
    const muted = CONF.replace(/^( *)(if bgp_path\.len > .*)$/m, '$1# $2')
    assert.equal(missing(seenOf(muted)).length, 1)
  })

  it('finds none kept where BIRD does not run, has no file, or another daemon speaks', () => {
    const all = reportOf(SITE, ROUTER, BIRD).filter(({ state }) => state === 'on').length
    for (const seen of [seenOf(undefined), seenOf(CONF, { active: 'inactive' }), seenOf(CONF, { edge: 'gobgp' })])
      assert.equal(missing(seen).length, all)
  })

  it('reads it of the router, with what the registry says of its peers', async () => {
    const shop = testPeer({ name: 'shop', relation: 'customer', asSet: 'AS-SHOP' })
    const site = bgpSite({ peers: [shop] })
    const ask = 'bgpq4 -h rr.example.net -S RPKI,RIPE -6 -A -j -m 48 -R 48 -l PFX AS-SHOP'
    const programs = {
      [ask]: '{"PFX":[{"prefix":"2602:1::/32","less-equal":48}]}',
      'bird-version': 'BIRD version 2.17.5',
    }
    const { outside, calls } = routerOutside({ programs })
    const report = await readHygiene(site, outside)
    assert.deepEqual(report.irr, [{ peer: 'shop', asSet: 'AS-SHOP', prefixes: 1 }])
    assert.deepEqual([report.router, report.daemon], ['router', 'bird'])
    assert.deepEqual(calls, [`run ${ask}`, 'read'])
    const silent = await readHygiene(
      site,
      routerOutside({ programs: { [ask]: { code: 1, stderr: 'refused' } } }).outside,
    )
    assert.match(silent.irr[0]?.why ?? '', /did not tell the prefixes of AS-SHOP: refused/)
  })

  it('needs a router that runs, and BGP', async () => {
    const { outside } = routerOutside({ status: 'stopped' })
    await assert.rejects(readHygiene(bgpSite(), outside), { code: 'E_HOST_UNREACHABLE' })
    const { bgp: _, ...without } = bgpSite()
    await assert.rejects(readHygiene(without, outside), { code: 'E_USAGE', message: /says nothing under bgp/ })
  })
})
