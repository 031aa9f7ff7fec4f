// The key of Tailscale's packages: only the one that is known, in whatever dress, and nothing beside it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { trustedKey } from '../../../src/parts/apt/package-key.ts'

const BODY = Buffer.concat([Buffer.from([4, 0x60, 0, 0, 0, 1]), Buffer.alloc(300, 7)])
const FINGERPRINT = createHash('sha1')
  .update(Buffer.from([0x99, BODY.length >> 8, BODY.length & 255]))
  .update(BODY)
  .digest('hex')
const old = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x80 | (tag << 2) | 1, body.length >> 8, body.length & 255]), body])
const fresh = (tag: number, body: Buffer): Buffer => {
  const { length } = body
  const head = length < 192 ? [length] : [192 + ((length - 192) >> 8), (length - 192) & 255]
  return Buffer.concat([Buffer.from([0xc0 | tag, ...head]), body])
}
const USER = Buffer.from('Somebody <somebody@example.net>')
const KEY = Buffer.concat([
  old(6, BODY),
  old(13, USER),
  old(2, Buffer.alloc(250, 1)),
  old(14, BODY),
  old(2, Buffer.alloc(9)),
])
const armour = (bytes: Buffer, head = ''): Buffer => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return Buffer.from(
    [
      '-----BEGIN PGP PUBLIC KEY BLOCK-----',
      ...(head === '' ? [] : [head]),
      '',
      ...lines,
      '-----END PGP PUBLIC KEY BLOCK-----',
      '',
    ].join('\n'),
  )
}
/** Tailscale's. */
const OTHER = '2596a99eaab33821893c0a79458ca832957f5868'
const trusted = (bytes: Buffer) => trustedKey(bytes, FINGERPRINT)

describe('parts/apt/package-key', () => {
  it('takes the known key in every dress, and makes one of it', () => {
    const text = trusted(KEY) ?? assert.fail()
    assert.equal(trusted(armour(KEY)), text)
    assert.equal(trusted(armour(KEY, 'Comment: of somebody')), text)
    assert.equal(trusted(Buffer.from(text)), text)
    assert.equal(trusted(Buffer.from(text.replaceAll('\n', '\r\n'))), text)
    assert.notEqual(trusted(Buffer.concat([fresh(6, BODY), fresh(13, USER)])), undefined)
  })

  for (const [what, bytes] of [
    ['another key', old(6, Buffer.concat([BODY, Buffer.from([1])]))],
    ['a second key behind it', Buffer.concat([KEY, old(6, BODY)])],
    ['another key behind it', Buffer.concat([KEY, fresh(6, Buffer.alloc(20, 4))])],
    ['another key before it', Buffer.concat([old(6, Buffer.alloc(20, 4)), KEY])],
    ['a secret key', old(5, BODY)],
    ['a subkey alone', old(14, BODY)],
    ['a key that is cut', KEY.subarray(0, -1)],
    ['something behind it', Buffer.concat([KEY, Buffer.from('x')])],
    ['nothing', Buffer.alloc(0)],
    ['a page of a captive portal', Buffer.from('<html>Welcome</html>')],
    ['two blocks', Buffer.concat([armour(KEY), armour(old(6, Buffer.alloc(20, 4)))])],
  ] as const)
    it(`refuses ${what}`, () => assert.equal(trusted(bytes), undefined))

  it('knows no other key than Tailscale’s by itself, and bears any bytes', () => {
    assert.equal(trustedKey(KEY, OTHER), undefined)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => trustedKey(Buffer.from(bytes), OTHER) === undefined),
    )
    fc.assert(
      fc.property(fc.nat(KEY.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = Buffer.from(KEY)
        broken[at] = (broken[at] ?? 0) ^ flip
        // Only the primary key is ours to know: apt itself checks what hangs on it.
        if (at < BODY.length + 3 && at > 0) assert.equal(trusted(broken), undefined)
      }),
    )
  })
})
