// Who speaks to the world: by the router's own file, and whether that is who the site file wants.
import assert from 'node:assert/strict'
import { getBirdConf } from '../../../src/parts/bgp/bird.ts'
import { EDGE_FILE, edgeOf, edgeProblem } from '../../../src/parts/bgp/edge.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { file } from '../../resources/fake-host.ts'
import { bgpSite, routerIn, withBird } from './bird-site.ts'

type Daemon = Bgp['daemon']
const seenWith = (files: Readonly<Record<string, string>>) => ({
  files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
  commands: new Map(),
})
const conf = (daemon: Daemon) => {
  const site = bgpSite({ daemon })
  return getBirdConf(site, routerIn(site), withBird('2.17.5')) ?? ''
}

describe('parts/bgp/edge', () => {
  for (const [text, daemon] of [
    ['gobgp\n', 'gobgp'],
    ['bird\n', 'bird'],
    ['gobgpd\n', 'bird'],
    ['', 'bird'],
  ] as const)
    it(`${JSON.stringify(text)} means ${daemon}`, () => assert.equal(edgeOf(seenWith({ [EDGE_FILE]: text })), daemon))
  it('no file means bird', () => assert.equal(edgeOf(seenWith({})), 'bird'))

  it('begins with GoBGP where BIRD has never spoken, also when its files are in place already', () => {
    const problems = (text: string) =>
      edgeProblem(bgpSite({ daemon: 'gobgp' }), seenWith({ '/etc/bird/bird.conf': text }))
    assert.deepEqual(problems('# of Debian'), [])
    assert.deepEqual(problems(conf('gobgp')), [])
    assert.match(
      problems(conf('bird')).join(),
      /BIRD speaks BGP on router, .* wants GoBGP: orion bgp migrate --to gobgp/,
    )
  })

  it('says so where GoBGP speaks, and the site file wants BIRD', () => {
    const seen = seenWith({ [EDGE_FILE]: 'gobgp\n', '/etc/bird/bird.conf': conf('gobgp') })
    assert.match(
      edgeProblem(bgpSite({ daemon: 'bird' }), seen).join(),
      /^GoBGP speaks .*--to bird, or set bgp.daemon to gobgp/,
    )
    assert.deepEqual(edgeProblem(bgpSite({ daemon: 'gobgp' }), seen), [])
  })
})
