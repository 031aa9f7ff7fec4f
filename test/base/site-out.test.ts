// A site file on its way to the disk: nothing is replaced without a yes, and nothing is ever half there.
import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { putSiteFile } from '../../src/base/site-out.ts'

describe('base/site-out', () => {
  let folder: string
  let file: string
  const { signal } = new AbortController()
  const asked = { yes: false, json: true, signal }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-out-'))
    file = join(folder, 'orion.yaml')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('writes a new file, and leaves the same one alone', async () => {
    assert.equal(await putSiteFile(file, 'site: a\n', asked), 'written')
    assert.equal(await putSiteFile(file, 'site: a\n', asked), 'same')
    assert.deepEqual(readdirSync(folder), ['orion.yaml'])
  })

  it('replaces another one only with a yes', async () => {
    writeFileSync(file, 'site: mine\n')
    await assert.rejects(putSiteFile(file, 'site: a\n', asked), { code: 'E_CONFIRM', message: /is there already/ })
    assert.equal(readFileSync(file, 'utf8'), 'site: mine\n')
    assert.equal(await putSiteFile(file, 'site: a\n', { ...asked, yes: true }), 'written')
    assert.equal(readFileSync(file, 'utf8'), 'site: a\n')
    assert.deepEqual(readdirSync(folder), ['orion.yaml'])
  })

  it('leaves the rights of what it replaces, and replaces it where a link leads', async () => {
    const real = join(folder, 'real.yaml')
    writeFileSync(real, 'site: mine\n')
    chmodSync(real, 0o600)
    symlinkSync('real.yaml', file)
    assert.equal(await putSiteFile(file, 'site: a\n', { ...asked, yes: true }), 'written')
    assert.ok(lstatSync(file).isSymbolicLink())
    assert.equal(readFileSync(real, 'utf8'), 'site: a\n')
    assert.equal(statSync(real).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder).sort(), ['orion.yaml', 'real.yaml'])
  })

  it('refuses what is no file, and a folder that is not there', async () => {
    mkdirSync(file)
    await assert.rejects(putSiteFile(file, 'x', asked), { code: 'E_USAGE', message: /not a file/ })
    await assert.rejects(putSiteFile(join(folder, 'none', 'a.yaml'), 'x', asked), {
      code: 'E_USAGE',
      message: /ENOENT/,
    })
  })
})
