import assert from 'node:assert/strict'
import { parseDocument } from 'yaml'
import { namesSecret, secretRanges } from '../../src/site/mask.ts'

describe('mask', () => {
  for (const key of [
    'password',
    'cipassword',
    'pasword',
    'passwrod',
    'secret',
    'sekret',
    'token',
    'tokn',
    'authKey',
    'presharedKey_psk',
  ]) {
    it(`${key} names a secret`, () => assert.equal(namesSecret(key), true))
  }
  for (const key of [
    'sshKeys',
    'node',
    'storage',
    'router',
    'address',
    'ports',
    'description',
    'toString',
    'to',
    'x'.repeat(1000),
  ]) {
    it(`${key.slice(0, 20)} names none`, () => assert.equal(namesSecret(key), false))
  }

  const rows: [string, string][] = [
    ['hunter2', 'hunter2'],
    ['"hunter2"', '"hunter2"'],
    ['[a, b]', '[a, b]'],
    ['{ env: NAME }', ''],
    ['{ file: pw }', ''],
    ['{ command: [pass, x] }', ''],
    ['{ id: me@pve!to, secret: { env: A } }', ''],
    ['{ id: me@pve!to=hunter2 }', 'me@pve!to=hunter2'],
    ['{ env: "not a name" }', '"not a name"'],
    ['{ value: hunter2 }', 'hunter2'],
  ]
  for (const [text, hidden] of rows) {
    it(`hides of ${text}: ${hidden || 'nothing'}`, () => {
      const ranges = secretRanges(parseDocument(text).contents)
      assert.equal(ranges.map(([from, to]) => text.slice(from, to)).join(), hidden)
    })
  }
})
