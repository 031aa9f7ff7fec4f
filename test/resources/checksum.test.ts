// Sums files in both forms, and what is not one.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { imageDigest, parseSums } from '../../src/resources/checksum.ts'

const SHA256 = 'ab'.repeat(32)
const SHA512 = 'CD'.repeat(64)

const ROWS: readonly { title: string; text: string; want: readonly [string, string] | undefined }[] = [
  { title: 'GNU, text mode', text: `${SHA256}  a.qcow2`, want: ['sha256', SHA256] },
  { title: 'GNU, binary mode', text: `${SHA256} *a.qcow2`, want: ['sha256', SHA256] },
  { title: 'BSD', text: `SHA512 (a.qcow2) = ${SHA512}`, want: ['sha512', SHA512.toLowerCase()] },
  { title: 'OpenSSL', text: `SHA2-256(a.qcow2)= ${SHA256}`, want: ['sha256', SHA256] },
  { title: 'with a folder', text: `${SHA256}  ./images/a.qcow2`, want: ['sha256', SHA256] },
  {
    title: 'the right line of several',
    text: `${'00'.repeat(32)}  b.qcow2\r\n${SHA256}  a.qcow2\r\n`,
    want: ['sha256', SHA256],
  },
  {
    title: 'inside a signed message',
    text: `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n# a.qcow2: 1 bytes\nSHA256 (a.qcow2) = ${SHA256}\n-----BEGIN PGP SIGNATURE-----`,
    want: ['sha256', SHA256],
  },
  { title: 'another file only', text: `${SHA256}  xa.qcow2`, want: undefined },
  { title: 'a digest of a strange length', text: 'abcdef  a.qcow2', want: undefined },
  { title: 'a web page', text: '<html>not found</html>', want: undefined },
  { title: 'nothing', text: '', want: undefined },
]

describe('resources/checksum', () => {
  for (const { title, text, want } of ROWS) {
    it(title, () => {
      const digest = parseSums(text, 'a.qcow2')
      assert.deepEqual(digest && [digest.algorithm, digest.hex], want)
    })
  }

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (text, file) => void parseSums(text, file)))
  })

  it('says which file has no line', async () => {
    const image = { name: 'debian', url: 'https://x.example.net/d/a.qcow2?mirror=1' }
    const checksum = { kind: 'sums', url: 'https://x.example.net/d/SUMS' } as const
    await assert.rejects(
      imageDigest(image, checksum, async () => ''),
      { code: 'E_IMAGE', message: /debian.*SUMS.*a\.qcow2/ },
    )
    assert.deepEqual(await imageDigest(image, checksum, async () => `${SHA256}  a.qcow2`), {
      algorithm: 'sha256',
      hex: SHA256,
    })
  })

  it('takes a digest of the site file without reading anything', async () => {
    const none = () => assert.fail('nothing is to be read')
    const checksum = { kind: 'digest', algorithm: 'sha1', hex: 'AB'.repeat(20) } as const
    assert.deepEqual(await imageDigest({ name: 'x', url: 'https://x/a.raw' }, checksum, none), {
      algorithm: 'sha1',
      hex: 'ab'.repeat(20),
    })
  })
})
