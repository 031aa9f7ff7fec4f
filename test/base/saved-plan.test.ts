// Saved plans: what is kept, what counts as a change, and that no file that somebody made up is taken for one.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { digestOf } from '../../src/base/digest.ts'
import { getChanges, refuseChanged, refuseOtherSite, resume } from '../../src/base/saved-plan.ts'
import { keepFlags, readSavedPlan, type SavedPlan, writeSavedPlan } from '../../src/base/saved-plan-file.ts'
import type { Session } from '../../src/base/session.ts'
import { getVersion } from '../../src/base/version.ts'
import type { Plan, PlanStep } from '../../src/engine/plan.ts'
import { OrionError } from '../../src/errors.ts'

const step = (more: Partial<PlanStep> = {}): PlanStep => ({
  id: 'vm:n1/200',
  title: 'router',
  verb: 'update',
  differences: [{ field: 'memory', have: '2048', want: '4096' }],
  waits: [],
  needs: ['storage:c/local'],
  ...more,
})
const planOf = (...steps: PlanStep[]): Plan => ({ site: 'a', goal: 'present', steps })

describe('base/saved-plan', () => {
  let dir: string
  let file: string
  let version: string
  let saved: SavedPlan
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    file = join(dir, 'a.plan')
    version = await getVersion()
    writeFileSync(join(dir, 'orion.yaml'), 'site: a\n')
    saved = {
      format: 'orion-plan',
      version: 1,
      orion: version,
      made: '2026-01-02T03:04:05.678Z',
      command: 'vm apply',
      flags: { only: ['router'] },
      lab: false,
      site: {
        name: 'a',
        file: join(dir, 'orion.yaml'),
        sha256: 'e8c6ab7bbb0d4e34ba5e7d5c5a5a0a8b2a1e7ea7ac6d6e9bf9b4e2b8f5a6f3c1',
      },
      plan: planOf(step()),
    }
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  const CHANGES: [what: string, before: Plan, now: Plan, says: readonly string[]][] = [
    ['the same', planOf(step()), planOf(step()), []],
    [
      'the same in another order, with another hint',
      planOf(step({ differences: [{ field: 'a', want: '1', hint: 'one' }, { field: 'b' }] })),
      planOf(step({ differences: [{ field: 'b' }, { hint: 'two', want: '1', field: 'a' }] })),
      [],
    ],
    ['what waits', planOf(step({ waits: [{ field: 'x', waits: 'other' }] })), planOf(step()), []],
    [
      'done meanwhile',
      planOf(step()),
      planOf(step({ verb: 'keep' })),
      ['vm router (n1/200): saved change, now as wanted'],
    ],
    ['gone', planOf(step()), planOf(step({ verb: 'create' })), ['vm router (n1/200): saved change, now create']],
    ['one more', planOf(), planOf(step()), ['vm router (n1/200): saved not in the plan, now change']],
    ['one less', planOf(step()), planOf(), ['vm router (n1/200): saved change, now not in the plan']],
    [
      'another value now',
      planOf(step()),
      planOf(step({ differences: [{ field: 'memory', have: '1024', want: '4096' }] })),
      ['vm router (n1/200): another change of memory'],
    ],
    [
      'what it interrupts',
      planOf(step()),
      planOf(step({ differences: [{ field: 'memory', have: '2048', want: '4096', disrupts: 'bridge vmbr0' }] })),
      ['vm router (n1/200): another change of memory'],
    ],
    [
      'the way back',
      planOf(step({ precaution: 'snapshot first' })),
      planOf(step({ precaution: 'no snapshot: raw disk' })),
      ['vm router (n1/200): no snapshot: raw disk'],
    ],
    [
      'its order',
      planOf(step()),
      planOf(step({ needs: [] })),
      ['vm router (n1/200): it waits for other steps than before'],
    ],
    ['its goal', planOf(), { ...planOf(), goal: 'absent' }, ['the goal: saved present, now absent']],
  ]
  for (const [what, before, now, says] of CHANGES)
    it(`what changed: ${what}`, () => assert.deepEqual(getChanges(before, now), says))

  it('names the first five', () => {
    const many = planOf(...Array.from({ length: 8 }, (_, at) => step({ id: `vm:n1/${at}`, verb: 'create' })))
    assert.throws(
      () => refuseChanged(saved, many),
      (error: OrionError) => {
        assert.equal(error.code, 'E_PLAN_STALE')
        assert.match(error.message, /saved at 2026-01-02 03:04 UTC/)
        assert.equal(error.message.match(/\(n1\/\d+\):/g)?.length, 5)
        assert.match(error.message, /and 4 more$/)
        return true
      },
    )
  })

  it('keeps what a plan depends on, and nothing else', () => {
    const flags = { only: ['a'], restart: true, reboot: 'now', concurrency: 4, yes: true, verbose: true, out: 'x' }
    assert.deepEqual(keepFlags(flags), { only: ['a'], restart: true, reboot: 'now' })
    assert.deepEqual(keepFlags({ concurrency: 1, restart: false }), {})
  })

  it('comes back as it was saved, for its owner alone', async () => {
    await writeSavedPlan(file, saved)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(await readSavedPlan(file), saved)
    writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))))
    assert.deepEqual(await readSavedPlan(file), saved, 'how it is indented means nothing')
  })

  const NO_PLANS: [what: string, text: string, code: string][] = [
    ['empty', '', 'E_USAGE'],
    ['no JSON', 'site: orion', 'E_USAGE'],
    ['another document', '{"plan":{}}', 'E_USAGE'],
    ['a list', '[]', 'E_USAGE'],
    ['another format', '{"format":"orion-plan","version":2}', 'E_PLAN_STALE'],
    ['no digest', '{"format":"orion-plan","version":1}', 'E_PLAN_STALE'],
  ]
  for (const [what, text, code] of NO_PLANS)
    it(`refuses ${what}`, async () => {
      writeFileSync(file, text)
      await assert.rejects(readSavedPlan(file), { code })
    })

  it('refuses whatever was changed in it', async () => {
    await writeSavedPlan(file, saved)
    const text = readFileSync(file, 'utf8')
    const edits = [
      text.replace('4096', '8192'),
      text.replace('vm apply', 'net apply'),
      text.replace('"router"\n', '"proxy"\n'),
      text.replace('"lab": false', '"lab": true'),
      text.replace('"update"', '"keep"'),
      text.replace('"format"', '"more": 1, "format"'),
    ]
    for (const edit of edits) {
      assert.notEqual(edit, text)
      writeFileSync(file, edit)
      await assert.rejects(readSavedPlan(file), { code: 'E_PLAN_STALE', message: /edited, or damaged/ })
    }
  })

  it('refuses another shape, also with a digest that fits', async () => {
    const any = fc.jsonValue()
    const almost = fc.record({
      plan: fc.oneof(any, fc.record({ site: fc.string(), steps: fc.array(any) })),
      flags: fc.oneof(any, fc.record({ only: any, restart: any }), fc.constant({ yes: true })),
      site: any,
    })
    await fc.assert(
      fc.asyncProperty(almost, async (more) => {
        const made = { ...saved, ...more }
        writeFileSync(file, JSON.stringify({ ...made, sha256: digestOf(JSON.parse(JSON.stringify(made))) }))
        await assert.rejects(readSavedPlan(file), (error: unknown) => error instanceof OrionError)
      }),
      { numRuns: 50 },
    )
  })

  const flags = { concurrency: 8, site: 'orion.yaml' }
  const REFUSALS: [what: string, command: string, more: object, error: { code: string; message: RegExp }][] = [
    ['another command', 'net apply', {}, { code: 'E_PLAN_STALE', message: /for orion vm apply/ }],
    ['the lab', 'vm apply', { lab: true }, { code: 'E_PLAN_STALE', message: /not made in the lab/ }],
    ['its own flags', 'vm apply', { only: ['proxy'] }, { code: 'E_USAGE', message: /^--only does not go together/ }],
    ['more flags', 'vm apply', { restart: true }, { code: 'E_USAGE', message: /^--restart/ }],
    ['an empty lab', 'vm apply', { fresh: true }, { code: 'E_USAGE', message: /^--fresh/ }],
  ]
  for (const [what, command, more, error] of REFUSALS)
    it(`does not go together with ${what}`, async () => {
      await writeSavedPlan(file, saved)
      await assert.rejects(resume(file, command, { ...flags, ...more }), error)
    })

  const VERSIONS: [saved: (version: string) => string, isRefused: boolean][] = [
    [(own) => own, false],
    [(own) => own.replace(/\.\d+$/, '.999'), false],
    [() => '99.0.0', true],
    [() => '0.999.0', true],
  ]
  for (const [toVersion, isRefused] of VERSIONS)
    it(`${isRefused ? 'refuses' : 'takes'} a plan of ${toVersion('its own version, or of .0')}`, async () => {
      await writeSavedPlan(file, { ...saved, orion: toVersion(version) })
      const resumed = resume(file, 'vm apply', flags)
      if (isRefused) await assert.rejects(resumed, { code: 'E_PLAN_STALE', message: /made by orion/ })
      else assert.deepEqual((await resumed).saved?.flags, saved.flags)
    })

  it('gives the flags of the plan, and its site where no other is chosen', async () => {
    await writeSavedPlan(file, saved)
    const { only, site } = await resume<{ concurrency: number; only?: string[]; site?: string }>(file, 'vm apply', {
      concurrency: 8,
    })
    assert.deepEqual(only, ['router'])
    assert.equal(site, join(dir, 'orion.yaml'))
    assert.equal((await resume(file, 'vm apply', flags)).site, 'orion.yaml')
    await writeSavedPlan(file, { ...saved, command: 'bootstrap' })
    assert.ok(await resume(file, 'bootstrap apply', flags))
  })

  it('refuses another site, and another text of the same one', async () => {
    const here = (name: string) => ({ site: { name, file: join(dir, 'orion.yaml') } }) as Session
    await assert.rejects(refuseOtherSite(saved, here('a')), { code: 'E_PLAN_STALE', message: /is not the text/ })
    await assert.rejects(refuseOtherSite(saved, here('b')), { code: 'E_PLAN_STALE', message: /is b; nothing/ })
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update('site: a\n').digest('hex')
    await refuseOtherSite({ ...saved, site: { ...saved.site, sha256 } }, here('a'))
  })
})
