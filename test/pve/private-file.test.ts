import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readPrivate, replacePrivate } from '../../src/pve/private-file.ts'

describe('private-file', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-private-'))
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('replaces as a whole, for the owner alone', async () => {
    const path = join(folder, 'file')
    await writeFile(path, 'old', { mode: 0o644 })
    await replacePrivate(path, 'new', async () => undefined)
    assert.equal(await readPrivate(path), 'new')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('leaves the old one and nothing else where it may not', async () => {
    const path = join(folder, 'file')
    await writeFile(path, 'old', { mode: 0o600 })
    await assert.rejects(
      replacePrivate(path, 'new', async () => await Promise.reject(new Error('no'))),
      { code: 'E_SECRET' },
    )
    assert.equal(await readFile(path, 'utf8'), 'old')
    assert.deepEqual(await readdir(folder), ['file'])
  })

  it('does not wait for a pipe', async () => {
    const path = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', ['-m', '600', path])
    await assert.rejects(readPrivate(path), { code: 'E_SECRET' })
  })

  it('refuses what is too large', async () => {
    const path = join(folder, 'file')
    await writeFile(path, Buffer.alloc(2 * 1024 * 1024), { mode: 0o600 })
    await assert.rejects(readPrivate(path), { code: 'E_SECRET' })
  })
})
