// Digests that an address decides, and the sums files that say so.
import assert from 'node:assert/strict'
import { labDigest, sumsText } from '../../src/lab/mirror.ts'
import { hardware } from './lab-site.ts'

const image = 'https://images.example/a/debian.qcow2'
const known = [{ ...hardware, images: [{ url: image, sums: 'https://sums.example/all.sha512' }] }]

describe('mirror', () => {
  it('gives one file one digest, whatever asks', () => {
    assert.equal(labDigest(image, 'sha512'), labDigest(`${image}?a=b`, 'sha512'))
    assert.notEqual(labDigest(image, 'sha512'), labDigest('https://images.example/b/debian.qcow2', 'sha512'))
    assert.equal(labDigest(image, 'md5').length, 32)
  })

  const rows: [string, string][] = [
    ['https://images.example/a/SHA512SUMS', `${labDigest(image, 'sha512')}  debian.qcow2\n`],
    ['https://images.example/a/SHA256SUMS', `${labDigest(image, 'sha256')}  debian.qcow2\n`],
    ['https://images.example/a/Fedora-CHECKSUM', `SHA256 (debian.qcow2) = ${labDigest(image, 'sha256')}\n`],
    ['https://sums.example/all.sha512', `${labDigest(image, 'sha512')}  debian.qcow2\n`],
    ['https://images.example/other/SHA512SUMS', ''],
  ]
  for (const [url, text] of rows) it(url, () => assert.equal(sumsText(url, known), text))
})
