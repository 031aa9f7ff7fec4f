// orion net show, and undo of a node, over hosts that are fakes: what is chosen, asked, refused and handed to the guard.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { showInterfaces } from '../../src/base/net.ts'
import type { Session } from '../../src/base/session.ts'
import { type Undo, undo } from '../../src/base/undo.ts'
import { OrionError } from '../../src/errors.ts'
import type { GuardState } from '../../src/host/guard.ts'
import { nodeWayBack } from '../../src/parts/net-undo.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { parse, siteText } from '../site/site-text.ts'

const site = await parse(siteText())
const state = (id: string, more: Partial<GuardState> = {}): GuardState => ({
  id,
  name: 'interfaces',
  state: 'confirmed',
  at: 1_700_000_000,
  by: 'somebody@desk (orion net apply)',
  reason: '',
  files: ['/etc/a'],
  ...more,
})
const STATES = [state('d', { state: 'restored' }), state('c'), state('b'), state('e'), state('a', { state: 'refused' })]

describe('base/net', () => {
  let dir: string
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  function make(fail?: OrionError, states: readonly GuardState[] = STATES, worse: readonly string[] = []) {
    const fake = fakeHost({
      files: {
        '/var/lib/orion/guard/c/files': '001 put /etc/a\n',
        '/var/lib/orion/guard/c/old/001': 'old\n',
        '/var/lib/orion/guard/c/new/001': 'new\n',
        '/var/lib/orion/guard/b/files': '001 put /etc/a\n',
        '/var/lib/orion/guard/b/old/001': 'new\n',
        '/var/lib/orion/guard/b/new/001': 'between\n',
        '/var/lib/orion/guard/e/files': '001 put /etc/a\n',
        '/var/lib/orion/guard/e/old/001': 'older\n',
        '/var/lib/orion/guard/e/new/001': 'other\n',
        '/etc/a': 'new\n',
      },
    })
    const undone: [id: string, seconds: number][] = []
    const guard: typeof fake.host.guard = {
      ...fake.host.guard,
      states: async () => states,
      undo: async (id, { confirmWithinSeconds, note, prove }) => {
        undone.push([id, confirmWithinSeconds])
        if (fail) throw fail
        note('armed')
        assert.deepEqual(await prove(fake.host), worse)
      },
    }
    const outside = { ...fake.outside, host: async () => ({ ...fake.host, guard }) }
    const session = { site, outside, dir, lab: false, screen: {} } as unknown as Session
    const way: Undo['way'] = (all) => nodeWayBack(all, 'n1')
    const usual = { command: 'net undo n1', list: false, yes: true, 'dry-run': false, way }
    const run = (wish: Partial<Undo> = {}) => undo({ session, json: true }, { ...usual, ...wish })
    return { session, run, undone }
  }

  it('lists what the host remembers, and changes nothing', async () => {
    const { run, undone } = make()
    assert.deepEqual(await run({ list: true }), { exit: 0, document: { node: 'n1', states: STATES } })
    assert.deepEqual(undone, [])
  })

  it('takes the newest confirmed change, and waits as long as was said', async () => {
    const { run, undone } = make()
    const { exit, document } = await run({ 'confirm-within': 20 })
    assert.equal(exit, 0)
    assert.deepEqual(undone, [['c', 20]])
    const { differences, notes } = document as { differences: { lines?: string[] }[]; notes: string[] }
    assert.deepEqual(differences[0]?.lines, ['-new', '+old'])
    assert.deepEqual(notes, ['armed'])
  })

  it('has nothing to do where the files are as they were', async () => {
    const { run, undone } = make()
    assert.equal((await run({ to: 'b' })).exit, 0)
    assert.deepEqual(undone, [])
  })

  it('names what else the same apply changed, and leaves it', async () => {
    const list = [
      state('later', { at: 1_700_009_000, name: 'swap' }),
      state('c'),
      state('arc', { name: 'arc', state: 'restored' }),
      state('z', { name: 'zram', at: 1_699_999_990 }),
      state('s', { name: 'sysctl', at: 1_699_999_980 }),
      state('other', { by: 'she@there (orion net apply)', name: 'hosts' }),
      state('before', { name: 'swap' }),
    ]
    const { run, undone } = make(undefined, list)
    const also = async (to?: string) =>
      ((await run({ to, 'dry-run': true })).document as { alsoOfThisApply: object[] }).alsoOfThisApply
    const [z, one] = [
      { id: 'z', name: 'zram' },
      { id: 's', name: 'sysctl' },
    ]
    assert.deepEqual(await also('c'), [z, one])
    assert.deepEqual(await also('s'), [{ id: 'c', name: 'interfaces' }, z])
    assert.deepEqual(await also('later'), [])
    assert.deepEqual(undone, [])
  })

  it('leaves the changes of the mesh to its own undo', async () => {
    const list = [state('c', { name: 'mesh-bird', by: 'she@there (orion mesh apply)' }), state('b')]
    const { run, undone } = make(undefined, list)
    const { document } = await run({ 'dry-run': true })
    assert.equal((document as { change: GuardState }).change.id, 'b')
    const message = /another topic: mesh-bird, by she@there \(orion mesh apply\)/
    await assert.rejects(run({ to: 'c' }), { code: 'E_USAGE', message })
    assert.deepEqual(undone, [])
  })

  it('says what it interrupts, and is not content where something does not stand', async () => {
    const cut: Undo['way'] = (all) => ({
      ...nodeWayBack(all, 'n1'),
      disruptsBack: () => 'bridge vmbr1 (4 guests)',
      worseBack: () => ['no port'],
    })
    const { run } = make(undefined, STATES, ['no port'])
    const { document } = await run({ way: cut })
    assert.equal(
      (document as { differences: { disrupts?: string }[] }).differences[0]?.disrupts,
      'bridge vmbr1 (4 guests)',
    )
  })

  it('says which files were changed since', async () => {
    const { run } = make()
    const since = async (to: string) => (await run({ to, 'dry-run': true })).document as { changedSince: string[] }
    assert.deepEqual((await since('e')).changedSince, ['/etc/a'])
    assert.deepEqual((await since('c')).changedSince, [])
  })

  it('shows with --dry-run, exit 3, and asks for --yes with --json', async () => {
    const { run, undone } = make()
    assert.equal((await run({ 'dry-run': true })).exit, 3)
    await assert.rejects(run({ yes: false }), { code: 'E_CONFIRM', message: /--json asks no question/ })
    assert.deepEqual(undone, [])
  })

  const WRONG: [what: string, wish: Partial<Undo>, message: RegExp][] = [
    ['an unknown node', { way: (all) => nodeWayBack(all, 'n7') }, /no node named n7/],
    ['an unknown change', { to: 'x' }, /n1 remembers no change x/],
    ['a change that was put back', { to: 'd' }, /does not stand: it is restored/],
    ['a change that was refused', { to: 'a' }, /does not stand: it is refused/],
  ]
  for (const [what, wish, message] of WRONG) {
    it(`refuses ${what}`, async () => {
      const { run, undone } = make()
      await assert.rejects(run(wish), { code: 'E_USAGE', message })
      assert.deepEqual(undone, [])
    })
  }

  it('what does not stand ends with exit code 4, and the site is free again', async () => {
    const failing = make(new OrionError('n1 put it back', { code: 'E_ROLLED_BACK' }))
    await assert.rejects(failing.run(), (error: OrionError) => error.exit === 4)
    assert.equal((await make().run()).exit, 0)
  })

  it('shows nodes; one that cannot be read makes it exit 1', async () => {
    const { session } = make()
    const good = { node: 'n1', interfaces: [] }
    const bad = { node: 'n2', interfaces: [], problem: { message: 'no', suggestions: [] } }
    const show = (nodes: (typeof good)[], names?: string[]) =>
      showInterfaces({ session, json: true }, names, async () => nodes)
    assert.equal((await show([good])).exit, 0)
    assert.deepEqual(await show([good, bad]), { exit: 1, document: { site: 'test', nodes: [good, bad] } })
    await assert.rejects(show([good], ['n9']), { code: 'E_USAGE' })
  })
})
