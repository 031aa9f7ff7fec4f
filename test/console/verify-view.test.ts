// What the checks saw: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import { renderVerify } from '../../src/console/verify-view.ts'
import type { VerifyReport } from '../../src/engine/verify.ts'
import { page, plain } from './plain.ts'

const base = { site: 'test', started: '2026-01-01T00:00:00.000Z', ms: 1200 }

describe('console/verify-view', () => {
  it('worst first, with what was expected, what was seen, what to do', () => {
    const probe = (state: 'ok' | 'warning' | 'failed' | 'unknown', title: string, hint?: string) => ({
      id: `guest-running:n1/${title}`,
      title,
      state,
      expected: 'running',
      seen: state === 'failed' ? 'stopped' : 'nothing for 5 s',
      ms: 1,
      ...(hint ? { hint } : {}),
    })
    const report: VerifyReport = {
      ...base,
      ok: false,
      counts: { ok: 2, warning: 0, failed: 1, unknown: 1 },
      probes: [
        probe('ok', 'router'),
        probe('unknown', 'dns'),
        probe('ok', 'web'),
        probe('failed', 'db', 'start it: orion vm start db'),
      ],
    }
    const golden = page(`
        ✖ guest running: db (n1/db)
            expected  running
            seen      stopped
            Try: start it: orion vm start db
        ? guest running: dns (n1/dns)
            expected  running
            seen      nothing for 5 s
        ✔ guest running  router, web

      Verify: 2 ok, 1 unknown, 1 failed, in 1.2 s
    `)
    assert.equal(renderVerify(report, plain), golden)
  })

  it('what is ok is one paragraph per kind, also for a thousand', () => {
    const probe = (kind: string, at: number) => ({
      id: `${kind}:n1/${at}`,
      title: `g${at}`,
      state: 'ok' as const,
      expected: '',
      seen: '',
      ms: 1,
    })
    const many = Array.from({ length: 1000 }, (_, at) => probe('guest-running', at))
    const counts = { ok: 1001, warning: 0, failed: 0, unknown: 0 }
    const text = renderVerify({ ...base, ok: true, counts, probes: [probe('online', 1), ...many] }, plain)
    assert.match(text, /^ {2}✔ online {9}g1\n {2}✔ guest running {2}g0, g1, /)
    assert.match(text, /, and 960 more\n\nVerify: 1001 ok, in 1\.2 s$/)
    assert.ok(text.split('\n').length < 10)
  })

  it('nothing to check is one line', () => {
    const report: VerifyReport = { ...base, ok: true, counts: { ok: 0, warning: 0, failed: 0, unknown: 0 }, probes: [] }
    assert.equal(renderVerify(report, plain), 'Verify: 0 ok, in 1.2 s')
  })
})
