// orion bootstrap answer through the built bin: the files, and an installer that asks; the node that appears is one of a lab.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { verify } from 'unixcrypt'
import { findLab } from '../../src/lab/lab.ts'
import { within } from '../hosts/inside.ts'
import { BIN, newOperator, type Operator } from './orion.ts'
import { openLabFor } from './rehearsal.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b me'
const PASSWORD = 'correct horse'
const MAC = 'aa:bb:cc:00:00:01'

const siteText = (more = '') => `site: small
domain: a.lan
nodes:
  n1:
    address: 127.0.0.1
    gateway: 127.0.0.2
    ports: { lan: eno1 }
${more}    install: { macs: { eno1: "${MAC}" }, disks: [sda], country: ca, rootPassword: { env: ROOT_PW }, sshKeys: ["${KEY}"] }
networks: { lan: { bridge: vmbr0, ipv4: 127.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
`

describe('orion bootstrap answer', function () {
  this.timeout(90_000)
  let operator: Operator
  let file: string
  before(() => {
    operator = newOperator()
    file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText())
  })
  after(() => operator.leave())

  it('writes the answer file and the script, for nobody else to read; a second time the same', async () => {
    const run = () => operator.run(['bootstrap', 'answer', 'n1'], { env: { ROOT_PW: PASSWORD } })
    const { exit, out, err } = await run()
    assert.equal(exit, 0, err)
    assert.match(out, /sda: emptied without a question, zfs raid0/)
    assert.match(out, /prepare-iso .* --answer-file n1-answer\.toml --on-first-boot n1-first-boot\.sh/)
    assert.ok(!(out + err).includes(PASSWORD))
    const path = join(operator.home, 'n1-answer.toml')
    const text = readFileSync(path, 'utf8')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.ok(!text.includes(PASSWORD))
    const { global } = parse(text) as { global: Record<string, string> }
    assert.ok(verify(PASSWORD, global['root-password-hashed'] ?? ''))
    const [, , salt] = (global['root-password-hashed'] ?? '').split('$')
    const hash = execFileSync('openssl', ['passwd', '-6', '-salt', salt ?? '', '-stdin'], { input: PASSWORD })
    assert.equal(String(hash).trim(), global['root-password-hashed'], 'as OpenSSL has it')
    assert.equal((await run()).exit, 0)
    assert.equal(readFileSync(path, 'utf8'), text)
    const other = await operator.run(['bootstrap', 'answer', 'n1'], { env: { ROOT_PW: `${PASSWORD}!` } })
    assert.equal(other.exit, 0)
    assert.notEqual(readFileSync(path, 'utf8'), text)
  })

  it('the script lays the keys down, once', () => {
    const root = join(operator.home, 'root')
    mkdirSync(root)
    const script = readFileSync(join(operator.home, 'n1-first-boot.sh'), 'utf8').replaceAll('/root/', `${root}/`)
    for (const _ of [1, 2]) execFileSync('sh', ['-c', script])
    const list = join(root, '.ssh/authorized_keys')
    assert.equal(readFileSync(list, 'utf8'), `${KEY}\n`)
    assert.equal(statSync(list).mode & 0o777, 0o600)
    writeFileSync(list, 'ssh-ed25519 AAAA without an end')
    execFileSync('sh', ['-c', script])
    assert.equal(readFileSync(list, 'utf8'), `ssh-ed25519 AAAA without an end\n${KEY}\n`)
  })

  it('refuses what it cannot do, and writes nothing', async () => {
    rmSync(join(operator.home, 'n1-answer.toml'))
    const rows: [args: string[], env: Record<string, string>, says: RegExp][] = [
      [['n1'], {}, /ROOT_PW/],
      [['n1'], { ROOT_PW: 'short' }, /8 to 64 characters/],
      [['n2'], { ROOT_PW: PASSWORD }, /no node named n2[\s\S]*nodes are named n1/],
      [['n1', '--out', 'orion.yaml'], { ROOT_PW: PASSWORD }, /orion\.yaml exists and is no answer file/],
      [['n1', '--listen', ':1'], { ROOT_PW: PASSWORD }, /--serve/],
      [['n1', '--serve', '--listen', 'x:y'], { ROOT_PW: PASSWORD }, /ADDRESS:PORT/],
      [['n1', '--serve', '--listen', 'x:y'], { ROOT_PW: 'short' }, /ADDRESS:PORT[\s\S]*8 to 64 characters/],
      [['n1', '--out', 'orion.yaml'], { ROOT_PW: 'short' }, /8 to 64 characters[\s\S]*no answer file/],
    ]
    for (const [args, env, says] of rows) {
      const { exit, err } = await operator.run(['bootstrap', 'answer', ...args], { env })
      assert.equal(exit, 2, err)
      assert.match(err, says)
    }
    assert.throws(() => statSync(join(operator.home, 'n1-answer.toml')))
    assert.equal(readFileSync(file, 'utf8'), siteText())
  })

  it('ends at once by Ctrl-C, answers nobody after that, and tells with --events where it answers', async () => {
    const env = { ...process.env, ...operator.env, ROOT_PW: PASSWORD }
    const words = ['bootstrap', 'answer', 'n1', '--serve', '--listen', '127.0.0.1:0', '--events', '--site', file]
    const child = spawn(process.execPath, [BIN, ...words], {
      env,
      cwd: operator.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => (out += String(data)))
    child.stderr.on('data', (data) => (err += String(data)))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    try {
      await within(30_000, 'it to listen', async () => /Answers at .*\n/.test(err))
      child.kill('SIGINT')
      assert.equal(await ended, 130, err)
    } finally {
      child.kill('SIGKILL')
    }
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const texts = events.map(({ text }) => String(text)).join('\n')
    const port = Number(
      /Answers at https:\/\/127\.0\.0\.1:(\d+)\/answer, fingerprint (?:[0-9A-F]{2}:){31}/.exec(texts)?.[1],
    )
    assert.ok(port > 0, texts)
    assert.deepEqual(
      events.slice(-2).map(({ event, code, exit }) => code ?? `${event} ${exit}`),
      ['E_INTERRUPTED', 'run-ended 130'],
    )
    assert.equal(out, '')
    await assert.rejects(post(port, '/answer', {}), /ECONNREFUSED/)
  })

  it('answers the installer, learns the host keys from it, makes the access and goes on with the site', async () => {
    const dir = join(operator.home, 'node')
    await openLabFor(file, dir, [process.execPath, BIN, 'lab', '--serve'])
    const lab = await findLab(dir)
    assert.ok(lab?.hosts.n1)
    const ssh = `    ssh: { port: ${lab.hosts.n1.port}, identityFile: ${lab.identityFile} }\n    api: { port: ${lab.clusters.small?.port} }\n`
    writeFileSync(file, siteText(ssh))
    const env = {
      ...process.env,
      HOME: operator.home,
      XDG_STATE_HOME: join(operator.home, 'state'),
      XDG_CONFIG_HOME: join(operator.home, 'config'),
      NO_COLOR: '1',
      ROOT_PW: PASSWORD,
    }
    const words = [
      'bootstrap',
      'answer',
      'n1',
      '--serve',
      '--listen',
      '127.0.0.1:0',
      '--yes',
      '--only',
      'local-zfs',
      '--site',
      file,
    ]
    const child = spawn(process.execPath, [BIN, ...words], {
      env,
      cwd: operator.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    try {
      await within(30_000, 'it to listen', async () => /Waiting for the installer/.test(text))
      const port = Number(/https:\/\/127\.0\.0\.1:(\d+)\/answer/.exec(text)?.[1])
      const token = readFileSync(/--answer-auth-token "\$\(cat ([^)]*)\)"/.exec(text)?.[1] ?? '', 'utf8').trim()
      assert.ok(!text.includes(token), 'the token stands in a file alone')
      const asked = await post(
        port,
        '/answer',
        { network_interfaces: [{ mac: MAC }] },
        { authorization: `Bearer ${token}` },
      )
      const answer = parse(asked) as Record<string, Record<string, string>>
      assert.equal(answer['first-boot']?.url, `https://127.0.0.1:${port}/first-boot`)
      assert.equal(answer['post-installation-webhook']?.['auth-token'], token)
      assert.ok(text.includes(answer['first-boot']?.['cert-fingerprint'] ?? 'none'))
      const keys = Object.fromEntries(
        readFileSync(lab.knownHosts, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line, at) => [at, line.split(' ').slice(1).join(' ')]),
      )
      await post(port, '/installed', { token, 'ssh-public-host-keys': keys })
      assert.equal(await ended, 0, text)
    } finally {
      child.kill('SIGKILL')
    }
    assert.match(text, /n1 is there\./)
    assert.match(text, /Verify: \d+ ok/)
    assert.match(readFileSync(join(operator.home, '.ssh/known_hosts'), 'utf8'), /^\[127\.0\.0\.1\]:\d+ ssh-/)
    assert.ok(!text.includes(PASSWORD))
  })
})

/** The body of a 200. The certificate is what another test looks at. */
function post(port: number, path: string, body: object, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, method: 'POST', path, headers, rejectUnauthorized: false },
      (answer) => {
        let text = ''
        answer.on('data', (data) => (text += String(data)))
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode} ${text}`)),
        )
      },
    )
    asked.on('error', reject).end(JSON.stringify(body))
  })
}
