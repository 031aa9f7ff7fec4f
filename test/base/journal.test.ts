// What is written down of a run, here and on its nodes, and what comes of it when something is in the way.
import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { nodesOf, record, settleKilled, toResult } from '../../src/base/journal.ts'
import { readDurations } from '../../src/base/journal-durations.ts'
import { appendJournal, readJournal } from '../../src/base/journal-file.ts'
import { readOwed } from '../../src/base/journal-nodes.ts'
import type { Session } from '../../src/base/session.ts'
import { parseEntry, readChain } from '../../src/engine/journal.ts'
import { checkOwn } from '../../src/engine/journal-check.ts'
import type { Plan } from '../../src/engine/plan.ts'
import type { Report } from '../../src/engine/report.ts'
import { OrionError } from '../../src/errors.ts'
import type { Host } from '../../src/host/host.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { parse, siteText } from '../site/site-text.ts'

const site = await parse(siteText())
const NODE = site.nodes[0]?.name ?? ''
const STEP = { id: `vm:${NODE}/200`, verb: 'update', fields: ['memory'] }

describe('base/journal', () => {
  let dir: string
  let told: string[]
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-journal-'))
    told = []
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  /** A node that keeps what it is told. */
  const keeper = (): Host => ({
    ...fakeHost().host,
    run: async (_, options) => {
      told.push(
        ...String(options?.input ?? '')
          .trimEnd()
          .split('\n'),
      )
      return { code: 0, stdout: '', stderr: '' }
    },
  })
  const away = async (): Promise<Host> => {
    throw new OrionError('it is off', { code: 'E_HOST_UNREACHABLE' })
  }
  const talk = (quietHost: () => Promise<Host> = async () => keeper(), aborted = false) => {
    const signal = aborted ? AbortSignal.abort() : new AbortController().signal
    const session = {
      site,
      journalDir: dir,
      siteSha256: 'ab'.repeat(32),
      lab: true,
      screen: {},
      outside: { signal },
      quietHost,
    }
    return { session: session as unknown as Session, json: true }
  }
  const entries = async () => readChain(await readJournal(dir)).lines.map(({ payload }) => parseEntry(payload))
  const lines = () => readFileSync(join(dir, 'journal.jsonl'), 'utf8').trimEnd().split('\n')

  it('begins before the first step and ends after the last; the node gets the same lines', async () => {
    const value = await record(talk(), { command: 'vm apply', steps: [STEP] }, async () => {
      const [begun, ...more] = await entries()
      assert.deepEqual([begun?.kind, more], ['begin', []])
      assert.deepEqual(await readOwed(dir), { [NODE]: [1] })
      return 'done'
    })
    assert.equal(value, 'done')
    const [begun, ended] = await entries()
    assert.ok(begun?.kind === 'begin' && ended?.kind === 'end')
    assert.deepEqual([begun.run, begun.seq, begun.nodes, begun.plan.steps], [1, 1, [NODE], [STEP]])
    assert.deepEqual([ended.run, ended.seq, ended.exit], [1, 2, 0])
    assert.deepEqual(told, lines())
    assert.deepEqual(await readOwed(dir), {})
    assert.equal(statSync(join(dir, 'journal.jsonl')).mode & 0o777, 0o600)
  })

  it('writes down what a run throws, and throws it', async () => {
    const error = new OrionError('secret-words', { code: 'E_ROLLED_BACK' })
    await assert.rejects(
      record(talk(), { command: 'net undo n1', steps: [STEP] }, () => Promise.reject(error)),
      error,
    )
    const [, ended] = await entries()
    assert.ok(ended?.kind === 'end')
    assert.deepEqual([ended.exit, ended.code], [4, 'E_ROLLED_BACK'])
    assert.ok(!lines().join().includes('secret-words'))
  })

  it('of flags, only those that say what was done; of a plan and a report, names and no values', async () => {
    const differences = [{ field: 'cipassword', have: 'hunter2', want: 'hunter3' }]
    const step = { id: STEP.id, title: 'router', differences, waits: [], needs: [] } as const
    const plan = { site: 'x', goal: 'present', steps: [{ ...step, verb: 'update' }] } as unknown as Plan
    const done = { ...step, verb: 'update', outcome: 'done', ms: 5000, warnings: ['hunter4'], notes: ['hunter5'] }
    const counts = { done: 1, kept: 0, failed: 0, blocked: 0, interrupted: 0, 'not-tried': 0 }
    const report = { site: 'x', started: '', ms: 1, running: [], interrupted: false, steps: [done], counts }
    const flags = {
      restart: true,
      only: ['router'],
      yes: undefined,
      'public-key': 'hunter6',
      makeKeys: () => 'hunter7',
    }
    await record(
      talk(),
      { command: 'vm apply', flags, plan },
      async () => report as unknown as Report,
      (value) => toResult(value, 0),
    )
    const [begun] = await entries()
    assert.ok(begun?.kind === 'begin')
    assert.deepEqual(begun.flags, { restart: true, only: ['router'] })
    assert.deepEqual(begun.plan.steps, [{ id: STEP.id, title: 'router', verb: 'update', fields: ['cipassword'] }])
    assert.doesNotMatch(lines().join(), /hunter/)
    const last = await readDurations(dir)
    assert.deepEqual([last(STEP.id, 'update'), last(STEP.id, 'create')], [5000, undefined])
  })

  it('a node that is away is told by the next run that gets there, of all that it missed', async () => {
    for (const _ of [1, 2]) await record(talk(away), { command: 'a', steps: [STEP] }, async () => {})
    assert.deepEqual(await readOwed(dir), { [NODE]: [1, 2] })
    await record(talk(), { command: 'b', steps: [STEP] }, async () => {})
    assert.deepEqual(await readOwed(dir), {})
    assert.deepEqual(told, lines())
  })

  /** A run that was killed: its beginning, and what its node has to be told. */
  const kill = async () => {
    const begun = async () => (await entries()).filter((one) => one?.kind === 'begin').length
    const before = await begun()
    void record(talk(), { command: 'vm apply', steps: [STEP] }, () => new Promise(() => {}))
    for (const late = Date.now() + 10_000; (await begun()) === before && Date.now() < late; ) await setTimeout(5)
  }

  it('a run that was killed gets its end by the next one, here and on its node; its own is not touched', async () => {
    await kill()
    await kill()
    await record(talk(), { command: 'vm apply', steps: [STEP] }, async () => {})
    const all = await entries()
    assert.deepEqual(
      all.map((one) => (one?.kind === 'mend' ? 'mend' : [one?.kind, one?.run])),
      [1, 2, 3].flatMap((run) => [
        ['begin', run],
        ['end', run],
      ]),
    )
    assert.deepEqual(
      all.map((one) => one?.kind === 'end' && [one.exit, one.lost, one.steps]),
      [false, [1, true, []], false, [1, true, []], false, [0, undefined, []]],
    )
    assert.deepEqual(told, lines())
    assert.deepEqual(checkOwn(await readJournal(dir)).findings, [])
  })

  it('or by one that finds nothing to do, once', async () => {
    await settleKilled(talk())
    assert.equal(await readJournal(dir), '')
    await kill()
    assert.equal(checkOwn(await readJournal(dir)).findings.length, 1)
    await settleKilled(talk())
    await settleKilled(talk())
    assert.deepEqual(checkOwn(await readJournal(dir)).findings, [])
    assert.equal((await entries()).length, 2)
    assert.deepEqual(told, lines())
    assert.deepEqual(await readOwed(dir), {})
    appendFileSync(join(dir, 'journal.jsonl'), 'half')
    await settleKilled(talk())
    assert.equal((await entries()).length, 2)
  })

  it('who did not let the run in is not asked again, and after Ctrl-C nobody is', async () => {
    const never = async (): Promise<Host> => assert.fail('asked')
    const failed = { id: STEP.id, verb: 'update', outcome: 'failed', ms: 1, code: 'E_HOST_TIMEOUT' } as const
    const toFailed = () => ({ exit: 1, steps: [failed] })
    await record(talk(never), { command: 'a', steps: [STEP] }, async () => {}, toFailed)
    await record(talk(never, true), { command: 'a', steps: [STEP] }, async () => {})
    assert.deepEqual(await readOwed(dir), { [NODE]: [1, 2] })
  })

  it('closes half a line that a crash left', async () => {
    await record(talk(), { command: 'a', steps: [STEP] }, async () => {})
    appendFileSync(join(dir, 'journal.jsonl'), `${'0'.repeat(64)} {"v":1,"ki`)
    await record(talk(), { command: 'b', steps: [STEP] }, async () => {})
    const { findings, entries: found } = checkOwn(await readJournal(dir))
    assert.deepEqual(
      findings.map(({ state }) => state),
      ['warning'],
    )
    assert.deepEqual(
      [...found.values()].map(({ run }) => run),
      [1, 1, 2, 2],
    )
  })

  it('finds its end behind an entry that is longer than what is read at first', async () => {
    const steps = Array.from({ length: 30_000 }, (_, at) => ({
      id: `vm:${NODE}/${at}-${'x'.repeat(20)}`,
      verb: 'create',
    }))
    await record(talk(), { command: 'a', steps }, async () => {})
    await appendJournal(dir, (run) => ({ kind: 'end', run, ms: 0, exit: 0, steps: [] }))
    const { findings } = checkOwn(await readJournal(dir))
    assert.deepEqual(findings, [])
  })

  it('nothing is changed where it cannot be written down', async () => {
    if (process.getuid?.() === 0) {
      // Root may write everywhere: a file stands where the folder should be.
      appendFileSync(join(dir, 'file'), '')
      const at = { ...talk(), session: { ...talk().session, journalDir: join(dir, 'file') } }
      await assert.rejects(
        record(at, { command: 'a' }, async () => assert.fail('begun')),
        { code: 'E_APPLY' },
      )
      return
    }
    chmodSync(dir, 0o500)
    await assert.rejects(
      record(talk(), { command: 'a' }, async () => assert.fail('begun')),
      { code: 'E_APPLY' },
    )
    chmodSync(dir, 0o700)
  })

  it('where none is kept, the run is done all the same', async () => {
    const { journalDir: _, ...session } = talk().session
    assert.equal(await record({ session, json: true }, { command: 'a' }, async () => 7), 7)
  })
})

describe('base/journal: the nodes of a run', () => {
  const nodes = ['a1', 'a2', 'b1'].map((name) => ({ name, cluster: name.slice(0, 1) }))
  const guests = [{ name: 'router', node: 'b1' }]
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['vm:a2/200', ['a2']],
    ['role:a/Orion', ['a1']],
    ['file-set:router/bird', ['b1']],
    ['mesh-psk:router~a2', ['a2', 'b1']],
    ['mesh-weight:a2', ['a2']],
    ['vm:elsewhere/1', []],
  ]
  for (const [id, found] of rows)
    it(`${id}: ${found.join(', ') || 'none'}`, () => assert.deepEqual(nodesOf({ nodes, guests } as never, [id]), found))
})
