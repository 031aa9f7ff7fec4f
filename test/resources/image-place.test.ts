// The name under which an image is kept.
import assert from 'node:assert/strict'
import { imageFile } from '../../src/resources/image-place.ts'
import type { Image } from '../../src/site/site.ts'

const at = (url: string, name = 'one'): Image & { kind: 'url' } => ({ name, kind: 'url', url })

const ROWS: readonly { url: string; file?: string }[] = [
  { url: 'https://x/debian-13-genericcloud-amd64.qcow2', file: 'debian-13-genericcloud-amd64.qcow2' },
  { url: 'https://x/noble-server-cloudimg-amd64.img', file: 'noble-server-cloudimg-amd64.qcow2' },
  { url: 'https://x/Some%20Disk.RAW?a=b#c', file: 'Some_Disk.raw' },
  { url: 'https://x/disk.ova' },
  { url: 'https://x/a.img.IMG', file: 'a.img.qcow2' },
  { url: 'https://x/disk.qcow2.xz' },
  { url: 'https://x/' },
  { url: 'https://x/%E0%A4%A.qcow2', file: '_E0_A4_A.qcow2' },
]

describe('resources/image-place', () => {
  for (const { url, file } of ROWS) {
    it(`${url} → ${file ?? 'E_IMAGE'}`, () => {
      const one = at(url)
      if (file === undefined) assert.throws(() => imageFile({ images: [one] }, one), { code: 'E_IMAGE' })
      else assert.equal(imageFile({ images: [one] }, one), file)
    })
  }

  it('keeps two images of one name apart', () => {
    const [a, b] = [at('https://x/12/disk.qcow2', 'old'), at('https://x/13/disk.qcow2', 'new')]
    assert.deepEqual(
      [imageFile({ images: [a, b] }, a), imageFile({ images: [a, b] }, b)],
      ['old-disk.qcow2', 'new-disk.qcow2'],
    )
  })
})
