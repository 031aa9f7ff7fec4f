// A step that is asked for alone (--step) does not trust that those before it were done.
import assert from 'node:assert/strict'
import type { Move } from '../../../src/parts/bgp/migration-move.ts'
import { doStep } from '../../../src/parts/bgp/migration-steps.ts'
import { PROGRESS_FILE, progressText } from '../../../src/parts/bgp/migration-watch.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { testBgp, testPeer } from './bird-site.ts'
import { recorded, sessionsSaid } from './birdc-fixtures.ts'
import { edge, moveTo, prepared } from './migration-host.ts'

const bgp = testBgp({ peers: [testPeer({ name: 'upstream', asn: 64500, address: 'fd00:b9::b:1' })] })
const UP = recorded('2.17.5', 'protocols')
const BEGUN = progressText({ to: 'gobgp', step: 'shadow', since: '2026-11-21T00:00:00Z', at: '2026-11-21T00:00:00Z' })

/** Checks a router whose session is down at the first look and stands at the next; how often it looked, and what it refused. */
async function checked(files: HostFacts['files']): Promise<{ readonly looks: number; readonly refusal: string }> {
  let looks = 0
  const read = async () => {
    looks += 1
    const text = looks === 1 ? UP.replaceAll('Established', 'Active') : UP
    return { ...sessionsSaid(bgp, '2.17.5', text), files }
  }
  const move: Move = { ...moveTo('gobgp', prepared()), bgp, read }
  const refusal = await doStep(move, 'check').then(
    () => '',
    (error: unknown) => String(error),
  )
  return { looks, refusal }
}

describe('parts/bgp/migration-steps', () => {
  for (const spoilt of ['/etc/bird/bird.conf', '/etc/bird/orion-secrets.conf'])
    it(`shadow compares with nothing that BIRD may never have loaded: ${spoilt}`, async () => {
      const seen = prepared((path, text) => (path === spoilt ? `${text}\n# edited\n` : text))
      await assert.rejects(
        doStep(moveTo('gobgp', seen), 'shadow'),
        new RegExp(`${spoilt} is not as the site file says: orion bgp apply comes first`),
      )
    })

  it('check waits for the sessions that a move which did not stand has put back', async () => {
    const { looks, refusal } = await checked(new Map([[PROGRESS_FILE, { ...edge, text: BEGUN }]]))
    assert.equal(looks, 2)
    assert.doesNotMatch(refusal, /no session is established/)
  })

  it('check waits for nothing where no move was begun', async () => {
    const { looks, refusal } = await checked(new Map())
    assert.equal(looks, 1)
    assert.match(refusal, /no session is established/)
  })
})
