// The guard on a lab's host, as the one on a real host.
import assert from 'node:assert/strict'
import { begin, confirm, decoded, GUARD, putBack, stage, states } from './guard-client.ts'
import { type LabHost, type Session, startHost } from './lab-host.ts'

const FILE = '/etc/network/interfaces'
const reload = { check: [['ifreload', '-a', '-s']], activate: [['ifreload', '-a']], strict: true }

describe('lab/host/guard-host', () => {
  let host: LabHost
  let session: Session
  beforeEach(async () => {
    host = await startHost()
    session = await host.connect()
  })
  afterEach(() => host.close())

  const old = () => session.text('cat', FILE)
  const bridge = (name: string, port: string) => `\nauto ${name}\niface ${name} inet manual\n\tbridge-ports ${port}\n`
  const isUp = async (name: string) => (await session.run(['ip', '-j', 'link', 'show', 'dev', name])).code === 0

  it('is not there before somebody brought it', async () => {
    const { code, stderr } = await session.run([GUARD, 'states'])
    assert.deepEqual([code, stderr.split('\n')[0]], [127, `sh: 1: ${GUARD}: not found`])
  })

  it('makes a change that is confirmed', async () => {
    const text = (await old()) + bridge('vmbr1', 'eno2')
    // So that it is still under way when it is confirmed too early.
    host.lab.hostFaults.add({ match: { command: '^ifreload -a$' }, action: { delay: 2000 } })
    const said = await begin(session, 'a-1', { files: { [FILE]: text }, ...reload })
    assert.match(said, /^checked\narmed \d+ \d+\n$/)
    assert.match((await session.run([GUARD, 'confirm', 'a-1'])).stdout.toString(), /^state working \d+ \d+ -\n$/)
    assert.equal(await confirm(session, 'a-1'), 'confirmed\n')
    assert.equal(await old(), text)
    assert.equal(await isUp('vmbr1'), true)
    assert.deepEqual(await states(session), ['a-1 confirmed'])
    assert.equal((await session.run([GUARD, 'restore', 'a-1'])).code, 1)
  })

  it('refuses what a check does not like, and touches nothing', async () => {
    const before = await old()
    for (const [id, more, why] of [
      ['a-1', '\nauto vmbr2\niface\n', /^ifreload -a -s ended with 1: error: .*invalid syntax/],
      ['a-2', bridge('vmbr2', 'eno9'), /^ifreload -a -s warns: warning: vmbr2: bridge port eno9 does not exist$/],
    ] as const) {
      const said = await begin(session, id, { files: { [FILE]: before + more }, ...reload })
      assert.match(decoded(said.split(' ')[1]?.trim() ?? ''), why)
    }
    assert.equal(await old(), before)
    assert.equal(await isUp('vmbr2'), false)
  })

  it('puts everything back when nobody confirms, absent files too', async () => {
    const before = await old()
    const files = { [FILE]: before + bridge('vmbr1', 'eno2'), '/etc/new': 'x', '/etc/debian_version': undefined }
    await begin(session, 'a-1', { files, ...reload, window: 3 })
    assert.match((await session.run([GUARD, 'follow', 'a-1'])).stdout.toString(), /^state active /)
    assert.equal((await session.run(['cat', '/etc/debian_version'])).code, 1)
    await putBack(session, 'a-1')
    assert.deepEqual(await states(session), ['a-1 restored not confirmed'])
    assert.equal(await old(), before)
    assert.equal(await isUp('vmbr1'), false)
    assert.deepEqual((await session.run(['test', '-e', '/etc/new'])).code, 1)
    assert.equal(await session.text('cat', '/etc/debian_version'), '13.2\n')
  })

  it('puts it back at once when a program of it fails, or when it is asked', async () => {
    const before = await old()
    await begin(session, 'a-1', { files: { '/etc/a': 'x' }, activate: [['no-such-program']] })
    const { code, stdout } = await session.run([GUARD, 'follow', 'a-1'])
    const reason = decoded(stdout.toString().trim().split(' ').at(-1) ?? '')
    assert.deepEqual([code, reason], [4, 'no-such-program ended with 127: sh: 1: no-such-program: not found'])
    await begin(session, 'a-3', { files: { '/etc/a': 'x' }, activate: [['sh', '-c', 'its text', 'orion-nothing']] })
    const { stdout: named } = await session.run([GUARD, 'follow', 'a-3'])
    assert.match(
      decoded(named.toString().trim().split(' ').at(-1) ?? ''),
      /^orion-nothing ended with 127: (?!.*its text)/,
    )
    await begin(session, 'a-2', { files: { [FILE]: '' } })
    assert.match((await session.run([GUARD, 'restore', 'a-2', 'too', 'bad'])).stdout.toString(), /^state restored /)
    assert.equal((await states(session))[0], 'a-2 restored too bad')
    assert.equal(await old(), before)
  })

  it('makes one change at a time, and says who is at it', async () => {
    await begin(session, 'a-1', { files: { '/etc/a': '1' }, by: 'she@there' })
    await stage(session, 'a-2', { files: { '/etc/a': '2' } })
    const { code, stdout } = await session.run([GUARD, 'start', 'a-2'])
    const [busy, by, until, now] = stdout.toString().trim().split(' ')
    assert.deepEqual([code, busy, decoded(by ?? '')], [75, 'busy', 'she@there'])
    assert.ok(Number(until) - Number(now) > 20)
    assert.deepEqual(await states(session), ['a-1 armed'])
  })

  it('puts back what was armed when the host went down', async () => {
    const before = await old()
    await begin(session, 'a-1', { files: { [FILE]: before + bridge('vmbr1', 'eno2') }, ...reload })
    await session.run([GUARD, 'follow', 'a-1'])
    await stage(session, 'a-2', { files: { '/etc/a': '2' } })
    await host.restart()
    session = await host.connect()
    assert.deepEqual(await states(session), ['a-2 refused restarted', 'a-1 restored restarted'])
    assert.equal(await old(), before)
    assert.equal(await isUp('vmbr1'), false)
  })

  it('keeps ten, and stages what was before one of them', async () => {
    for (let number = 1; number <= 11; number++) {
      await begin(session, `a-${number}`, { files: { '/etc/a': String(number) } })
      await confirm(session, `a-${number}`)
    }
    assert.equal((await states(session)).length, 10)
    const undo = await session.run([GUARD, 'stage-undo', 'a-11', 'b-1', '30'], 'me@here (orion net undo)\n')
    assert.equal(undo.stdout.toString(), 'staged\n')
    await session.run([GUARD, 'start', 'b-1'])
    await confirm(session, 'b-1')
    assert.equal(await session.text('cat', '/etc/a'), '10')
    assert.equal((await session.run([GUARD, 'stage-undo', 'a-1', 'b-2', '30'])).code, 66)
    assert.match(await session.text(GUARD, 'list'), /^b-1 {2}confirmed {2}interfaces {2}me@here \(orion net undo\)\n/)
    assert.match(await session.text(GUARD, 'show', 'b-1'), /\n {2}\/etc\/a 2 bytes\n$/)
  })

  it('keeps the last ten that were confirmed, whatever else was tried', async () => {
    await begin(session, 'good', { files: { '/etc/a': '1' } })
    await confirm(session, 'good')
    for (let number = 1; number <= 11; number++) {
      await begin(session, `bad-${number}`, { files: { '/etc/a': '2' }, check: [['false']] })
    }
    const kept = (await states(session)).map((line) => line.split(' ')[0])
    assert.deepEqual(kept, [...Array.from({ length: 10 }, (_, at) => `bad-${11 - at}`), 'good'])
  })

  it('keeps them whatever a rotation drains and a join weighs', async () => {
    await begin(session, 'good', { files: { '/etc/a': '1' } })
    await confirm(session, 'good')
    for (let number = 1; number <= 11; number++) {
      const name = number % 2 === 0 ? 'mesh-drain' : 'mesh-weight'
      await begin(session, `pass-${number}`, { name, files: { '/etc/a': String(number) } })
      await confirm(session, `pass-${number}`)
    }
    const kept = (await states(session)).map((line) => line.split(' ')[0])
    assert.deepEqual(kept, [...Array.from({ length: 10 }, (_, at) => `pass-${11 - at}`), 'good'])
  })

  it('knows bad use', async () => {
    await stage(session, 'a-1', { files: {} })
    assert.equal((await stage(session, '../x', { files: {} })).code, 64)
    assert.equal((await session.run([GUARD, 'dance'])).code, 64)
    assert.equal((await session.run([GUARD, 'follow', 'nobody'])).code, 66)
    const cut = await session.run(['sh', '-c', '', 'orion-stage', 'a-2'])
    assert.deepEqual([cut.code, cut.stderr], [1, 'orion-stage: the stream is not complete\n'])
  })
})
