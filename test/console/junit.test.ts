// JUnit XML: what CI shows of each check, held against a schema by a real parser, whatever the hosts have said.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { renderJunit, renderJunitError } from '../../src/console/junit.ts'
import type { VerifyReport, VerifyStep } from '../../src/engine/verify.ts'
import { needs } from '../setup.ts'
import { page } from './plain.ts'

const SCHEMA = fileURLToPath(new URL('../fixtures/junit.xsd', import.meta.url))

const step = (more: Partial<VerifyStep>): VerifyStep => ({
  ...{ id: 'guest-state:n1/200', title: 'router', part: 'vm', place: 'n1', state: 'ok' },
  ...{ expected: 'running', seen: 'running', looks: 1, ms: 1234 },
  ...more,
})
const reportOf = (probes: readonly VerifyStep[], site = 'a'): VerifyReport => {
  const counts = { ok: 0, warning: 0, failed: 0, unknown: 0 }
  for (const { state } of probes) counts[state] += 1
  return { site, started: '2026-01-02T03:04:05.678Z', ms: 2000, probes, counts, ok: counts.failed === 0 }
}

/** Throws where the text is no XML of this schema. */
const check = (text: string): void => {
  execFileSync('xmllint', ['--noout', '--nonet', '--schema', SCHEMA, '-'], { input: text, stdio: 'pipe' })
}

describe('console/junit', function () {
  this.timeout(30_000)
  let dir: string
  before(async function () {
    await needs(this, ['xmllint'])
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => {
    if (dir) rmSync(dir, { recursive: true, force: true })
  })

  it('tells what was expected, seen and may be done, by part and node', () => {
    const probes = [
      step({}),
      step({
        id: 'guest-state:n1/201',
        title: 'proxy',
        state: 'failed',
        seen: 'stopped',
        hint: 'orion vm start proxy',
      }),
      step({ id: 'storage-active:n1/tank', title: 'tank', part: 'storage', state: 'warning', seen: '91 % full' }),
      step({
        id: 'bgp:x',
        title: 'x',
        part: 'bgp',
        place: 'r1',
        state: 'unknown',
        seen: 'no answer',
        since: '2026-01-01T00:00:00Z',
      }),
    ]
    const text = renderJunit(reportOf(probes))
    check(text)
    assert.equal(
      text.trimEnd(),
      page(`
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="orion verify a" tests="4" failures="1" errors="1" skipped="0" time="2.000" timestamp="2026-01-02T03:04:05">
        <testsuite name="vm n1" tests="2" failures="1" errors="0" skipped="0" time="1.234" timestamp="2026-01-02T03:04:05">
          <testcase name="guest state: router (n1/200)" classname="orion.vm.n1" time="1.234"/>
          <testcase name="guest state: proxy (n1/201)" classname="orion.vm.n1" time="1.234">
            <failure message="stopped" type="failed">expected: running
      seen:     stopped
      try:      orion vm start proxy
      check:    guest-state:n1/201</failure>
          </testcase>
        </testsuite>
        <testsuite name="storage n1" tests="1" failures="0" errors="0" skipped="0" time="1.234" timestamp="2026-01-02T03:04:05">
          <testcase name="storage active: tank (n1/tank)" classname="orion.storage.n1" time="1.234">
            <system-out>warning
      expected: running
      seen:     91 % full
      check:    storage-active:n1/tank</system-out>
          </testcase>
        </testsuite>
        <testsuite name="bgp r1" tests="1" failures="0" errors="1" skipped="0" time="1.234" timestamp="2026-01-02T03:04:05">
          <testcase name="bgp: x" classname="orion.bgp.r1" time="1.234">
            <error message="no answer" type="unknown">expected: running
      seen:     no answer
      since:    2026-01-01T00:00:00Z
      check:    bgp:x</error>
          </testcase>
        </testsuite>
      </testsuites>
    `),
    )
  })

  it('tells why no check ran, and that there are none', () => {
    const text = renderJunitError({ code: 'E_PVE_AUTH', message: 'no <token>\nfor "a"' })
    check(text)
    assert.match(text, /<error message="no &lt;token&gt;" type="E_PVE_AUTH">no &lt;token&gt;\nfor/)
    check(renderJunit(reportOf([])))
  })

  it('stays XML of this schema whatever the hosts have said', () => {
    const bits = [
      '<',
      '>',
      '&',
      '"',
      "'",
      ']]>',
      '<![CDATA[',
      '-->',
      '\u0000',
      '\u001b[2J',
      '\u0085',
      '\ufffe',
      '\ud800',
      '\n',
      '&#10;',
    ]
    const hostile = fc.string({ unit: fc.oneof(fc.constantFrom(...bits), fc.string({ unit: 'binary' })) })
    const probe = fc.record({
      id: hostile,
      title: hostile,
      part: hostile,
      place: hostile,
      state: fc.constantFrom('ok' as const, 'warning' as const, 'failed' as const, 'unknown' as const),
      expected: hostile,
      seen: hostile,
      hint: hostile,
    })
    const samples = fc.sample(fc.tuple(fc.array(probe, { maxLength: 20 }), hostile), 60)
    for (const [at, [probes, site]] of samples.entries()) {
      writeFileSync(join(dir, `${at}.xml`), renderJunit(reportOf(probes.map(step), site)))
    }
    execFileSync('sh', ['-c', 'xmllint --noout --nonet --schema "$1" "$2"/*.xml', 'sh', SCHEMA, dir], { stdio: 'pipe' })
  })
})
