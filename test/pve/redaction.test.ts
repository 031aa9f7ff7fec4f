import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getSecrets, redact } from '../../src/pve/redaction.ts'

describe('redaction', () => {
  const secret = [
    'password',
    'cipassword',
    'new-password',
    'secret',
    'sshkeys',
    'ssh-public-keys',
    'token',
    'ticket',
    'otp',
    'encryption-key',
    'key',
  ]
  for (const name of secret) {
    it(`${name} is secret`, () =>
      assert.equal(redact('it was tr0ub4dor', getSecrets({ [name]: 'tr0ub4dor' })), 'it was ***'))
  }
  for (const name of ['tokenid', 'userid', 'keyboard', 'comment', 'net0']) {
    it(`${name} is not`, () => assert.deepEqual(getSecrets({ [name]: 'x' }), []))
  }

  it('knows tokens and tickets by their shape, and drops control characters', () => {
    assert.equal(
      redact('PVEAPIToken=a@pve!b=1234 PVE:root@pam:65F0C0DE::c2ln/+== \u001b[31m\nnext', []),
      'PVEAPIToken=*** ***  [31m\nnext',
    )
  })

  it('hides a value in every form', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 6 })
      .filter((text) => !'the value  again'.includes(text) && !text.includes('*'))
    fc.assert(
      fc.property(value, (password) => {
        const secrets = getSecrets({ password })
        for (const form of [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]) {
          assert.ok(!redact(`the value ${form} again`, secrets).includes(form))
        }
      }),
    )
  })
})
