import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { labCertificate } from '../../src/lab/certificate.ts'
import { newFolder, removeFolder } from './lab-site.ts'

describe('lab/certificate', () => {
  let dir: string
  beforeEach(async () => {
    dir = await newFolder()
  })
  afterEach(() => removeFolder(dir))

  it('is made once per folder, for loopback only, and its key is for nobody else', async () => {
    const first = await labCertificate(dir)
    assert.deepEqual(await labCertificate(dir), first)
    const parsed = new X509Certificate(first.cert)
    assert.equal(parsed.fingerprint256, first.fingerprint)
    assert.match(parsed.subjectAltName ?? '', /IP Address:127\.0\.0\.1/)
    assert.ok(parsed.checkHost('localhost'))
    assert.equal((await stat(join(dir, 'certificate.json'))).mode & 0o077, 0)
    assert.equal(await readFile(join(dir, 'certificate.pem'), 'utf8'), first.cert)
  })

  it('is another one in another folder', async () => {
    const other = await newFolder()
    try {
      assert.notEqual((await labCertificate(other)).fingerprint, (await labCertificate(dir)).fingerprint)
    } finally {
      await removeFolder(other)
    }
  })
})
