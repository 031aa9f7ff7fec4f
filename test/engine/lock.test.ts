// The lock of a site, with real second processes.
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lockSite } from '../../src/engine/lock.ts'
import { skip } from '../setup.ts'

const program = fileURLToPath(new URL('holder-process.ts', import.meta.url))

describe('engine/lock', () => {
  let dir = ''
  const children: ChildProcessWithoutNullStreams[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-lock-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
    await rm(dir, { recursive: true, force: true })
  })

  const lock = (site = 'test') => lockSite(dir, { site, command: 'vm apply' })

  async function start(command: string): Promise<{ child: ChildProcessWithoutNullStreams; said: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', program, dir, command])
    children.push(child)
    const [said] = await once(child.stdout, 'data')
    return { child, said: String(said).trim() }
  }

  it('is held once, given free, and taken again', async () => {
    const first = await lock()
    await assert.rejects(lock(), { code: 'E_LOCKED' })
    await first.release()
    await first.release()
    await (await lock()).release()
    assert.equal((await readdir(dir)).length, 1)
  })

  it('is one per site, whatever the site is called', async () => {
    const locks = await Promise.all([lock('a'), lock('b'), lock('../a/b'), lock('a.lock')])
    await Promise.all(locks.map((one) => one.release()))
    assert.equal((await readdir(dir)).length, 4)
  })

  it('names who holds it: command, process, host, since', async () => {
    const { child, said } = await start('bootstrap')
    assert.equal(said, 'held')
    const message = new RegExp(`orion bootstrap, process ${child.pid} on ${hostname()}, since 2\\d{3}-`)
    await assert.rejects(lock(), { code: 'E_LOCKED', message })
    child.stdin.write('let go\n')
    await once(child, 'exit')
    await (await lock()).release()
  })

  it('is taken over from a killed process', async () => {
    const { child } = await start('bootstrap')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await lock()).release()
  })

  it('is taken over where the pid lives on as another process', async () => {
    const held = await lock()
    const [file = ''] = await readdir(dir)
    const text = await readFile(join(dir, file), 'utf8')
    await writeFile(join(dir, file), text.replace(/"start":"\d*"/, '"start":"1"'))
    await (await lock()).release()
    await held.release()
  })

  for (const [name, text] of [
    ['empty', ''],
    ['cut off', '{"holder":{"pid"'],
    ['no object', 'null'],
  ] as const) {
    it(`takes a broken file as free: ${name}`, async () => {
      await writeFile(join(dir, 'test.lock.7'), text)
      await (await lock()).release()
      assert.deepEqual(await readdir(dir), ['test.lock.8'])
    })
  }

  it('a holder on another machine is alive until a person says otherwise', async () => {
    const holder = {
      pid: 1,
      start: '',
      boot: '',
      host: 'elsewhere',
      command: 'vm apply',
      since: '2026-01-01T00:00:00Z',
    }
    await writeFile(join(dir, 'test.lock.1'), JSON.stringify({ holder }))
    const suggestions = [`if that machine is gone for good, delete ${join(dir, 'test.lock.1')}`]
    await assert.rejects(lock(), { code: 'E_LOCKED', message: /on elsewhere/, suggestions })
  })

  it('of many takers of a dead lock, in many rounds, one wins', async () => {
    const { child } = await start('bootstrap')
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.allSettled(Array.from({ length: 12 }, () => lock()))
      const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      assert.equal(won.length, 1)
      await won[0]?.release()
    }
  })

  it('of many processes one wins', async () => {
    const started = await Promise.all(['one', 'two', 'three'].map(start))
    assert.equal(started.filter(({ said }) => said === 'held').length, 1)
    assert.equal(started.filter(({ said }) => said.startsWith('refused another run works on test')).length, 2)
  })

  it('says so where the folder cannot be written', async function () {
    if (process.getuid?.() === 0) skip(this, 'root may write everywhere')
    await chmod(dir, 0o500)
    await assert.rejects(lock(), { code: 'E_APPLY', message: /cannot keep the lock/ })
  })

  it('says so where the folder is a file', async () => {
    await writeFile(join(dir, 'file'), '')
    await assert.rejects(lockSite(join(dir, 'file'), { site: 'test', command: 'x' }), { code: 'E_APPLY' })
  })
})
