// Files of a host, read and written over a real connection.
import assert from 'node:assert/strict'
import { chmod, link, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host, HostFile } from '../../src/host/host.ts'
import { skip } from '../setup.ts'
import { isRoot, needsSshd, type Sshd, startSshd } from './sshd.ts'

describe('files of a host', () => {
  let sshd: Sshd
  let host: Host
  let dir: string
  before(async function () {
    await needsSshd(this)
    if (!isRoot) skip(this, 'files of root are written by root only')
    sshd = await startSshd()
    host = sshd.host()
  })
  after(async () => await sshd?.stop())
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-files-'))
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  /** No file of ours is left beside the others. */
  const noRest = async () =>
    assert.deepEqual(
      (await readdir(dir, { recursive: true })).filter((name) => /orion/.test(name)),
      [],
    )

  const NAMES = [
    'plain',
    '-x',
    '--',
    'with space',
    "it's",
    '"quoted"',
    '$(reboot)',
    'ü 漢',
    '*',
    'back\\slash',
    'new\nline',
    'a,b&c',
    `${'n'.repeat(180)}`,
  ]
  const TEXTS = [
    '',
    'one line\n',
    'no end',
    '\ufeffbom',
    'nul \0 byte',
    'ü漢🙂\r\n',
    '\u0001\u007f',
    'x'.repeat(3_000_000),
  ]

  it('any name and any text comes back as it was', async () => {
    const files = NAMES.map((name, index) => ({
      path: join(dir, 'deep er', name),
      text: TEXTS[index % TEXTS.length] ?? '',
    }))
    await host.write(files)
    const { files: seen } = await host.read({ files: files.map(({ path }) => path) })
    assert.equal(seen.size, files.length)
    for (const { path, text } of files) {
      assert.ok(seen.get(path)?.text === text, path)
      assert.ok((await readFile(path, 'utf8')) === text, path)
    }
    await noRest()
  })

  it('mode and owner are as asked, also over an old file; parents are made', async () => {
    const path = join(dir, 'secret')
    await writeFile(path, 'old', { mode: 0o777 })
    const files: HostFile[] = [
      { path, text: 'new', mode: 0o600 },
      { path: join(dir, 'a', 'b', 'tool'), text: '#!/bin/sh\n', mode: 0o755 },
      { path: join(dir, 'a', 'conf'), text: '' },
    ]
    await host.write(files)
    const modes = await Promise.all(files.map(async (file) => (await stat(file.path)).mode & 0o7777))
    assert.deepEqual(modes, [0o600, 0o755, 0o644])
    assert.equal((await stat(path)).uid, 0)
    assert.equal((await stat(join(dir, 'a'))).mode & 0o7777, 0o755)
    const seen = await host.read({ files: [path] })
    assert.deepEqual(seen.files.get(path), { kind: 'file', text: 'new', mode: 0o600, owner: 'root', group: 'root' })
  })

  it('a file has the group that is asked for; one that the host does not know is an error, and nothing was replaced', async () => {
    const path = join(dir, 'group')
    await host.write([{ path, text: 'new', mode: 0o640, group: 'mail' }])
    const seen = await host.read({ files: [path] })
    assert.deepEqual(seen.files.get(path), { kind: 'file', text: 'new', mode: 0o640, owner: 'root', group: 'mail' })
    const writing = host.write([
      { path, text: 'newer' },
      { path: join(dir, 'other'), text: 'x', group: 'no-such' },
    ])
    await assert.rejects(writing, { code: 'E_HOST_COMMAND', message: /other: its group does not exist/ })
    assert.equal(await readFile(path, 'utf8'), 'new')
    await noRest()
  })

  it('removes, and what is not there is no error', async () => {
    await writeFile(join(dir, '-f'), '')
    await symlink('/etc/passwd', join(dir, 'link'))
    await host.write(['-f', 'link', 'none', 'none/deeper'].map((name) => ({ path: join(dir, name), text: undefined })))
    assert.deepEqual(await readdir(dir), [])
    assert.ok((await stat('/etc/passwd')).isFile())
  })

  it('a link at the place is replaced, not followed; a linked folder above is followed', async () => {
    await writeFile(join(dir, 'target'), 'target')
    await symlink('target', join(dir, 'link'))
    await mkdir(join(dir, 'real'))
    await symlink('real', join(dir, 'folder'))
    await host.write([
      { path: join(dir, 'link'), text: 'mine' },
      { path: join(dir, 'folder', 'file'), text: 'through' },
    ])
    assert.equal((await lstat(join(dir, 'link'))).isFile(), true)
    assert.equal(await readFile(join(dir, 'target'), 'utf8'), 'target')
    assert.equal(await readFile(join(dir, 'real', 'file'), 'utf8'), 'through')
  })

  it('a folder at the place is an error, and nothing was replaced', async () => {
    await mkdir(join(dir, 'folder'))
    await writeFile(join(dir, 'first'), 'old')
    const writing = host.write([
      { path: join(dir, 'first'), text: 'new' },
      { path: join(dir, 'folder'), text: 'x' },
      { path: join(dir, 'first', 'below-a-file'), text: undefined },
    ])
    await assert.rejects(writing, {
      code: 'E_HOST_COMMAND',
      message: /orion-write ended with code 1\n.*folder is a folder/,
    })
    assert.equal(await readFile(join(dir, 'first'), 'utf8'), 'old')
    await noRest()
  })

  it('a place below a file is an error, and nothing was replaced', async () => {
    await writeFile(join(dir, 'first'), 'old')
    const writing = host.write([
      { path: join(dir, 'other'), text: 'new' },
      { path: join(dir, 'first', 'below'), text: 'x' },
    ])
    await assert.rejects(writing, { code: 'E_HOST_COMMAND' })
    assert.deepEqual(await readdir(dir), ['first'])
  })

  it('kinds: links, folders, what is no text, hard links, rights', async () => {
    await writeFile(join(dir, 'a'), 'same', { mode: 0o640 })
    await link(join(dir, 'a'), join(dir, 'b'))
    await symlink('nowhere', join(dir, 'link'))
    await mkdir(join(dir, 'folder'))
    await writeFile(join(dir, 'latin1'), Buffer.from([0xe4, 0x0a]))
    await chmod(join(dir, 'a'), 0o640)
    const names = ['a', 'b', 'link', 'folder', 'latin1', 'none']
    const { files } = await host.read({ files: names.map((name) => join(dir, name)) })
    const kinds = names.map((name) => files.get(join(dir, name))).map((file) => file && `${file.kind} ${file.text}`)
    assert.deepEqual(kinds, ['file same', 'file same', 'link nowhere', 'other ', 'other ', undefined])
    assert.equal(files.get(join(dir, 'b'))?.mode, 0o640)
  })

  it('programs: by name, in any order, their codes, big and binary output, none of them reads ours', async () => {
    const { commands } = await host.read({
      files: ['/etc/hosts'],
      commands: {
        'a name with spaces': ['echo', "it's", '$HOME'],
        none: ['no-such-program'],
        fails: ['sh', '-c', 'echo said; echo err >&2; exit 3'],
        reads: ['cat'],
        big: ['head', '-c', '500000', '/dev/zero'],
        empty: ['true'],
      },
    })
    assert.deepEqual(commands.get('a name with spaces'), { code: 0, stdout: "it's $HOME\n", stderr: '' })
    assert.equal(commands.get('none')?.code, 127)
    assert.deepEqual(commands.get('fails'), { code: 3, stdout: 'said\n', stderr: '' })
    assert.deepEqual(commands.get('reads'), { code: 0, stdout: '', stderr: '' })
    assert.equal(commands.get('big')?.stdout.length, 500_000)
    assert.deepEqual(commands.get('empty'), { code: 0, stdout: '', stderr: '' })
  })

  it('nothing asked, nothing there', async () => {
    const empty = await host.read({})
    assert.deepEqual([empty.files.size, empty.commands.size], [0, 0])
    assert.equal((await host.read({ files: [join(dir, 'none')] })).files.size, 0)
    await host.write([])
  })

  it('more names than one command line carries', async () => {
    const files = Array.from({ length: 520 }, (_, index) => ({
      path: join(dir, `${index}-${'n'.repeat(130)}`),
      text: `${index}`,
    }))
    await host.write(files)
    const { files: seen } = await host.read({ files: files.map(({ path }) => path) })
    assert.equal(seen.size, 520)
    assert.equal(seen.get(files[519]?.path ?? '')?.text, '519')
  }).timeout(60_000)

  for (const path of ['relative', '/a/../b', '/a//b', '/a/', '/', '/a/./b', '/a\0b', '/proc/cmdline', '/sys/class'])
    it(`refuses ${JSON.stringify(path)}`, async () => {
      await assert.rejects(host.read({ files: [path] }), /absolute path|by a program only/)
      await assert.rejects(host.write([{ path, text: '' }]), /absolute path|by a program only/)
    })
})
