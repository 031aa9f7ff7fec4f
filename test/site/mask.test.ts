import assert from 'node:assert/strict'
import { parseDocument } from 'yaml'
import { namesSecret, secretsOfText } from '../../src/site/mask.ts'
import type { Range } from '../../src/site/range.ts'
import { readTree } from '../../src/site/tree.ts'

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
    'presharedKey',
    'api_key',
    'private-key',
    'pwd',
    'dbPass',
    'credentials',
  ]) {
    it(`${key} names a secret`, () => assert.equal(namesSecret(key), true))
  }
  for (const key of [
    'sshKeys',
    'passthrough',
    'bypass',
    'key',
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

  const shown = (text: string, ranges: readonly Range[]) =>
    ranges
      .map(([from, to]) => text.slice(from, to))
      .filter(Boolean)
      .join(' | ')

  /** What stands behind `password: `, and what of it is hidden. */
  const rows: [string, string][] = [
    ['hunter2', 'hunter2'],
    ['"hunter2"', '"hunter2"'],
    ['[a, b]', '[a, b]'],
    ['&hunter2 x', '&hunter2 x'],
    ['#hunter2', '#hunter2'],
    ['{ env: NAME }', ''],
    ['{ file: pw }', ''],
    ['{ command: [pass, x] }', ''],
    ['{ env: NAME } # it was hunter2', '# it was hunter2'],
    ['{ id: me@pve!to, secret: { env: A } }', ''],
    ['{ id: me@pve!to=hunter2 }', 'me@pve!to=hunter2'],
    ...['{ env: hunter2 }', '{ value: hunter2 }', '{{ hunter2 }}', '{ hunter2: 1 }', '{ env: A, file: hunter2 }'].map(
      (text): [string, string] => [text, text],
    ),
    ...['{ file: { hunter2: x } }', '{ command: hunter2 }'].map((text): [string, string] => [text, text]),
  ]
  for (const [value, hidden] of rows) {
    it(`hides of ${value}: ${hidden || 'nothing'}`, () => {
      const text = `password: ${value}`
      assert.equal(shown(text, readTree(parseDocument(text), text).secrets), hidden)
    })
  }
  it('hides what an alias stands for', () => {
    const text = 'a: &x hunter2\npassword: *x\n'
    assert.equal(shown(text, readTree(parseDocument(text), text).secrets), '*x | hunter2')
  })

  /** The same where the text is no YAML. */
  const broken: [string, string][] = [
    ['password: hunter2 [', 'hunter2 ['],
    ['{ id: 1, "token": !hunter2 x }', '!hunter2 x }'],
    ['password: { env: NAME }\n[', ''],
    ['token: { id: a@b!c, secret: *hunter2 x } }', '*hunter2 x } }'],
    ['password:\nhunter2\nnext: 1', 'hunter2'],
    ['password: |\n   hunter2\n  hunter3\n# next', '| |    hunter2 |   hunter3'],
  ]
  for (const [text, hidden] of broken)
    it(`hides of ${JSON.stringify(text)}: ${hidden || 'nothing'}`, () =>
      assert.equal(shown(text, secretsOfText(text)), hidden))
  it('reads any text in linear time', () => {
    for (const part of ['password: x ', '{', 'password:\n', '{ secret: ', '- - - ', 'a'])
      secretsOfText(part.repeat(200_000 / part.length))
  })
})
