import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCredential, getCredentialsPath, keepCredential, readCredentials } from '../../src/pve/credentials.ts'

const ONE = { site: 'orion', cluster: 'home', id: 'orion@pve!orion', secret: 'geheim-1' }

describe('credentials', () => {
  let folder = ''
  let path = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-credentials-'))
    path = join(folder, 'orion', 'credentials.json')
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('stands in the XDG configuration folder', () => {
    assert.equal(getCredentialsPath({ XDG_CONFIG_HOME: '/etc/x' }), '/etc/x/orion/credentials.json')
    assert.match(getCredentialsPath({ XDG_CONFIG_HOME: 'relative' }), /\/\.config\/orion\/credentials\.json$/)
  })

  it('is empty where there is no file', async () => assert.deepEqual(await readCredentials(path), []))

  it('keeps, finds, and replaces; nobody else can read it', async () => {
    await keepCredential(path, ONE)
    await keepCredential(path, { ...ONE, cluster: 'lab', fingerprint: 'AA:BB' })
    await keepCredential(path, { ...ONE, secret: 'geheim-2' })
    assert.equal((await readCredentials(path)).length, 2)
    assert.equal((await findCredential(path, 'orion', 'home'))?.secret, 'geheim-2')
    assert.equal((await findCredential(path, 'orion', 'lab'))?.fingerprint, 'AA:BB')
    assert.equal(await findCredential(path, 'other', 'home'), undefined)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal((await stat(join(folder, 'orion'))).mode & 0o777, 0o700)
    assert.deepEqual(await readdir(join(folder, 'orion')), ['credentials.json'])
  })

  it('many writers at once lose nothing', async () => {
    const clusters = Array.from({ length: 12 }, (_, index) => `c${index}`)
    await Promise.all(clusters.map(async (cluster) => await keepCredential(path, { ...ONE, cluster })))
    assert.deepEqual((await readCredentials(path)).map(({ cluster }) => cluster).sort(), [...clusters].sort())
  })

  it('does not wait for a lock that a dead process left', async () => {
    await keepCredential(path, ONE)
    await writeFile(`${path}.lock`, 'dead')
    await utimes(`${path}.lock`, 0, 0)
    await keepCredential(path, { ...ONE, cluster: 'lab' })
    assert.deepEqual(await readdir(join(folder, 'orion')), ['credentials.json'])
  })

  for (const mode of [0o640, 0o604, 0o660]) {
    it(`refuses a file of mode ${mode.toString(8)}`, async () => {
      await keepCredential(path, ONE)
      await chmod(path, mode)
      await assert.rejects(readCredentials(path), { code: 'E_SECRET', message: /Others can read/ })
    })
  }

  const contents: readonly [string, string][] = [
    ['no JSON', '{"credentials": ["geheim-1"'],
    ['another format', '{"format":2,"credentials":[]}'],
    ['an unknown key', JSON.stringify({ format: 1, credentials: [{ ...ONE, more: 1 }] })],
    ['no secret', JSON.stringify({ format: 1, credentials: [{ ...ONE, secret: undefined }] })],
    ['a list', '[]'],
    ['nothing', ''],
  ]
  for (const [name, text] of contents) {
    it(`says that it cannot read ${name}, leaves it alone, and shows no secret`, async () => {
      await mkdir(join(folder, 'orion'))
      await writeFile(path, text, { mode: 0o600 })
      const isClear = (error: { code: string; message: string; stack: string }) => {
        assert.equal(error.code, 'E_SECRET')
        assert.doesNotMatch(error.stack, /geheim/)
        return true
      }
      await assert.rejects(readCredentials(path), isClear)
      await assert.rejects(keepCredential(path, ONE), isClear)
      assert.equal(await readFile(path, 'utf8'), text)
    })
  }

  it('refuses a folder in the place of the file', async () => {
    await mkdir(path, { recursive: true })
    await assert.rejects(readCredentials(path), { code: 'E_SECRET' })
  })
})
