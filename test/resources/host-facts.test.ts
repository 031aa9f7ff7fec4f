// What a plan knows of a host: one wish, one round trip, folders as files; the listing script in a real shell.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  FOLDERS,
  NODE_NAME,
  readAnew,
  readFacts,
  readSettled,
  refuseFacts,
  wishOf,
} from '../../src/resources/host-facts.ts'
import { inTurn } from '../../src/resources/host-turn.ts'
import { fakeHost } from './fake-host.ts'

describe('resources/host-facts', () => {
  it('makes one wish of all topics, each thing once', () => {
    const wish = wishOf([
      { files: ['/a', '/b'], folders: ['/d'], commands: { x: ['x'] } },
      {},
      { files: ['/b'], folders: ['/d', '/e'], commands: { x: ['x'], y: ['y'] } },
    ])
    assert.deepEqual(wish.files, ['/a', '/b'])
    assert.deepEqual(Object.keys(wish.commands ?? {}), ['x', 'y', FOLDERS])
    assert.deepEqual(wish.commands?.[FOLDERS]?.slice(3), ['orion-folders', '/d', '/e'])
  })

  it('shares a read until the host forgets, but not a failed one', async () => {
    const fake = fakeHost()
    const wish = wishOf([])
    await Promise.all([readFacts(fake.host, wish), readFacts(fake.host, wish)])
    assert.equal(fake.calls.length, 1)
    await readFacts(fake.host, { files: ['/other'] })
    fake.host.forget()
    await readFacts(fake.host, wish)
    assert.equal(fake.calls.length, 3)
  })

  it('holds the files of a folder, and the two ends of the session', async () => {
    const fake = fakeHost({ files: { '/d/a.list': 'x\n', '/d/sub/b': 'y', '/e/c': 'z' } })
    const seen = await readAnew(fake.host, wishOf([{ folders: ['/d'] }]))
    assert.deepEqual(
      [...seen.files],
      [['/d/a.list', { kind: 'file', text: 'x\n', mode: 0o644, owner: 'root', group: 'root' }]],
    )
    assert.equal(seen.commands.get('ssh-ends')?.stdout, '10.0.0.9 10.0.0.1')
  })

  it('waits for a change that is still to be confirmed, as the host may take it back', async () => {
    const line = (state: string) => `20261121t101839-d4c2e8 ${state} interfaces 1795256320 cm9vdA== - L2E=\n`
    const answers = [line('armed'), `${line('staged')}${line('armed')}`, `${line('restored')}${line('staged')}`]
    const fake = fakeHost({ programs: { 'guard-states': () => answers.shift() ?? '' } })
    await readSettled(fake.host, {}, () => true, { limitMs: 60_000, everyMs: 1 })
    assert.deepEqual([fake.calls.length, answers], [3, []])
    const stuck = fakeHost({ programs: { 'guard-states': line('armed') } })
    await assert.rejects(
      readSettled(stuck.host, {}, () => true, { limitMs: 5, everyMs: 1 }),
      { code: 'E_HOST_BUSY' },
    )
    await readSettled(stuck.host, {}, () => false) // What is to be changed is for the guard to refuse.
  })

  it('takes no half of what is put back file by file for what is there', async () => {
    const armed = '20261121t101839-d4c2e8 armed mesh 1795256320 cm9vdA== - L2E=\n'
    const states = [armed, armed, '']
    const { host, calls } = fakeHost({ programs: { 'guard-states': () => states.shift() ?? '' } })
    // As wanted while it is armed; some files are back already; all are.
    const wanted = [true, false, false]
    await readSettled(host, {}, () => wanted.shift() ?? false, { limitMs: 60_000, everyMs: 1 })
    assert.equal(calls.length, 3)
  })

  it('waits as long as the host itself does, however long that is', async () => {
    const line = '20261121t101839-d4c2e8 armed arc 1795256320 cm9vdA== - L2E=\n'
    const lefts = [0.05, 0]
    const { host, calls } = fakeHost({ programs: { 'guard-states': () => (lefts.length > 0 ? line : '') } })
    const holder = async () => ({ by: '', leftSeconds: lefts.shift(), until: undefined })
    const from = performance.now()
    await readSettled({ ...host, guard: { ...host.guard, holder } }, {}, () => true, { limitMs: 5, everyMs: 1 })
    // Asked at the end of our own patience only: after 5 ms, and after 50 + 5 more; then it was putting back.
    assert.ok(performance.now() - from >= 55, 'ended before the host did')
    assert.deepEqual(lefts, [])
    assert.ok(calls.length > 3)
  })

  it('says once who makes the change that it waits for, and until when; of our own nothing', async () => {
    const line = '20261121t101839-d4c2e8 armed bird 1795256320 cm9vdA== - L2E=\n'
    const answers = [line, line, line]
    const { host } = fakeHost({ name: 'router', programs: { 'guard-states': () => answers.shift() ?? '' } })
    const told: string[] = []
    const tell = async (text: string) => void told.push(text)
    const wait = async () => void (await readSettled(host, {}, () => true, { everyMs: 1, tell }))
    await wait()
    const by = 'root@vm (orion bgp apply) is changing the host, until 16:39:37 at the latest'
    assert.deepEqual(told, [`router: ${by}; waiting for the end of that`])
    const own = fakeHost({ programs: { 'guard-states': () => (own.calls.length < 3 ? line : '') } })
    await inTurn(own.host, async () => void (await readSettled(own.host, {}, () => true, { everyMs: 1, tell })))
    assert.equal(told.length, 1)
  })

  const names: readonly [uname: string, other: string | undefined][] = [
    ['n1\n', undefined],
    ['N1.example.org\n', undefined],
    ['', undefined],
    ['vm\n', 'vm'],
    ['n10.example.org\n', 'n10'],
  ]
  for (const [uname, other] of names)
    it(`a node n1 that calls itself ${JSON.stringify(uname)} is ${other ? 'another machine' : 'itself'}`, async () => {
      const fake = fakeHost({ programs: { 'node-name': uname } })
      if (other === undefined) await readFacts(fake.host, wishOf([NODE_NAME]))
      else
        await assert.rejects(readFacts(fake.host, wishOf([NODE_NAME])), {
          code: 'E_HOST_FACTS',
          message: `n1 is another machine: it calls itself ${other}`,
        })
      await readFacts(fake.host, {}) // Of a guest, whose hostname is its own business.
    })

  it('says one problem on one line, and several below each other', () => {
    assert.doesNotThrow(() => refuseFacts('n1', 'swap of n1', []))
    assert.throws(
      () => refuseFacts('n1', 'swap of n1', ['no disk']),
      /^OrionError: swap of n1 cannot be made so: no disk$/,
    )
  })
})

describe('resources/host-facts: the listing of folders', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-tests-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('lists regular files with mode and owner, in a real shell; no links, no folders, nothing where there is none', async function () {
    if (process.platform !== 'linux') return this.skip()
    const names = ['a.list', "it's $(hostile) `x`.sources", '-n', 'bytes']
    for (const name of names)
      writeFileSync(join(folder, name), name === 'bytes' ? Buffer.from([0xff, 0xfe]) : `${name}\n`)
    chmodSync(join(folder, 'a.list'), 0o640)
    symlinkSync('a.list', join(folder, 'link.list'))
    const [program = '', ...words] = wishOf([{ folders: [folder, '/nowhere'] }]).commands?.[FOLDERS] ?? []
    const stdout = execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    const output = { code: 0, stdout, stderr: '' }
    const fake = fakeHost()
    const host = { ...fake.host, read: async () => ({ files: new Map(), commands: new Map([[FOLDERS, output]]) }) }
    const { files } = await readAnew(host, {})
    assert.deepEqual([...files.keys()].sort(), names.map((name) => join(folder, name)).sort())
    assert.deepEqual(
      { ...files.get(join(folder, 'a.list')), owner: '', group: '' },
      { kind: 'file', text: 'a.list\n', mode: 0o640, owner: '', group: '' },
    )
    assert.equal(files.get(join(folder, 'bytes'))?.kind, 'other')
  })
})
