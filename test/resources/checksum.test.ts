// Sums files in both forms, and what is not one.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { OrionError } from '../../src/errors.ts'
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
  {
    title: 'the strongest of several',
    text: `MD5 (a.qcow2) = ${'ab'.repeat(16)}\nSHA256 (a.qcow2) = ${SHA256}\nSHA1 (a.qcow2) = ${'ab'.repeat(20)}`,
    want: ['sha256', SHA256],
  },
  { title: 'no SHA, of the same length', text: `BLAKE2b (a.qcow2) = ${'ab'.repeat(64)}`, want: undefined },
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
    await assert.rejects(imageDigest(image, checksum, { text: async () => '' }), {
      code: 'E_IMAGE',
      message: /debian.*SUMS.*a\.qcow2/,
    })
    assert.deepEqual(await imageDigest(image, checksum, { text: async () => `${SHA256}  a.qcow2` }), {
      algorithm: 'sha256',
      hex: SHA256,
    })
  })

  it('reads a sums file once, and again after a failure', async () => {
    const image = { name: 'debian', url: 'https://x.example.net/d/a.qcow2' }
    const checksum = { kind: 'sums', url: 'https://x.example.net/d/SUMS' } as const
    let reads = 0
    const reader = {
      text: async () => {
        reads += 1
        if (reads === 1) throw new OrionError('no route', { code: 'E_IMAGE' })
        return `${SHA256}  a.qcow2`
      },
    }
    await assert.rejects(imageDigest(image, checksum, reader), { code: 'E_IMAGE', message: /no route/ })
    await Promise.all([1, 2, 3].map(() => imageDigest(image, checksum, reader)))
    assert.equal(reads, 2)
  })

  it('takes a digest of the site file without reading anything', async () => {
    const none = { text: () => assert.fail('nothing is to be read') }
    const checksum = { kind: 'digest', algorithm: 'sha1', hex: 'AB'.repeat(20) } as const
    assert.deepEqual(await imageDigest({ name: 'x', url: 'https://x/a.raw' }, checksum, none), {
      algorithm: 'sha1',
      hex: 'ab'.repeat(20),
    })
  })
})
