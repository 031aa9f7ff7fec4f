// What the checks saw: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { renderVerify } from '../../src/console/verify-view.ts'
import type { VerifyReport, VerifyStep } from '../../src/engine/verify.ts'
import { page, plain } from './plain.ts'

const base = { site: 'test', started: '2026-01-01T12:00:00.000Z', ms: 1200 }

const step = (state: VerifyStep['state'], id: string, more: Partial<VerifyStep> = {}): VerifyStep => ({
  ...{ id, title: id.replace(/^.*[:/]/, ''), part: 'vm', place: 'n1', state, looks: 1, ms: 1 },
  expected: 'running',
  seen: state === 'failed' ? 'stopped' : 'nothing for 5 s',
  ...more,
})

function report(...probes: VerifyStep[]): VerifyReport {
  const counts = { ok: 0, warning: 0, failed: 0, unknown: 0 }
  for (const { state } of probes) counts[state] += 1
  return { ...base, ok: counts.failed + counts.unknown === 0, counts, probes }
}

describe('console/verify-view', () => {
  it('by part and node, worst first, with what was expected and seen, since when, and what to do', () => {
    const seen = report(
      step('ok', 'node-online:n1', { part: 'node' }),
      step('warning', 'token-held:lab/t', { part: 'access', place: 'lab', title: 'orion@pve!t', seen: 'not here' }),
      step('ok', 'guest-state:n1/router'),
      step('unknown', 'guest-state:n1/dns', { looks: 4, ms: 9200 }),
      step('ok', 'guest-state:n1/web'),
      step('failed', 'guest-state:n1/101', {
        title: 'db',
        since: '2026-01-01T11:00:00.000Z',
        hint: 'start it: orion vm start db',
      }),
      step('failed', 'tunnel:a~b', { part: 'mesh', place: undefined as never, seen: 'never a handshake' }),
    )
    const golden = page(`
        vm on n1
          ✖ guest state: db (101)
              expected  running
              seen      stopped
              since     2026-01-01 11:00:00 UTC, 1 h 0 min ago
              Try: start it: orion vm start db
          ? guest state: dns
              expected  running
              seen      nothing for 5 s (after 4 looks in 9.2 s)

        mesh
          ✖ tunnel: a~b
              expected  running
              seen      never a handshake

        access on lab
          ! token held: orion@pve!t (t)
              expected  running
              seen      not here

        ✔ node  node online on n1
        ✔ vm    2 × guest state on n1

      Verify: 3 ok, 1 warning, 1 unknown, 2 failed, in 1.2 s
    `)
    assert.equal(renderVerify(seen, plain), golden)
  })

  it('what has the same to say is told once', () => {
    const absent = (name: string) =>
      step('failed', `guest-state:n1/${name}`, { seen: 'absent', hint: `orion vm apply --only ${name}` })
    const seen = report(
      absent('router'),
      absent('web'),
      step('failed', 'as-wanted:vm:n1/router', { title: 'router', seen: 'absent', hint: 'orion bootstrap' }),
      step('failed', 'bgp-session:router/isp', { seen: 'absent', hint: 'orion bootstrap' }),
    )
    const golden = page(`
        vm on n1
          ✖ guest state: router, web
              expected  running
              seen      absent
              Try: orion vm apply --only router; the others alike
          ✖ as wanted: router; bgp session: isp
              expected  running
              seen      absent
              Try: orion bootstrap

      Verify: 0 ok, 4 failed, in 1.2 s
    `)
    assert.equal(renderVerify(seen, plain), golden)
  })

  it('what is ok is one paragraph per part, also for a thousand; with --verbose each of them', () => {
    const many = Array.from({ length: 1000 }, (_, at) => step('ok', `guest-state:n${at}/g${at}`, { place: `n${at}` }))
    const seen = report(step('ok', 'node-online:n1', { part: 'node', seen: 'online' }), ...many)
    const text = renderVerify(seen, plain)
    assert.match(text, /^ {2}✔ node {2}node online on n1\n {2}✔ vm {4}1000 × guest state on n0, n1, /)
    assert.match(text, /988 more\n\nVerify: 1001 ok, in 1\.2 s$/)
    assert.ok(text.split('\n').length < 10)
    const full = renderVerify(seen, { ...plain, verbose: true })
    assert.match(full, /^ {2}node on n1\n {4}✔ node online: online\n\n {2}vm on n0\n {4}✔ guest state: g0: nothing/)
  })

  it('nothing to check is one line, and no part is no failure', () => {
    assert.equal(renderVerify(report(), plain), 'Verify: 0 ok, in 1.2 s')
    const bare = step('failed', 'odd', { title: 'odd' })
    const { part: _, place: __, ...rest } = bare
    assert.match(renderVerify(report(rest), plain), /^ {2}checks\n {4}✖ odd\n/)
  })

  it('nothing from outside breaks a line or reaches the terminal', () => {
    const hostile = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(hostile, hostile, hostile, (title, seen, place) => {
        const text = renderVerify(
          report(step('failed', `x:${place}/${title}`, { title, seen, place, hint: seen, since: seen })),
          plain,
        )
        assert.ok(!/[^\P{Control}\n]/u.test(text), JSON.stringify(text))
        assert.ok(
          text.split('\n').every((line) => line === '' || /^( {2}|Verify)/.test(line)),
          JSON.stringify(text),
        )
      }),
      { numRuns: 100 },
    )
  })
})
