import assert from 'node:assert/strict'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from '../../src/lab/lab-lock.ts'
import { newFolder, removeFolder } from './lab-site.ts'

describe('lab/lab-lock', () => {
  let dir: string
  beforeEach(async () => {
    dir = await newFolder()
  })
  afterEach(() => removeFolder(dir))

  it('lets in one at a time, however many want to', async () => {
    let inside = 0
    let most = 0
    const visit = async () => {
      const release = await lockFolder(dir)
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      await release()
    }
    await Promise.all(Array.from({ length: 5 }, visit))
    assert.equal(most, 1)
    assert.deepEqual(await readdir(dir), [])
  })

  it('takes over from the dead, and from one that died while it wrote its name', async () => {
    const file = join(dir, 'lock')
    await writeFile(file, '999999999')
    await (await lockFolder(dir))()
    await writeFile(file, '')
    await utimes(file, 1, 1)
    await (await lockFolder(dir))()
    assert.deepEqual(await readdir(dir), [])
  })
})
