import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { OrionError } from '../../src/errors.ts'
import type { SecretRef } from '../../src/site/secret.ts'
import { resolveSecret, Secret, secretName } from '../../src/site/secret.ts'

describe('secret', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-secret-'))
    const files: [string, string, number][] = [
      ['good', 'hunter2\n', 0o600],
      ['open', 'hunter2\n', 0o644],
      ['lines', 'hunter2\nhunter3\n', 0o600],
      ['empty', '\n', 0o600],
    ]
    for (const [name, text, mode] of files) {
      await writeFile(join(folder, name), text)
      await chmod(join(folder, name), mode)
    }
  })
  after(async () => await rm(folder, { recursive: true, force: true }))

  const resolve = async (ref: SecretRef, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
    await resolveSecret(ref, {
      file: join(folder, 'orion.yaml'),
      home: folder,
      env: { GOOD: 'hunter2', EMPTY: '', LINES: 'hunter2\nx' },
      ...more,
    })
  const node = (code: string): SecretRef => ({ command: [process.execPath, '-e', code] })

  const good: [string, SecretRef][] = [
    ['a variable', { env: 'GOOD' }],
    ['a file beside the site file', { file: 'good' }],
    ['a file of the home', { file: '~/good' }],
    ['a command', node('console.log("hunter2"); console.log("more"); console.error("noise")')],
    [
      'arguments as they are, without a shell',
      {
        command: [
          process.execPath,
          '-e',
          'console.log(process.argv[1] === "$(id) `id` ; a  b" ? "hunter2" : "")',
          '$(id) `id` ; a  b',
        ],
      },
    ],
  ]
  for (const [title, ref] of good)
    it(`reads ${title}`, async () => assert.equal((await resolve(ref)).reveal(), 'hunter2'))

  const bad: [string, SecretRef, RegExp][] = [
    ['a variable that is not set', { env: 'NONE' }, /environment variable NONE is not set/],
    ['an empty variable', { env: 'EMPTY' }, /EMPTY is not set/],
    ['an inherited name', { env: 'toString' }, /toString is not set/],
    ['a variable of two lines', { env: 'LINES' }, /more than one line/],
    ['a missing file', { file: 'none' }, /none cannot be read: ENOENT/],
    ['a directory', { file: '.' }, /is not a file/],
    ['a file that others may read', { file: 'open' }, /may be read by other users/],
    ['a file of two lines', { file: 'lines' }, /more than one line/],
    ['an empty file', { file: 'empty' }, /holds nothing/],
    ['a missing program', { command: ['orion-no-such-program'] }, /orion-no-such-program does not exist/],
    [
      'a program that fails',
      node('console.log("hunter2"); console.error("hunter2"); process.exit(3)'),
      /failed with exit code 3/,
    ],
    ['a program that says nothing', node(''), /holds nothing/],
    ['a program that talks too much', node('process.stdout.write("hunter2".repeat(1e5))'), /printed too much/],
  ]
  for (const [title, ref, words] of bad) {
    it(`refuses ${title}, and repeats nothing`, async () => {
      await assert.rejects(resolve(ref), (error) => {
        assert.ok(error instanceof OrionError)
        assert.equal(error.code, 'E_SECRET')
        assert.match(error.message, words)
        assert.doesNotMatch(inspect(error, { depth: 9 }).replaceAll(import.meta.filename, ''), /hunter2|hunter3/)
        return true
      })
    })
  }
  it('stops a program that hangs', async () => {
    await assert.rejects(resolve(node('setTimeout(() => {}, 60000)'), { timeoutMs: 300 }), /did not end in time/)
  })
  it('stops on Ctrl-C', async () => {
    const signal = AbortSignal.abort()
    await assert.rejects(resolve(node('setTimeout(() => {}, 60000)'), { signal }), { code: 'E_INTERRUPTED' })
  })

  it('prints as ***, whatever prints it', () => {
    const secret = new Secret('hunter2')
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true }),
      format('%s %o %j', secret, secret, secret),
    ]
    assert.doesNotMatch(printed.join(), /hunter2/)
    assert.deepEqual({ ...secret }, {})
    assert.equal(structuredClone(Object.keys(secret)).length, 0)
  })
  it('has a name for people, without arguments', () => {
    assert.deepEqual(
      [secretName({ env: 'A' }), secretName({ file: 'b' }), secretName({ command: ['pass', 'hunter2'] })],
      ['$A', 'b', 'the command pass'],
    )
  })
})
