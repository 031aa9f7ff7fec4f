// What is shipped: the npm package with its man page and schema, and a tarball that runs where there is neither npm nor Node.js.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What the start script of the tarball and the lab call; node and npm are not among it. */
const PROGRAMS = ['bash', 'sh', 'dirname', 'readlink', 'basename', 'uname', 'cat', 'ls', 'env', 'sed', 'ip']

describe('what is shipped', function () {
  this.timeout(300_000)
  let folder = ''
  let copy = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-pack-'))
    copy = join(folder, 'checkout')
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    for (const file of String(files).split('\0').filter(Boolean)) {
      if (!existsSync(join(root, file))) continue
      mkdirSync(dirname(join(copy, file)), { recursive: true })
      cpSync(join(root, file), join(copy, file))
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    execFileSync('git', ['init', '-q'], { cwd: copy })
    const me = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false']
    execFileSync('git', [...me, 'commit', '-q', '--allow-empty', '-m', 'x'], { cwd: copy })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('npm pack: program, templates, schema, man page, changelog; no sources and no tests', async () => {
    const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy })
    const [{ files, filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')))
    const paths: string[] = files.map(({ path }: { path: string }) => path)
    const wanted = ['bin/run.js', 'dist/commands/verify.js', 'dist/man/orion.1', 'templates/site.schema.json']
    for (const path of [
      ...wanted,
      'templates/sites/orion.yaml',
      'oclif.manifest.json',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
    ])
      assert.ok(paths.includes(path), path)
    assert.deepEqual(
      paths.filter((path) => /^(src|test|bin\/(?!run\.js)|\.)|\.ts$/.test(path)),
      [],
    )
    const prefix = join(folder, 'global')
    await execa('npm', ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, join(folder, filename)], {
      timeout: 240_000,
    })
    assert.ok(existsSync(join(prefix, 'share/man/man1/orion.1')))
    const { stdout: says } = await execa(join(prefix, 'bin/orion'), ['--version'], { cwd: folder })
    assert.match(says, /^orion-pve\/\d+\.\d+\.\d+ /)
  })

  it('the tarball builds ORION in the lab without npm, Node.js or a network', async function () {
    if (process.getuid?.() !== 0) this.skip() // A network namespace of its own is root's.
    await execa(process.execPath, ['bin/pack.js'], { cwd: copy })
    const [tarball, ...others] = readdirSync(join(copy, 'dist')).filter((name) => name.endsWith('.tar.gz'))
    assert.ok(tarball?.endsWith(`-${process.platform}-${process.arch}.tar.gz`), tarball)
    assert.deepEqual(others, [])
    const there = join(folder, 'there')
    mkdirSync(join(there, 'bin'), { recursive: true })
    for (const name of PROGRAMS) symlinkSync(execFileSync('which', [name]).toString().trim(), join(there, 'bin', name))
    execFileSync('tar', ['-xzf', join(copy, 'dist', tarball ?? ''), '-C', there])
    const env = { PATH: join(there, 'bin'), HOME: there, XDG_STATE_HOME: join(there, 'state'), NO_COLOR: '1' }
    const alone = (command: string) =>
      execa(
        '/usr/bin/unshare',
        ['--net', '--pid', '--fork', '--kill-child', join(there, 'bin/sh'), '-c', `ip link set lo up && ${command}`],
        {
          env,
          extendEnv: false,
          cwd: there,
          reject: false,
        },
      )
    assert.notEqual((await alone('node --version')).exitCode, 0)
    const built = await alone('orion/bin/orion bootstrap --lab --yes')
    assert.equal(built.exitCode, 0, built.stderr)
    assert.match(built.stdout, /Verify: \d+ ok/)
  })
})
