// Proof of a BGP session.
import assert from 'node:assert/strict'
import { bgpSession, type SeenLimit, type SeenSession } from '../../src/probes/bgp-session.ts'
import { fakeHost } from '../resources/fake-host.ts'

const UP: SeenSession = { state: 'Established', missing: [], draining: false }

describe('probes/bgp-session', () => {
  const rows: readonly [string, SeenSession | undefined, string, string][] = [
    ['established', UP, 'ok', 'established, with our prefixes announced'],
    ['drained', { ...UP, draining: true }, 'warning', 'established, and drained'],
    ['without our prefix', { ...UP, missing: ['2602:f674::/48'] }, 'failed', 'without 2602:f674::/48'],
    ['down', { ...UP, state: 'Active' }, 'failed', 'active'],
    ['down for a reason', { ...UP, state: 'Idle', error: 'Role mismatch' }, 'failed', 'idle, Role mismatch'],
    ['silent', undefined, 'failed', 'the daemon does not answer'],
  ]
  const limit = (changes: Partial<SeenLimit>) => ({ kind: 'import', limit: 20, exceeded: true, ...changes }) as const
  const limits: readonly [string, Partial<SeenSession>, string, RegExp, RegExp][] = [
    [
      'routes left out',
      { limits: [limit({})] },
      'failed',
      /no more than 20 routes are taken/,
      /raise .*upstream\.maxPrefixes/,
    ],
    [
      'prefixes not sent',
      { limits: [limit({ kind: 'export', limit: 1 })] },
      'failed',
      /than 1 routes are sent/,
      /bgp show upstream/,
    ],
    [
      'just full',
      { limits: [limit({ exceeded: false })] },
      'warning',
      /as many routes as are taken: 20/,
      /maxPrefixes/,
    ],
    [
      'the worst of two',
      { limits: [limit({ exceeded: false }), limit({ limit: 34 })] },
      'failed',
      /than 34/,
      /maxPrefixes/,
    ],
    ['drained, and full', { draining: true, limits: [limit({})] }, 'failed', /than 20/, /maxPrefixes/],
    ['down by a limit', { state: 'Down', hint: 'raise it', limits: [limit({})] }, 'failed', /^down$/, /^raise it$/],
    ['without our prefix', { missing: ['2602::/48'], limits: [limit({})] }, 'failed', /^without/, /bgp show/],
  ]
  for (const [title, found, state, seen, hint] of limits)
    it(`a limit: ${title}`, async () => {
      const result = await bgpSession('router', 'upstream', async () => ({ ...UP, ...found })).run(fakeHost().outside)
      assert.equal(result.state, state)
      assert.match(result.seen, seen)
      assert.match(result.hint ?? '', hint)
    })

  for (const [title, found, state, seen] of rows)
    it(title, async () => {
      const probe = bgpSession('router', 'upstream', async () => found)
      assert.equal(probe.id, 'bgp-session:router/upstream')
      const result = await probe.run(fakeHost().outside)
      assert.deepEqual([result.state, result.seen], [state, seen])
    })
})
