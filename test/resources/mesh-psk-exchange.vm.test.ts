// The exchange of preshared keys with the real OpenSSL of Debian 13: equal keys, and everything that is altered is refused.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { OrionError } from '../../src/errors.ts'
import { exchangePsk } from '../../src/resources/mesh-psk-exchange.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { linkOf, type PskHost, pskHost, removeHosts } from '../parts/mesh/psk-stage.ts'

const KEY = 'etc/keys/wg-peer.psk'
const [PSK, STAGED] = ['keys/wg-peer.psk', 'keys/wg-peer.psk.new']
/** All of them are signed; that each is looked at, too, the offers of the real identity below tell. */
const HEAD = ['site', 'responder-key']

/** One sign of the line of this name is another one. */
const altered =
  (name: string, at = 40) =>
  (text: string) =>
    text.replace(new RegExp(`^(${name} )(.+)$`, 'm'), (_, head: string, value: string) => {
      const spot = Math.min(at, value.length - 3)
      return `${head}${value.slice(0, spot)}${value[spot] === 'A' ? 'B' : 'A'}${value.slice(spot + 1)}`
    })
const line = (name: string, value: string) => (text: string) =>
  text.replace(new RegExp(`^${name} .*$`, 'm'), () => `${name} ${value}`)

describe('resources/mesh-psk-exchange', function () {
  this.timeout(120_000)
  let [a, b]: [PskHost, PskHost] = [] as never
  const link = () => linkOf(a, b)
  const run = () => exchangePsk(link(), [a.host, b.host])
  const calm = () => {
    for (const one of [a, b]) for (const name of ['input', 'output', 'before'] as const) delete one.between[name]
  }
  /** Sends an offer, an answer or a tag on as `change` makes it. */
  const tamper = (verb: 'answer' | 'accept' | 'confirm', change: (text: string) => string) => {
    const to = verb === 'accept' ? a : b
    to.between.input = (word, input) => (word === verb ? change(input) : input)
  }
  const refused = async (what: RegExp) => {
    const before = [a.tree(), b.tree()]
    await assert.rejects(run(), (error: unknown) => {
      assert.ok(error instanceof OrionError && error.code === 'E_HOST_FACTS', String(error))
      assert.match(error.message, what)
      assert.match(error.message, /van~kel/)
      return true
    })
    calm()
    assert.deepEqual([a.tree(), b.tree()], before, 'everything is as it was')
  }

  before(async function () {
    await withDaemons(this)
    ;[a, b] = await Promise.all([pskHost('van'), pskHost('kel')])
    const id = await run()
    for (const one of [a, b]) await one.verb('install', one.interface, id)
  })
  afterEach(() => calm())
  after(() => removeHosts(a, b))

  it('gives both ends the same 32 bytes, of root alone, and leaves nothing else', async () => {
    const [old] = [a.file(PSK)]
    assert.equal(b.file(PSK), old)
    a.calls.splice(0)
    b.calls.splice(0)
    const id = await run()
    const psk = a.file(STAGED) ?? ''
    assert.equal(b.file(STAGED), psk)
    assert.equal(Buffer.from(psk.trim(), 'base64').length, 32)
    assert.notEqual(psk, old, 'a new one')
    assert.equal(a.file(PSK), old, 'not in force yet')
    assert.equal(id, createHash('sha256').update(`orion-psk-v1 id ${psk}`).digest('hex').slice(0, 16))
    assert.match(a.file('keys/wg-peer.state.new') ?? '', new RegExp(`^kind=ml-kem-768 at=\\d{10} id=${id}\n$`))
    assert.equal(a.file('keys/wg-peer.state.new'), b.file('keys/wg-peer.state.new'))
    for (const { folder } of [a, b]) {
      assert.equal(statSync(join(folder, `${KEY}.new`)).mode & 0o777, 0o600)
      assert.equal(existsSync(join(folder, 'run/psk/wg-peer')), false)
    }
    const said = [...a.calls, ...b.calls]
      .flatMap(({ input, output }) => [input, output.stdout, output.stderr])
      .join('\n')
    for (const form of ['base64', 'hex', 'latin1'] as const)
      assert.ok(!said.includes(Buffer.from(psk.trim(), 'base64').toString(form).replace(/=+$/, '')), `told as ${form}`)
    for (const one of [a, b]) await one.verb('abort', one.interface)
    assert.equal(a.file(STAGED), undefined)
  })

  const ROWS: readonly (readonly [string, 'answer' | 'accept' | 'confirm', (text: string) => string, RegExp])[] = [
    ['the key of ML-KEM', 'answer', altered('kem'), /signature of the offer/],
    ['the key of X25519', 'answer', altered('x'), /signature of the offer/],
    ['the signature of the offer', 'answer', altered('signature'), /signature of the offer/],
    ['no signature', 'answer', (text) => text.replace(/^signature .*\n/m, ''), /signature of the offer/],
    ['the time', 'answer', line('time', '1'), /signature of the offer/],
    ['the nonce', 'answer', altered('nonce'), /signature of the offer/],
    ...HEAD.map((name) => [`${name} of the offer`, 'answer', altered(name, 0), /signature of the offer/] as const),
    ['the ciphertext', 'accept', altered('ct'), /signature of the answer/],
    ["the responder's key of X25519", 'accept', altered('x'), /signature of the answer/],
    ['the signature of the answer', 'accept', altered('signature'), /signature of the answer/],
    ['which offer is answered', 'accept', altered('offer'), /signature of the answer/],
    ["the responder's tag", 'accept', altered('tag'), /tag is wrong/],
    ['no tag of the responder', 'accept', (text) => text.replace(/^tag .*\n/m, ''), /tag is wrong/],
    ...HEAD.map((name) => [`${name} of the answer`, 'accept', altered(name, 0), /signature of the answer/] as const),
    ["the initiator's tag", 'confirm', altered('tag'), /tag is wrong/],
    ['nothing', 'answer', () => '', /not whole/],
    ['nothing', 'accept', () => '', /not whole/],
    ['nothing', 'confirm', () => '', /tag is wrong/],
    ['half', 'answer', (text) => text.slice(0, text.length / 2), /not whole|signature/],
    ['half', 'accept', (text) => text.slice(0, text.length / 2), /not whole|signature/],
    ['half', 'confirm', (text) => text.slice(0, text.length / 2), /tag is wrong/],
    ['one line too many', 'answer', (text) => text.replace('nonce', 'more x\nnonce'), /signature/],
    ['a megabyte', 'answer', () => 'A'.repeat(1024 * 1024), /not whole/],
    ['bytes of zero', 'answer', (text) => text.replace('fed', 'f\0ed'), /signature/],
    [
      'an offer instead of an answer',
      'accept',
      () => a.calls.findLast(({ verb }) => verb === 'offer')?.output.stdout ?? '',
      /signature/,
    ],
  ]
  for (const [what, verb, change, why] of ROWS)
    it(`refuses at ${verb}: ${what}`, async () => {
      tamper(verb, change)
      await refused(why)
    })

  it('takes words of a shell in a message for what they are', async () => {
    const words = ['$(touch PWNED)', '`touch PWNED`', '"; touch PWNED; "', "'; touch PWNED; '", '-e --help', '%s%n\\0']
    let at = 0
    for (const verb of ['answer', 'accept', 'confirm'] as const)
      for (const lines of [/^(orion-psk-v1|[a-z-]+) .*$/gm, /^(orion-psk-v1|kem|ct|tag|time) .*$/gm]) {
        tamper(verb, (text) => text.replace(lines, (_, name: string) => `${name} ${words[at++ % words.length]}`))
        await refused(/./)
      }
    for (const { folder } of [a, b])
      for (const spot of ['PWNED', 'etc/PWNED', 'run/psk/PWNED']) assert.equal(existsSync(join(folder, spot)), false)
    assert.equal(existsSync('PWNED'), false)
  })

  it('refuses any byte that is not as it was sent', async () => {
    const verbs = fc.constantFrom('answer' as const, 'accept' as const, 'confirm' as const)
    await fc.assert(
      fc.asyncProperty(
        verbs,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (verb, where, by) => {
          let isSame = false
          tamper(verb, (text) => {
            const bytes = Buffer.from(text, 'latin1')
            // The last line's end is no part of the message.
            const at = Math.floor(where * (bytes.length - 1))
            bytes[at] = (bytes[at] ?? 0) ^ by
            const changed = bytes.toString('latin1')
            isSame = changed === text
            return changed
          })
          if (!isSame) await refused(/./)
        },
      ),
      { numRuns: 5 },
    )
  })

  it('takes no offer twice, and none that is older than the last', async () => {
    const before = a.calls.length
    await run()
    const offer = a.calls.slice(before).find(({ verb }) => verb === 'offer')?.output.stdout ?? ''
    for (const one of [a, b]) await one.verb('abort', one.interface)
    tamper('answer', () => offer)
    await refused(/used before/)
  })

  it('takes offers again after its clock was wrong', async () => {
    writeFileSync(join(b.folder, 'etc/keys/wg-peer.seen'), String(Date.now() + 86_400_000))
    await run()
    for (const one of [a, b]) await one.verb('abort', one.interface)
  })

  it('takes no offer of another time', async () => {
    for (const [shift, why] of [
      [-400, /400 s old|40[0-9] s old/],
      [400, /-(39|40)[0-9] s old/],
    ] as const) {
      a.replace('date', `exec $REAL -d '${shift} seconds' "$@"`)
      await refused(why)
    }
    a.replace('date', 'exec $REAL "$@"')
  })

  it('takes no offer for another link, site or key, signed as it may be', async () => {
    const [key, identity] = await publicOf(b)
    const other = (await publicOf(a))[0]
    const right = ['fed', 'van~kel', 'van', 'kel', key, identity]
    for (const [at, word] of Object.entries(['other', 'van~fra', 'fra', 'fra', other])) {
      const words = right.with(Number(at), word)
      const { stdout } = await a.verb('offer', a.interface, ...words)
      await a.verb('abort', a.interface)
      tamper('answer', () => stdout)
      await refused(/is for another link, site or key/)
    }
  })

  it('takes no offer of another identity, nor of one that changed', async () => {
    const other = await pskHost('fra')
    try {
      const [key, identity] = await publicOf(b)
      const { stdout } = await other.verb('offer', other.interface, 'fed', 'van~kel', 'van', 'kel', key, identity)
      tamper('answer', () => stdout)
      await refused(/signature of the offer/)
      await b.verb('identity-pin', 'van', (await publicOf(other))[1])
      await refused(/van has another identity .* orion mesh rotate --identity van/)
      await b.verb('identity-pin', 'van', (await publicOf(a))[1])
      await run()
      for (const one of [a, b]) await one.verb('abort', one.interface)
    } finally {
      removeHosts(other)
    }
  })

  it('has the tag to tell that the other end has another secret: a wrong ciphertext decapsulates, too', async () => {
    // Signed, sound, and not what the responder made its key of.
    b.replace(
      'openssl',
      `case "$*" in *-encap*) $REAL "$@" && cp ss ss.kept && $REAL "$@" && mv ss.kept ss ;; *) exec $REAL "$@" ;; esac`,
    )
    await refused(/van says: the peer has another key: its tag is wrong/)
    b.replace('openssl', 'exec $REAL "$@"')
  })

  it('leaves nothing on a host that refused, also where orion itself is gone', async () => {
    const before = b.tree()
    const { code, stdout } = await b.verb('answer', b.interface, 'fed', 'van~kel', 'van', 'kel', ...(await publicOf(a)))
    assert.deepEqual([code, stdout], [1, ''])
    assert.deepEqual(b.tree(), before)
  })

  it('leaves nothing where an end is gone in the middle', async () => {
    for (const [one, verb] of [
      [b, 'answer'],
      [a, 'accept'],
      [b, 'confirm'],
    ] as const) {
      const before = [a.tree(), b.tree()]
      one.between.before = (word) => {
        if (word === verb) throw new OrionError('gone', { code: 'E_HOST_LOST' })
      }
      await assert.rejects(run(), /gone/)
      calm()
      assert.deepEqual([a.tree(), b.tree()], before)
    }
  })
})

async function publicOf(one: PskHost): Promise<[string, string]> {
  const { stdout } = await one.verb('public', one.interface)
  return [/^wg (.*)$/m.exec(stdout)?.[1] ?? '', /^identity (.*)$/m.exec(stdout)?.[1] ?? '']
}
