// The scripts that orion brings along to a host.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packMembers } from '../../src/host/archive.ts'
import { script } from '../../src/host/script.ts'
import { needs } from '../setup.ts'

const exec = promisify(execFile)
const path = (name: string) => new URL(`../../src/host/scripts/${name}.sh`, import.meta.url).pathname

describe('scripts for the host', () => {
  for (const name of ['read', 'write']) {
    it(`${name}: shellcheck has nothing to say`, async function () {
      await needs(this, ['shellcheck'])
      await exec('shellcheck', ['-s', 'sh', path(name)])
    })

    it(`${name}: fits into one argument with room to spare`, async () => {
      assert.equal(await script(name), await readFile(path(name), 'utf8'))
      assert.ok((await script(name)).length < 16_000)
    })
  }

  it('an unknown one is an error', async () => await assert.rejects(script('none'), { code: 'ENOENT' }))

  describe('orion-write with a stream that breaks off', () => {
    let dir: string
    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'orion-write-'))
    })
    afterEach(async () => await rm(dir, { recursive: true, force: true }))

    // Anywhere: in a header, in a content, between two members, before the end mark.
    for (const bytes of [0, 100, 700, 1024, 1030, 1536, 1900])
      it(`after ${bytes} bytes: nothing is replaced, nothing is left`, async () => {
        const names = ['one', 'two'].map((name) => join(dir, name))
        for (const name of names) await writeFile(name, 'old')
        const whole = await packMembers(names.map((name) => ({ name, mode: 0o644, content: 'new'.repeat(100) })))
        const child = exec('sh', ['-c', await script('write'), 'orion-write', '2', ...names])
        child.child.stdin?.on('error', () => {})
        child.child.stdin?.end(whole.subarray(0, bytes))
        await assert.rejects(child, { code: 1 })
        assert.deepEqual(await readdir(dir), ['one', 'two'])
        for (const name of names) assert.equal(await readFile(name, 'utf8'), 'old')
      })
  })
})
