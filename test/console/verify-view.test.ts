// What the checks saw: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import { renderVerify } from '../../src/console/verify-view.ts'
import type { VerifyReport } from '../../src/engine/verify.ts'
import { page, plain } from './plain.ts'

const base = { site: 'test', started: '2026-01-01T00:00:00.000Z', ms: 1200 }

describe('console/verify-view', () => {
  it('worst first, with what was expected, what was seen, what to do', () => {
    const probe = (state: 'ok' | 'warning' | 'failed' | 'unknown', title: string, hint?: string) => ({
      id: title,
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
        probe('ok', 'router runs'),
        probe('unknown', 'dns answers'),
        probe('ok', 'web runs'),
        probe('failed', 'db runs', 'start it: orion vm start db'),
      ],
    }
    const golden = page(`
        ✖ db runs
            expected  running
            seen      stopped
            Try: start it: orion vm start db
        ? dns answers
            expected  running
            seen      nothing for 5 s
        ✔ router runs
        ✔ web runs

      Verify: 2 ok, 1 unknown, 1 failed, in 1.2 s
    `)
    assert.equal(renderVerify(report, plain), golden)
  })

  it('nothing to check is one line', () => {
    const report: VerifyReport = { ...base, ok: true, counts: { ok: 0, warning: 0, failed: 0, unknown: 0 }, probes: [] }
    assert.equal(renderVerify(report, plain), 'Verify: 0 ok, in 1.2 s')
  })
})
