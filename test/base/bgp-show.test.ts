// orion bgp show: the exit code, and the document.
import assert from 'node:assert/strict'
import { type BgpLines, showSessions } from '../../src/base/bgp-show.ts'
import type { Session } from '../../src/base/session.ts'

const peer = (state: string): BgpLines['peers'][number] => ({
  name: 'upstream',
  asn: 1,
  address: '::1',
  relation: 'provider',
  state,
  draining: false,
  limits: [],
  notAnnounced: [],
})

describe('base/bgp-show', () => {
  const rows: readonly [states: readonly string[], exit: number][] = [
    [['Established', 'Established'], 0],
    [['Established', 'Active'], 3],
    [['absent'], 3],
    [[], 0],
  ]
  for (const [states, exit] of rows)
    it(`${states.join(' and ') || 'no peers'}: exit ${exit}`, async () => {
      const page = { router: 'router', peers: states.map(peer), caches: [] }
      const session = { site: { name: 'Lab' }, outside: {} } as unknown as Session
      const result = await showSessions({ session, json: true }, undefined, async () => page)
      assert.deepEqual(result, { exit, document: { site: 'Lab', ...page } })
    })
})
