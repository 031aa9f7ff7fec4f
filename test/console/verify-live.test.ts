// The page of `orion verify --watch`: what is not green, for how long, as many lines as there are.
import assert from 'node:assert/strict'
import { changesOf, linesOf } from '../../src/console/verify-live.ts'
import type { VerifyReport, VerifyStep } from '../../src/engine/verify.ts'
import { plain } from './plain.ts'

const step = (state: VerifyStep['state'], name: string): VerifyStep => ({
  ...{ id: `guest-state:n1/${name}`, title: name, part: 'vm', place: 'n1', state, looks: 1, ms: 1 },
  ...{ expected: 'running', seen: state === 'ok' ? 'running' : 'stopped', hint: `orion vm start ${name}` },
})

function report(...probes: VerifyStep[]): VerifyReport {
  const counts = { ok: 0, warning: 0, failed: 0, unknown: 0 }
  for (const { state } of probes) counts[state] += 1
  return { site: 'test', started: '2026-01-01T12:00:00.000Z', ms: 1, ok: counts.failed === 0, counts, probes }
}

const pageOf = (of: VerifyReport, ms = 0) => ({ report: of, turned: new Map(of.probes.map(({ id }) => [id, ms])) })

describe('console/verify-live', () => {
  it('says of each what was seen, what to do, and for how long', () => {
    const page = pageOf(report(step('ok', 'web'), step('warning', 'dns'), step('failed', 'db')))
    assert.deepEqual(linesOf(page, plain, 20, 65_000), [
      '✖ vm on n1: guest state: db  1:05',
      '    stopped',
      '    Try: orion vm start db',
      '! vm on n1: guest state: dns  1:05',
      '    stopped',
      '    Try: orion vm start dns',
    ])
  })

  it('is a line each, and then a number, where there is no room', () => {
    const page = pageOf(report(...['a', 'b', 'c', 'd'].map((name) => step('failed', name))))
    assert.deepEqual(linesOf(page, plain, 4, 0).length, 4)
    assert.match(linesOf(page, plain, 4, 0)[3] ?? '', /guest state: d/)
    assert.deepEqual(linesOf(page, plain, 3, 0).slice(2), ['and 2 more'])
  })

  it('says since when all is green', () => {
    const page = pageOf(report(step('ok', 'web')), 5_000)
    assert.deepEqual(linesOf(page, plain, 20, 17_000), ['every check is green, for 0:12'])
  })

  it('without a terminal: what is not green at first, then each change', () => {
    const states = new Map<string, string>()
    assert.deepEqual(changesOf(report(step('ok', 'web'), step('failed', 'db')), states), [
      '1 ok, 1 failed',
      'vm on n1: guest state: db failed: stopped',
    ])
    assert.deepEqual(changesOf(report(step('ok', 'web'), step('failed', 'db')), states), [])
    assert.deepEqual(changesOf(report(step('warning', 'web'), step('ok', 'db')), states), [
      'vm on n1: guest state: web ok -> warning: stopped',
      'vm on n1: guest state: db failed -> ok',
    ])
  })
})
