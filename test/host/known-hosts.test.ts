// Lines of known_hosts: which key is known for which name.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addKnown, getHostName, readKnown } from '../../src/host/known-hosts.ts'
import { keygen, needsSshd } from './sshd.ts'

describe('known_hosts', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-known-'))
  })
  after(async () => await rm(dir, { recursive: true, force: true }))

  async function found(text: string, name: string): Promise<string[]> {
    const file = join(dir, 'known_hosts')
    await writeFile(file, text)
    const { keys, authorities, revoked } = await readKnown([file, join(dir, 'none')], name)
    const list = (kind: string, entries: readonly { key: string; place: string }[]) =>
      entries.map(({ key, place }) => `${kind}${key}:${place.split(':').at(-1)}`)
    return [...list('', keys), ...list('ca ', authorities), ...list('revoked ', revoked)]
  }

  const rows: readonly [title: string, text: string, name: string, want: readonly string[]][] = [
    ['plain', 'r730 ssh-ed25519 AAA', 'r730', ['AAA:1']],
    ['another host', 'r731 ssh-ed25519 AAA', 'r730', []],
    ['a list', 'x,10.0.0.1,r730 ssh-rsa AAA comment here', '10.0.0.1', ['AAA:1']],
    ['two types', 'r730 ssh-rsa A\nr730 ssh-ed25519 B', 'r730', ['A:1', 'B:2']],
    ['comments, empty and broken lines', '# r730 ssh-rsa A\n\nr730 ssh-rsa\nr730 ssh-rsa B', 'r730', ['B:4']],
    ['a port is part of the name', 'r730 ssh-rsa A\n[r730]:2222 ssh-rsa B', '[r730]:2222', ['B:2']],
    ['no port for 22', '[r730]:2222 ssh-rsa B', 'r730', []],
    ['wildcards', '*.lab,r73? ssh-rsa A', 'r730', ['A:1']],
    ['a dot is a dot', '10.0.0.1 ssh-rsa A', '10a0.0.1', []],
    ['negation', '*.lab,!bad.lab ssh-rsa A', 'bad.lab', []],
    ['negation of another', '*.lab,!bad.lab ssh-rsa A', 'good.lab', ['A:1']],
    ['upper case', 'R730.Lab ssh-rsa A', 'r730.lab', ['A:1']],
    ['tabs and spaces', '  r730\tssh-rsa \t A', 'r730', ['A:1']],
    ['authority', '@cert-authority *.lab ssh-ed25519 A', 'a.lab', ['ca A:1']],
    ['revoked', '@revoked * ssh-ed25519 A', 'r730', ['revoked A:1']],
    ['a marker of the future trusts nothing', '@future r730 ssh-ed25519 A', 'r730', []],
    ['CRLF', 'r730 ssh-rsa A\r\n', 'r730', ['A:1']],
    ['IPv6', '[fd00::1]:22022 ssh-rsa A\nfd00::1 ssh-rsa B', 'fd00::1', ['B:2']],
    ['a broken hash', '|1|zz ssh-rsa A\n|2|a|b ssh-rsa A', 'r730', []],
  ]
  for (const [title, text, name, want] of rows)
    it(title, async () => {
      assert.deepEqual(await found(text, name), want)
    })

  it('names: lower case, the port unless 22', () => {
    assert.equal(getHostName('R730', 22), 'r730')
    assert.equal(getHostName('10.0.0.1', 2222), '[10.0.0.1]:2222')
  })

  it('hashed names as ssh-keygen -H makes them', async function () {
    await needsSshd(this)
    const file = join(dir, 'hashed')
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJx9qEvpvJqRr1fLmYQ2k3bWq0vV1m9jB3sJzqWk0w0F'
    await writeFile(file, `r730 ssh-ed25519 ${key}\n[10.0.0.1]:2222 ssh-ed25519 ${key}\n`)
    await keygen('-H', '-f', file)
    assert.match(await readFile(file, 'utf8'), /^\|1\|.*\n\|1\|/)
    for (const name of ['r730', '[10.0.0.1]:2222']) assert.equal((await readKnown([file], name)).keys.length, 1)
    assert.equal((await readKnown([file], '10.0.0.1')).keys.length, 0)
  })

  it('adds a line of its own, for the owner alone', async () => {
    const file = join(dir, 'new', 'known_hosts')
    await addKnown(file, 'a', 'ssh-rsa', Buffer.from('one'))
    await writeFile(file, 'b ssh-rsa X')
    await addKnown(file, 'r730', 'ssh-rsa', Buffer.from('two'))
    assert.equal(await readFile(file, 'utf8'), `b ssh-rsa X\nr730 ssh-rsa ${Buffer.from('two').toString('base64')}\n`)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })
})
