// How SSH reaches a host: what each key takes.
import assert from 'node:assert/strict'
import { ssh } from '../../../src/site/schema/ssh.ts'

const takes = (settings: object): boolean => ssh.safeParse(settings).success

describe('schema/ssh', () => {
  const rows: [string, readonly unknown[], readonly unknown[]][] = [
    [
      'user',
      ['root', 'admin', 'svc_orion', 'a.b', '_x'],
      ['', '-oProxyCommand=x', 'a b', 'a@b', 'a:b', '0a', 'x'.repeat(33), 'ä', 3],
    ],
    ['port', [1, 22, 65535], [0, 65536, '22', 2.5]],
    [
      'identityFile',
      ['~/.ssh/id_ed25519', '/etc/orion/key', '~/my keys/id "a"', "/a'b"],
      ['id_ed25519', './id', '~', '~other/id', '/', '/a\nb', '/a\0b', '/a\u2028b', `/${'x'.repeat(1024)}`],
    ],
    ['passphrase', [{ env: 'A' }, { file: 'a' }, { command: ['pass', 'a'] }], ['hunter2', { env: 'a b' }, {}]],
    [
      'proxyJump',
      [
        'none',
        'gate',
        'gate.example.net',
        'me@gate:2222',
        'a,b@c:22,[2001:db8::1]:22',
        'me@[fd00::1]',
        'my_alias',
        '10.0.0.1',
      ],
      [
        '',
        'a,',
        ',a',
        'a:0',
        'a:70000',
        'a:',
        '@a',
        'a@@b',
        '-oProxyCommand=x',
        'a b',
        'a;b',
        '$(a)',
        '[10.0.0.1]',
        '[::g]',
        '::1:22',
        'ssh://a',
        'a\n',
      ],
    ],
    ['alsoAt', ['10.0.0.1', ['10.0.0.1', 'fd00::1', 'vpn.example.net']], [[], 'a b', '10.0.0', Array(9).fill('a')]],
  ]
  for (const [key, good, bad] of rows) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(takes({ [key]: value })))
    for (const value of bad) it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!takes({ [key]: value })))
  }
})
