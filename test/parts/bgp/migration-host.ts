// A router that is ready for its move: files of both daemons as the site file says, or spoilt by a test.
import assert from 'node:assert/strict'
import { bird } from '../../../src/parts/bgp/bird.ts'
import { gobgp } from '../../../src/parts/bgp/gobgp.ts'
import { type Move, withDaemon } from '../../../src/parts/bgp/migration-move.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { bgpSite, routerIn, testPeer, withBird } from './bird-site.ts'

const site = bgpSite({ peers: [testPeer({ password: { env: 'P' } })] })
const router = routerIn(site)
const { bgp } = site
assert.ok(bgp)

/** BIRD at the edge with its files as the site file says, and GoBGP's beside them. */
export function prepared(spoil: (path: string, text: string) => string = (_, text) => text): HostFacts {
  const seen: HostFacts = { ...withBird('2.17.5'), files: new Map() }
  const ofBird = bird(withDaemon(site, 'bird'), router, {})?.files(seen) ?? []
  const place = (all: readonly { path: string; text: string | undefined; mode?: number; group?: string }[]) =>
    all.map(({ path, text = '', mode = 0o644, group = 'root' }) => {
      const file = { kind: 'file', text: spoil(path, text), mode, owner: 'root', group } as const
      return [path, file] as const
    })
  const behind: HostFacts = { ...seen, files: new Map(place(ofBird)) }
  const ofGobgp = gobgp(withDaemon(site, 'gobgp'), router, {})?.files(behind) ?? []
  return { ...seen, files: new Map([...behind.files, ...place(ofGobgp)]) }
}

export const edge = { kind: 'file', text: 'gobgp\n', mode: 0o644, owner: 'root', group: 'root' } as const

/** Anything else than reading is a mistake. */
export const moveTo = (to: Move['to'], seen: HostFacts): Move =>
  ({ site, bgp, router, wish: {}, to, host: { name: 'router' }, read: async () => seen }) as unknown as Move
