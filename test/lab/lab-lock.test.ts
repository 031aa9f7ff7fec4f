import assert from 'node:assert/strict'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder, lockServing } from '../../src/lab/lab-lock.ts'
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

  it('lets one process serve, while another may open', async () => {
    const release = await lockServing(dir)
    const releaseOpener = await lockFolder(dir)
    let second = false
    const waiting = lockServing(dir).then((releaseSecond) => {
      second = true
      return releaseSecond()
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(second, false)
    await releaseOpener()
    await release()
    await waiting
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
