// The end of a run as a page: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import { renderReport } from '../../src/console/report-view.ts'
import { getCounts, type Report, type ReportStep } from '../../src/engine/report.ts'
import { page, plain } from './plain.ts'

const step = (id: ReportStep['id'], title: string, more: Partial<ReportStep> = {}): ReportStep => ({
  id,
  title,
  verb: 'create',
  outcome: 'done',
  ms: 1,
  differences: [],
  waits: [],
  warnings: [],
  notes: [],
  ...more,
})
const report = (steps: readonly ReportStep[], more: Partial<Report> = {}): Report => ({
  site: 'test',
  started: '2026-01-01T00:00:00.000Z',
  ms: 65_000,
  steps,
  running: [],
  interrupted: false,
  counts: getCounts(steps),
  ...more,
})

describe('console/report-view', () => {
  it('a good run is one line', () => {
    const steps = [step('vm:n1/200', 'router'), step('vm:n1/201', 'dns', { outcome: 'kept' })]
    assert.equal(renderReport(report(steps), plain), 'Done: 1 done, 1 as wanted, in 1 min 5 s')
  })

  it('says what failed and why, what was not tried and because of what, what waits', () => {
    const message = 'task imgcopy on n1 failed: no space left on device'
    const error = { code: 'E_TASK', message, suggestions: ['make room on local-zfs'] } as const
    const waits = [{ field: 'cores', have: '2', want: '4', waits: 'restart' }] as const
    const steps = [
      step('image:n1/debian-13', 'debian-13', { outcome: 'failed', error }),
      step('vm:n1/200', 'router', { outcome: 'blocked', blockedBy: 'image:n1/debian-13' }),
      step('vm:n1/201', 'dns', { outcome: 'blocked', blockedBy: 'image:n1/debian-13' }),
      step('ct:n1/202', 'web', { warnings: ['WARN: no swap accounting'], waits }),
    ]
    const golden = page(`
      warning  ct web (n1/202)
        WARN: no swap accounting

      failed  image debian-13 (n1/debian-13)
        task imgcopy on n1 failed: no space left on device
        Try: make room on local-zfs

      not tried, because image debian-13 (n1/debian-13) failed: vm router (n1/200), vm
      dns (n1/201)

      waits  ct web (n1/202)
            cores  2 → 4 (restart)

        Try: run it with --restart, to restart the guests that need it

      Failed: 1 done, 0 as wanted, 1 failed, 2 not tried, in 1 min 5 s
      To go on: orion vm apply
    `)
    assert.equal(renderReport(report(steps), { ...plain, again: 'orion vm apply' }), golden)
  })

  it('says how to go on with what waited for its turn, and for another host', () => {
    const waits = (kind: 'turn' | 'other') => [{ field: 'links', have: '4', want: '5', waits: kind }] as const
    const steps = [
      step('file-set:kel-1/mesh', 'kel-1', { waits: waits('turn') }),
      step('file-set:fra-1/mesh', 'fra-1', { waits: waits('other') }),
    ]
    const text = renderReport(report(steps), plain)
    assert.match(text, /links {2}4 → 5 \(in the next run\)\n[\s\S]*links {2}4 → 5 \(its other end is left out\)/)
    assert.match(text, /Try: run it once more[\s\S]*Try: run it again with the other end, too/)
  })

  it('names the files that wait, whose lines the plan has shown, and no other run where this one goes on', () => {
    const file = { field: '/etc/orion/mesh/bird.conf', have: '2 lines (a)', want: '3 lines (b)', lines: ['+ new line'] }
    const steps = [step('file-set:kel-1/mesh', 'kel-1', { waits: [{ ...file, waits: 'turn' }] })]
    const text = renderReport(report(steps), plain)
    assert.match(text, /bird\.conf[\s\S]*3 lines \(b\)[\s\S]*Try: run it once more/)
    assert.ok(!text.includes('new line'))
    assert.ok(!renderReport(report(steps), { ...plain, goesOn: true }).includes('Try:'))
  })

  it('names the tasks that go on after Ctrl-C', () => {
    const steps = [
      step('vm:n1/200', 'router', { outcome: 'interrupted' }),
      ...[1, 2].map((at) => step(`vm:n1/20${at}`, `g${at}`, { outcome: 'not-tried' })),
    ]
    const running = [{ upid: 'UPID:n1:0000:qmcreate:200:orion@pve!orion:', id: 'vm:n1/200', title: 'router' }] as const
    const golden = page(`
      2 steps not tried after the interrupt

      These tasks go on in Proxmox VE without orion:
        vm router (n1/200)
          UPID:n1:0000:qmcreate:200:orion@pve!orion:

      Interrupted: 0 done, 0 as wanted, 1 interrupted, 2 not tried, in 1 min 5 s
      To go on: orion bootstrap
    `)
    assert.equal(
      renderReport(report(steps, { running, interrupted: true }), { ...plain, again: 'orion bootstrap' }),
      golden,
    )
  })

  it('a thousand blocked steps are a few lines', () => {
    const blocked = Array.from({ length: 1000 }, (_, at) =>
      step(`vm:n1/${at}`, `g${at}`, { outcome: 'blocked', blockedBy: 'image:n1/x' }),
    )
    const text = renderReport(report([step('image:n1/x', 'x', { outcome: 'failed' }), ...blocked]), plain)
    assert.match(text, /, and 988 more\n/)
    assert.ok(text.split('\n').length < 12)
  })
})
