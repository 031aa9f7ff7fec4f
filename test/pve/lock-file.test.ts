import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from '../../src/pve/lock-file.ts'

describe('lock-file', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-lock-'))
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('one at a time, and gone afterwards, also after a failure', async () => {
    const path = join(folder, 'lock')
    let now = 0
    const work = async (fail: boolean) =>
      await withLock(path, async () => {
        now += 1
        assert.equal(now, 1)
        await readdir(folder)
        now -= 1
        if (fail) throw new Error('no')
      })
    const ends = await Promise.allSettled([work(false), work(true), work(false), work(true)])
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    assert.deepEqual(await readdir(folder), [])
  })

  it('notices that it was taken away, and leaves the new one alone', async () => {
    const path = join(folder, 'lock')
    const work = withLock(path, async (check) => {
      await check()
      await writeFile(path, 'of another')
      await check()
    })
    await assert.rejects(work, { code: 'E_SECRET', message: /taken away/ })
    assert.equal(await readFile(path, 'utf8'), 'of another')
  })

  it('says where it cannot be', async () => {
    await assert.rejects(
      withLock(join(folder, 'none', 'lock'), async () => undefined),
      { code: 'E_SECRET' },
    )
  })
})
