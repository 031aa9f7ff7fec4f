import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { isPublicKey, parseKeys, readKeys } from '../../src/site/ssh-key.ts'
import { findingsOf, guestsOf, KEY, parse, siteText } from './site-text.ts'

const PRIVATE = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaHNlY3JldA==\n-----END OPENSSH PRIVATE KEY-----\n'

describe('ssh-key', () => {
  let home = ''
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'orion-key-'))
    await mkdir(join(home, '.ssh'))
    await writeFile(join(home, '.ssh/id.pub'), `# mine\n${KEY}\r\n\n${KEY} two\n`)
    await writeFile(join(home, '.ssh/id'), PRIVATE)
    await writeFile(join(home, '.ssh/junk.pub'), 'hello\n')
    await writeFile(join(home, '.ssh/empty.pub'), '\n')
    await writeFile(join(home, '.ssh/large.pub'), 'x'.repeat(100_000))
  })
  after(async () => await rm(home, { recursive: true, force: true }))

  const read = async (entry: string, standInKey?: string) =>
    (await readKeys([entry], { file: join(home, 'orion.yaml'), home, standInKey })).get(entry)

  it('takes a literal key', async () => assert.deepEqual(await read(KEY), { keys: [KEY] }))
  it('reads a file of the home, or beside the site file', async () => {
    const wanted = { keys: [KEY, `${KEY} two`] }
    assert.deepEqual(await read('~/.ssh/id.pub'), wanted)
    assert.deepEqual(await read('.ssh/id.pub'), wanted)
    assert.deepEqual(await read(join(home, '.ssh/id.pub')), wanted)
  })

  const problems: [string, RegExp][] = [
    ['~/.ssh/none.pub', /^~\/\.ssh\/none\.pub does not exist: make a key with ssh-keygen -t ed25519, or name another$/],
    ['~/.ssh/id', /^~\/\.ssh\/id holds a private key/],
    [PRIVATE, /^is a private key: give the public one/],
    ['~/.ssh/junk.pub', /holds something that is not a public key/],
    ['~/.ssh/empty.pub', /holds no public key/],
    ['~/.ssh/large.pub', /too large/],
    ['~/.ssh', /is not a file/],
    ['ssh-ed25519 AAAA', /holds something that is not a public key/],
    ['me@host', /is neither a public key of OpenSSH nor the path of one/],
  ]
  for (const [entry, words] of problems) {
    it(`says what is wrong with ${entry.slice(0, 30).replace('\n', ' ')}`, async () => {
      const source = await read(entry)
      assert.ok(source !== undefined && 'problem' in source)
      assert.match(source.problem, words)
      assert.doesNotMatch(source.problem, /b3Bl/)
    })
  }

  it('puts the stand-in key in the place of a missing file only', async () => {
    assert.deepEqual(await read('~/.ssh/none.pub', KEY), {
      keys: [KEY],
      warning: '~/.ssh/none.pub does not exist: in the lab, a key made for it stands in',
    })
    assert.match(JSON.stringify(await read('~/.ssh/junk.pub', KEY)), /problem/)
  })
  it('accepts no random text', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(isPublicKey(text), false)))
    assert.equal(isPublicKey(`${KEY} comment`), true)
    assert.equal(isPublicKey(`${KEY} a\u0007b`), false)
    assert.ok('keys' in parseKeys(KEY))
  })

  it('is reported once where it stands, however many guests have it', async () => {
    const defaults = 'defaults: { guest: { storage: disks, memory: 1G, disk: 8G, sshKeys: [~/.ssh/none.pub] } }'
    const text = siteText({ defaults, guests: 'guests: { a: { id: 100-109 } }' })
    assert.deepEqual(await findingsOf(text.replace('~/', '/nowhere/')), [
      '6:70 defaults.guest.sshKeys.0: /nowhere/.ssh/none.pub does not exist: make a key with ssh-keygen -t ed25519, or name another',
    ])
    const site = await parse(text, { home, standInKey: KEY })
    assert.deepEqual(
      site.warnings.map(({ line, column }) => [line, column]),
      [[6, 70]],
    )
    assert.deepEqual(site.guests[9]?.sshKeys, [KEY])
  })
  it('never repeats a private key', async () => {
    const text = siteText({ guests: `guests: { a: { id: 100, sshKeys: ["${PRIVATE.replaceAll('\n', '\\n')}"] } }` })
    const found = await findingsOf(text)
    assert.equal(found.length, 1)
    assert.doesNotMatch(found.join(), /b3Bl/)
  })
  it('gives each key once', async () => {
    const [guest] = await guestsOf(`{ a: { id: 100, sshKeys: ["${KEY}", "${KEY}"] } }`)
    assert.deepEqual(guest?.sshKeys, [KEY])
  })
})
