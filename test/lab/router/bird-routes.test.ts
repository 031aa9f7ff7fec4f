// What a simulated BIRD says of the routes that it sends: with the attributes that the export filter gives them.
import assert from 'node:assert/strict'
import { readBird } from '../../../src/lab/router/bird-config.ts'
import { showRoutes } from '../../../src/lab/router/bird-routes.ts'
import type { BirdTalk } from '../../../src/lab/router/bird-talk.ts'
import { getBirdConf } from '../../../src/parts/bgp/bird.ts'
import { bgpSite, routerIn, testPeer, withBird } from '../../parts/bgp/bird-site.ts'

const SITE = bgpSite({
  rpki: undefined as never,
  peers: [
    testPeer(),
    testPeer({ name: 'core', asn: 394955, address: '2602:f674:0:1000::2', relation: 'internal', localPreference: 100 }),
  ],
})

/** A router with orion's own bird.conf, where these peers are drained. */
function talkOf(...drained: string[]): BirdTalk {
  const conf = getBirdConf(SITE, routerIn(SITE), withBird('2.17.5')) ?? ''
  const drain = ['upstream', 'core']
    .map((peer) => `define DRAIN_${peer} = ${drained.includes(peer) ? 1 : 0};\n`)
    .join('')
  const files = { '/etc/bird/bird.conf': { text: conf }, '/etc/bird/orion-drain.conf': { text: drain } }
  const applied = [
    'auto ens18\niface ens18 inet6 static\n address 2620:fe::2/64\n',
    'auto ens19\niface ens19 inet6 static\n address 2602:f674:0:1000::1/64\n',
  ].join('\n')
  const port = { mac: '02:00:00:00:00:01', altnames: [] }
  const host = { files, applied, ports: { ens18: port, ens19: port }, taken: [] }
  const config = readBird(host as never, '/etc/bird/bird.conf', '2.17.5')
  return { host, config, state: { startedMs: 0, since: {} } } as never
}

describe('lab/router/bird-routes', () => {
  const rows: [string, string[], string, RegExp | undefined][] = [
    ['nothing is added', [], 'upstream', undefined],
    ['a drained peer gets the community', ['upstream'], 'upstream', /^1012-\tBGP\.community: \(65535,0\)$/m],
    ['another peer does not', ['core'], 'upstream', undefined],
    ['an internal one gets the lowest preference', ['core'], 'core', /^1012-\tBGP\.local_pref: 0$/m],
  ]
  for (const [title, drained, peer, wanted] of rows)
    it(title, () => {
      const said = showRoutes(talkOf(...drained), ['2602:f674::/48', 'export', `peer_${peer}`, 'all']).join('\n')
      assert.match(said, /2602:f674::\/48/)
      if (wanted === undefined) assert.doesNotMatch(said, /^1012-/m)
      else assert.match(said, wanted)
    })
})
