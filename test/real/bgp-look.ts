// What orion would see of the router of a twin: its sessions, until they are as a test wants them.
import assert from 'node:assert/strict'
import { hintOf } from '../../src/parts/bgp/session-hint.ts'
import { type Session, sessionFacts, sessionsOf } from '../../src/parts/bgp/sessions.ts'
import { parseCounters } from '../../src/parts/bgp/tcp-counters.ts'
import type { HostFacts } from '../../src/resources/host-facts.ts'
import type { Bgp, BgpPeer } from '../../src/site/services.ts'
import { testBgp } from '../parts/bgp/bird-site.ts'
import { OURS } from './bgp-routes.ts'
import type { Twin } from './bgp-twin.ts'

/** What orion reads of a router, read of the twin. */
export async function look(twin: Twin, bgp: Bgp): Promise<HostFacts> {
  const asked = Object.entries(sessionFacts(bgp).commands ?? {}).map(async ([name, [, ...words]]) => {
    const stdout = await twin.ask(...words)
    return [name, { code: 0, stdout, stderr: '' }] as const
  })
  return { files: new Map(), commands: new Map(await Promise.all(asked)) }
}

export async function sessions(twin: Twin, peers: readonly BgpPeer[]): Promise<readonly Session[]> {
  return sessionsOf({ peers }, await look(twin, testBgp({ peers }))) ?? []
}

export async function established(twin: Twin, peers: readonly BgpPeer[]): Promise<readonly Session[]> {
  let last: readonly Session[] = []
  await twin.until(`sessions with ${peers.map(({ name }) => name).join(', ')}`, async () => {
    last = await sessions(twin, peers)
    return last.every(({ state }) => state === 'Established')
  })
  return last
}

/** The session of one peer once it has an error, or is silent for long enough that the kernel has counted. */
export async function failing(twin: Twin, peer: BgpPeer, hint: RegExp): Promise<Session> {
  let found: Session | undefined
  await twin.until(`${peer.name} to fail with ${hint}`, async () => {
    ;[found] = await sessions(twin, [peer])
    const counters = parseCounters(await twin.router.must(['cat', '/proc/net/netstat']))
    return found !== undefined && hint.test(hintOf({ asn: OURS }, found, counters) ?? '')
  })
  assert.ok(found)
  return found
}
