import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SiteError } from '../../src/site/site-error.ts'
import { displayName, MAX_BYTES, readSource } from '../../src/site/source.ts'
import { skip } from '../setup.ts'

describe('source', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-source-'))
  })
  after(async () => await rm(folder, { recursive: true, force: true }))

  const refused = async (file: string, words: RegExp) => {
    await assert.rejects(readSource(file), (error) => {
      assert.ok(error instanceof SiteError)
      assert.equal(error.code, 'E_SITE')
      assert.match(error.message, words)
      assert.ok(error.message.includes(file))
      return true
    })
  }
  const written = async (name: string, content: string | Uint8Array) => {
    const file = join(folder, name)
    await writeFile(file, content)
    return file
  }

  it('reads UTF-8, without a byte order mark', async () => {
    assert.equal(await readSource(await written('a', '\u{FEFF}site: ö\r\n')), 'site: ö\r\n')
  })
  it('refuses what is not there', async () => await refused(join(folder, 'none'), /does not exist/))
  it('refuses a file below a file', async () => await refused(join(await written('b', ''), 'c'), /does not exist/))
  it('refuses a directory', async () => {
    await mkdir(join(folder, 'd'))
    await refused(join(folder, 'd'), /is a directory/)
  })
  it('refuses a device', async () => await refused('/dev/null', /is not a regular file/))
  it('refuses NUL bytes', async () => await refused(await written('e', 'site: a\0b'), /not a text file/))
  it('refuses what is not UTF-8', async () =>
    await refused(await written('f', Buffer.from([0x73, 0xff, 0xfe])), /not a text file/))
  it('refuses 5 MB', async () => await refused(await written('g', 'x'.repeat(5_000_000)), /larger than 4 MiB/))
  it('takes the largest size', async () => {
    assert.equal((await readSource(await written('h', '#'.repeat(MAX_BYTES)))).length, MAX_BYTES)
  })
  it('refuses what may not be read', async function () {
    if (process.getuid?.() === 0) return skip(this, 'root may read everything')
    const file = await written('i', 'site: a')
    await chmod(file, 0o000)
    return await refused(file, /may not be read/)
  })

  it('names files from the current folder', () => {
    assert.equal(displayName(join(process.cwd(), 'x/orion.yaml')), 'x/orion.yaml')
    assert.equal(displayName('/nowhere/orion.yaml'), '/nowhere/orion.yaml')
    assert.equal(displayName('/nowhere/\u001b[31m.yaml'), '/nowhere/\u{FFFD}[31m.yaml')
  })
})
