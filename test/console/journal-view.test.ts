// The pages of the journal: golden text, 80 columns, and nothing in it that a terminal would obey.
import assert from 'node:assert/strict'
import { type LoggedRun, renderRun } from '../../src/console/journal-run-view.ts'
import { renderJournals, renderRuns } from '../../src/console/journal-view.ts'
import { begin, end } from '../engine/journal-entries.ts'
import { page, plain } from './plain.ts'

const source = { name: 'This machine', file: '/state/journal.jsonl', bytes: 5200, of: 30 }
const runs: readonly LoggedRun[] = [
  { begin: begin(4, 7) },
  {
    begin: begin(3, 5, { command: 'net apply', flags: { node: ['n1', 'n2'], yes: true, 'accept-irr': true } }),
    end: end(3, 6, { exit: 4, code: 'E_ROLLED_BACK', steps: [] }),
  },
  {
    begin: begin(2, 3, { flags: { only: ['router'] } }),
    end: end(2, 4, {
      exit: 1,
      steps: [{ id: 'vm:n1/200', verb: 'create', outcome: 'failed', ms: 1, code: 'E_TASK' }],
    }),
  },
  { begin: begin(1, 1), end: end(1, 2) },
]
const noZone = (text: string) => text.replaceAll(/2026-11-2\d \d\d:\d\d/g, '2026-11-22 02:30')

describe('console/journal-view', () => {
  it('runs', () => {
    const golden = page(`
      RUN  WHEN              WHO            COMMAND                     RESULT    TOOK
        4  2026-11-22 02:30  somebody@desk  vm apply                    no end
        3  2026-11-22 02:30  somebody@desk  net apply --node n1 --nod…  put back  12 s
        2  2026-11-22 02:30  somebody@desk  vm apply --only router      1 failed  12 s
        1  2026-11-22 02:30  somebody@desk  vm apply                    1 done    12 s

      The newest 4 of 30 runs, 5.1 KiB in /state/journal.jsonl
    `)
    assert.equal(noZone(renderRuns(runs, source, plain)), golden)
  })

  it('one run with its steps', () => {
    const steps = [
      { id: 'vm:n1/200', title: 'router', verb: 'create' },
      { id: 'vm:n1/300', title: 'web', verb: 'update', fields: ['memory', 'cores'] },
      { id: 'vm:n1/400', title: 'db', verb: 'update', fields: ['memory'] },
    ]
    const run = {
      begin: begin(2, 3, { plan: { sha256: 'cd'.repeat(32), kept: 2, steps } }),
      end: end(2, 4, {
        exit: 1,
        steps: [
          { id: 'vm:n1/200', verb: 'create', outcome: 'failed', ms: 7_000, code: 'E_TASK' },
          { id: 'vm:n1/300', verb: 'update', outcome: 'not-tried', ms: 0 },
        ],
      }),
    }
    const golden = page(`
      Run 2: vm apply
        When:   2026-11-22 02:30, 12 s
        Who:    somebody@desk, orion 0.1.0
        Site:   test, /site/orion.yaml (abababababab, another text than now)
        Plan:   cdcdcdcdcdcd, 3 steps, 2 as wanted
        Nodes:  n1
        Result: 1 failed, exit code 1

      VERB    RESULT            TOOK  STEP
      create  failed (E_TASK)  7.0 s  vm router (n1/200)
      update  not tried               vm web (n1/300)
                                        memory, cores
      update  as wanted               vm db (n1/400)
                                        memory
    `)
    assert.equal(noZone(renderRun(run, plain)), golden)
    assert.match(renderRun(run, { ...plain, siteSha256: 'ab'.repeat(32) }), /as it is now/)
  })

  it('names and fields in full, however long', () => {
    const title = 'what watches over a restart of a-node-with-a-long-name'
    const fields = ['/etc/modules-load.d/orion-vfio.conf', '/etc/modprobe.d/orion-vfio.conf', '/etc/kernel/cmdline']
    const steps = [{ id: 'file-set:n1/reboot', title, verb: 'update', fields }]
    const lines = renderRun({ begin: begin(1, 1, { plan: { kept: 0, steps } }) }, plain).split('\n')
    assert.deepEqual(lines.slice(-5), [
      'VERB    RESULT  TOOK  STEP',
      'update                file-set what watches over a restart of',
      '                      a-node-with-a-long-name (n1/reboot)',
      '                        /etc/modules-load.d/orion-vfio.conf,',
      '                        /etc/modprobe.d/orion-vfio.conf, /etc/kernel/cmdline',
    ])
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('one that was killed', () => {
    const run = {
      begin: begin(2, 3),
      end: end(2, 4, { at: '2026-11-22T05:00:00Z', ms: 0, exit: 1, lost: true, steps: [] }),
    }
    const golden = page(`
      Run 2: vm apply
        When:   2026-11-22 02:30
        Who:    somebody@desk, orion 0.1.0
        Site:   test, /site/orion.yaml (abababababab, another text than now)
        Plan:   cdcdcdcdcdcd, 1 step, 2 as wanted
        Nodes:  n1
        Result: killed: the next run found it without an end (2026-11-22 02:30); how
                far it got is not known

      VERB    RESULT  TOOK  STEP
      create                vm router (n1/200)
    `)
    assert.equal(noZone(renderRun(run, plain)), golden)
    assert.match(renderRuns([run], { ...source, of: 1 }, plain), /vm apply +killed *$/m)
  })

  it('chains that hold, and chains that do not', () => {
    const line = { name: 'n1', file: '/f', entries: 4, bytes: 900, findings: [] }
    const golden = page(`
        ✔ this machine  2 entries, 1.2 KiB
        ✔ n1            4 entries, 900 B

      Journal: 2 chains checked, all hold and agree
    `)
    assert.equal(renderJournals([{ ...line, name: 'this machine', entries: 2, bytes: 1200 }, line], plain), golden)
    const bad = page(`
        ✘ n1  4 entries, 900 B
            broken at line 2
            half a line
        ✘ n2  not read
            it is off
            Try: switch it on

      Journal: 1 of 2 is not as written
    `)
    const findings = [
      { state: 'warning' as const, text: 'half a line' },
      { state: 'failed' as const, text: 'broken at line 2' },
    ]
    const off = { ...line, name: 'n2', problem: { message: 'it is off', suggestions: ['switch it on'] } }
    assert.equal(renderJournals([{ ...line, findings }, off], plain), bad)
  })

  it('a hostile journal of a node moves no cursor', () => {
    const evil = '\u001b[2J\u0007\r\nx\u202e'
    const run = {
      begin: begin(1, 1, {
        command: evil,
        flags: { only: [evil] },
        who: { user: evil, host: evil, orion: evil },
        site: { name: evil, file: evil, sha256: evil },
        plan: { sha256: evil, kept: 0, steps: [{ id: evil, title: evil, verb: evil, fields: [evil] }] },
        nodes: [evil],
      }),
      end: end(1, 2, { steps: [{ id: evil, verb: evil, outcome: 'failed', ms: 1, code: evil }] }),
    }
    const findings = [{ state: 'failed' as const, text: evil }]
    const problem = { message: evil, suggestions: [evil] }
    const pages = [
      renderRuns([run], { ...source, file: evil }, plain),
      renderRun(run, plain),
      renderJournals([{ name: evil, file: evil, entries: 1, bytes: 1, findings }], plain),
      renderJournals([{ name: evil, file: evil, entries: 1, bytes: 1, findings: [], problem }], plain),
    ]
    for (const text of pages) assert.doesNotMatch(text, /(?!\n)\p{Cc}|\u202e/u)
  })
})
