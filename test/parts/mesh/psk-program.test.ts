// The program on the hosts itself: its HKDF, what it shows to other users of a host, old OpenSSL, identities, and dash.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pskFile, pskProgram } from '../../../src/parts/mesh/psk-program.ts'
import { exchangePsk } from '../../../src/resources/mesh-psk-exchange.ts'
import { withDaemons } from '../../daemons/daemons.ts'
import { needs } from '../../setup.ts'
import { HERE, linkOf, type PskHost, pskHost, removeHosts } from './psk-stage.ts'

/** RFC 5869, appendix A, cases 1 and 3: salts of at most one block, and the first 32 bytes of what comes out. */
const VECTORS = [
  {
    ikm: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
  },
  {
    ikm: '0b'.repeat(22),
    salt: '',
    info: '',
    prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
  },
] as const

/** Everything that the program calls but the shell's own. */
const PROGRAMS =
  'awk base64 cat chmod cmp cp cut date flock fold grep head mkdir mv od openssl rm sed sleep stat sync tr wc wg'

describe('parts/mesh/psk-program', function () {
  this.timeout(60_000)
  before(async function () {
    await withDaemons(this)
  })

  it('keeps to itself what wg says of a key that it does not take, and what a terminal would obey', async () => {
    // An interface that every machine has.
    const host = await pskHost('van', { interface: 'lo' })
    try {
      host.replace(
        'wg',
        'case $1 in set) echo "not the correct length or format: $(cat "$5")" >&2; exit 1 ;; esac\nexec "$REAL" "$@"',
      )
      const key = 'Q'.repeat(44)
      writeFileSync(join(host.folder, 'etc/keys/lo.psk.new'), `${key}\n`, { mode: 0o600 })
      const id = /new=(\S+)/.exec((await host.verb('look', 'lo')).stdout)?.[1] ?? ''
      const { code, stderr } = await host.verb('install', 'lo', id)
      assert.equal(code, 1)
      assert.match(stderr, /^WireGuard does not take the keys of lo$/m)
      assert.doesNotMatch(stderr, /QQ/)
      host.between.output = (_, output) => ({ ...output, code: 1, stderr: 'a\u001b[31mb\n' })
      await assert.rejects(exchangePsk(linkOf(host, host), [host.host, host.host]), /says: a \[31mb$/)
    } finally {
      removeHosts(host)
    }
  })

  it('lies on every gateway as the same text', () => {
    const { path, text, mode } = pskFile()
    assert.deepEqual([path, mode], ['/usr/local/sbin/orion-mesh-psk', 0o755])
    assert.equal(text, pskProgram())
    assert.match(
      text ?? '',
      /^base=\/etc\/orion\/mesh run=\/run\/orion-mesh\/psk program=\/usr\/local\/sbin\/orion-mesh-psk$/m,
    )
  })

  it('is sound to shellcheck', async function () {
    await needs(this, ['shellcheck'])
    execFileSync('shellcheck', ['-s', 'sh', '-'], { input: pskProgram() })
  })

  it('refuses names that are none, and verbs that are none', async () => {
    const host = await pskHost('van')
    try {
      const rows = [
        ['look', '../x'],
        ['apply', ''],
        ['public', '-x'],
        ['offer', 'a b'],
        ['back', 'wg-very-long-name-x'],
        ['dump'],
        [],
      ]
      for (const words of rows) {
        const { code, stdout, stderr } = await host.verb(...words)
        assert.deepEqual([code, stdout.replace(/^openssl=.*\n/, '')], [1, ''], words.join(' '))
        assert.match(stderr, /no name of an interface|no such verb/)
      }
      const { stderr } = await host.verb('identity-pin', '../../passwd', 'AAAA')
      assert.match(stderr, /no name of a gateway/)
    } finally {
      removeHosts(host)
    }
  })

  it('derives keys as RFC 5869 says', () => {
    const functions = pskProgram(HERE).replace(/^verb=\$\{1-\}$[\s\S]*/m, '')
    for (const { ikm, salt, info, prk, okm } of VECTORS) {
      const script = `${functions}
cd "$TEST_DIR"
hex() { od -An -v -tx1 | tr -d ' \\n'; echo; }
hmac salt <ikm >prk
hex <prk
{ cat info && printf '\\001'; } | hmac prk | hex`
      const folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
      try {
        for (const [name, text] of Object.entries({ ikm, salt, info }))
          writeFileSync(join(folder, name), Buffer.from(text, 'hex'))
        const env = { ...process.env, TEST_DIR: folder }
        const out = execFileSync('sh', ['-c', script], { env, encoding: 'utf8' })
        assert.deepEqual(out.trim().split('\n'), [prk, okm])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  })

  it('shows no secret in an argument, in the environment, on stdout or on stderr', async () => {
    const [a, b] = await Promise.all([pskHost('van'), pskHost('kel')])
    try {
      for (const one of [a, b]) spy(one)
      const id = await exchangePsk(linkOf(a, b), [a.host, b.host])
      for (const one of [a, b]) await one.verb('install', one.interface, id)
      const shown = [a, b].map((one) => readFileSync(join(one.folder, 'shown'), 'latin1')).join('\n')
      const said = [a, b]
        .flatMap(({ calls }) => calls.flatMap(({ output }) => [output.stdout, output.stderr]))
        .join('\n')
      assert.match(shown, /openssl pkeyutl -encap/)
      assert.ok(shown.split('\n').length > 200)
      const secrets = [a, b].flatMap(secretsOf)
      assert.ok(secrets.length > 12, `${secrets.length} secrets`)
      for (const { name, bytes } of secrets)
        for (const form of formsOf(bytes))
          assert.ok(!`${shown}\n${said}`.includes(form), `${name} as ${form.slice(0, 8)}…`)
    } finally {
      removeHosts(a, b)
    }
  })

  it('says what it needs where OpenSSL is 3.0, and whether it has it', async () => {
    const host = await pskHost('old', { version: '2.0.12' })
    try {
      const { stdout } = await host.verb('look', host.interface)
      assert.match(
        stdout,
        /^openssl=3\.0\.\d+ kem=no watch=yes\nwg-peer interface=none kind=- at=- id=- old=- new=- key=\S{44} peer=- pair=settled /,
      )
      for (const [verb, ...words] of [
        ['offer', host.interface, 'fed', 'a~b', 'a', 'b', 'AAAA', 'AAAA'],
        ['identity-stage'],
      ]) {
        const { code, stderr } = await host.verb(verb ?? '', ...words)
        assert.equal(code, 1)
        assert.match(
          stderr,
          /^OpenSSL 3\.0\..* has no ML-KEM-768: a post-quantum key needs OpenSSL 3\.5 \(Debian 13, Proxmox VE 9\)\n$/,
        )
      }
    } finally {
      removeHosts(host)
    }
  })

  it('changes an identity in steps that may each be repeated', async () => {
    const [a, b] = await Promise.all([pskHost('van'), pskHost('kel')])
    try {
      const old = a.file('identity.pem')
      const [one, again] = [await a.verb('identity-stage'), await a.verb('identity-stage')]
      assert.equal(one.stdout, again.stdout)
      const identity = /^identity (\S+)\n$/.exec(one.stdout)?.[1] ?? ''
      assert.equal(a.file('identity.pem'), old, 'not in use yet')
      await b.verb('identity-pin', 'van', identity)
      const { stdout } = await a.verb('identity-swap')
      assert.equal(stdout, one.stdout)
      assert.equal((await a.verb('identity-swap')).stdout, one.stdout)
      assert.equal(statSync(join(a.folder, 'etc/identity.pem')).mode & 0o777, 0o600)
      const show = ['sh', '-c', 'openssl pkey -in "$TEST_DIR"/etc/identity.pem -pubout']
      const { stdout: pem } = await a.host.run(show)
      assert.equal(b.file('identities/van.pub'), pem, 'as openssl writes it')
      await exchangePsk(linkOf(a, b), [a.host, b.host])
    } finally {
      removeHosts(a, b)
    }
  })
})

/** Each program tells its arguments and environment first; `rm` keeps what it takes away. */
function spy(host: PskHost): void {
  const [shown, kept] = [join(host.folder, 'shown'), join(host.folder, 'kept')]
  mkdirSync(kept)
  writeFileSync(shown, '')
  chmodSync(shown, 0o600)
  for (const name of PROGRAMS.split(' '))
    host.replace(
      name,
      `{ echo "${name} $*"; /usr/bin/env; } >>${shown}
[ ${name} != rm ] || for one in ss xs prk tag.key psk.raw psk x.pem kem.pem; do [ ! -s "$one" ] || /bin/cp "$one" ${kept}/$$-"$one"; done
exec "$REAL" "$@"`,
    )
}

interface Secret {
  readonly name: string
  readonly bytes: Buffer
}

function secretsOf(host: PskHost): Secret[] {
  const own = ['keys/wg-peer.key', 'keys/wg-peer.psk'].map((name) => ({
    name,
    bytes: Buffer.from((host.file(name) ?? '').trim(), 'base64'),
  }))
  const kept = existsSync(join(host.folder, 'kept')) ? readdirSync(join(host.folder, 'kept')) : []
  const files = kept
    .filter((name) => /-(ss|xs|prk|tag\.key|psk\.raw)$/.test(name))
    .map((name) => ({ name, bytes: readFileSync(join(host.folder, 'kept', name)) }))
  const pem = (host.file('identity.pem') ?? '').split('\n')[5] ?? ''
  return [...own, ...files, { name: 'identity', bytes: Buffer.from(pem, 'base64') }]
}

/** As it is, and as it may be written. */
function formsOf(bytes: Buffer): string[] {
  const octal = [...bytes.subarray(0, 6)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
  const decimal = [...bytes.subarray(0, 8)].join(' ')
  return [bytes.toString('latin1'), bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), octal, decimal]
}
