// Which template a name means.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compareVersions, newestTemplate } from '../../src/resources/appliance.ts'

const INDEX = [
  'alpine-3.9-default_20190224_amd64.tar.xz',
  'alpine-3.22-default_20250617_amd64.tar.xz',
  'alpine-30-default_20990101_amd64.tar.xz',
  'debian-12-standard_12.12-1_amd64.tar.zst',
  'debian-13-standard_13.1-2_amd64.tar.zst',
  'debian-13-standard_13.1-10_amd64.tar.zst',
  'debian-13-turnkey-core_19.0-1_amd64.tar.gz',
]

const ROWS: readonly (readonly [string, string | undefined])[] = [
  ['debian-13-standard', 'debian-13-standard_13.1-10_amd64.tar.zst'],
  ['debian-13-standard_13.1-2_amd64.tar.zst', 'debian-13-standard_13.1-2_amd64.tar.zst'],
  ['alpine-3', 'alpine-3.22-default_20250617_amd64.tar.xz'],
  ['alpine', 'alpine-30-default_20990101_amd64.tar.xz'],
  ['debian-13', 'debian-13-standard_13.1-10_amd64.tar.zst'],
  ['debian-13-turnkey', 'debian-13-turnkey-core_19.0-1_amd64.tar.gz'],
  ['debian', 'debian-13-standard_13.1-10_amd64.tar.zst'],
  ['fedora', undefined],
  ['ebian-13', undefined],
]

describe('resources/appliance', () => {
  for (const [name, file] of ROWS) {
    it(`${name} → ${file ?? 'none'}`, () => {
      assert.equal(newestTemplate(name, INDEX), file)
      assert.equal(newestTemplate(name, [...INDEX].reverse()), file)
    })
  }

  it('orders consistently', () => {
    const version = fc.stringMatching(/^[0-9a-z.-]{0,8}$/)
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
      }),
    )
  })
})
