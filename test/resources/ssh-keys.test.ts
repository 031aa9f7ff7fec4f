// Keys survive the encoding that Proxmox VE wants.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeKeys, encodeKeys, plainKeys, showKeys } from '../../src/resources/ssh-keys.ts'

const KEY = 'ssh-ed25519 AAAAC3Nza+/C1lZDI1NTE5= admin:ops@site (laptop) 100%'
const line = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !/[\n\r]/.test(text))

describe('resources/ssh-keys', () => {
  it('is exactly encodeURIComponent of the lines', () => {
    assert.equal(encodeKeys([KEY, ` ${KEY} `]), encodeURIComponent(`${KEY}\n${KEY}`))
  })

  it('passes the check of Proxmox VE, and reads back', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (keys) => {
        const sent = encodeKeys(keys)
        assert.match(sent, /^[-%a-zA-Z0-9_.!~*'()]*$/)
        assert.equal(decodeKeys(sent), plainKeys(keys))
        assert.equal(decodeKeys(`${sent}%0A`), plainKeys(keys))
      }),
    )
  })

  it('reads what another tool stored unencoded', () => assert.equal(decodeKeys(KEY), KEY))

  it('shows type, end and comment', () =>
    assert.equal(showKeys('ssh-rsa AAAABBBBCCCCDDDD ops@site'), 'ssh-rsa …CCCCDDDD ops@site'))
})
