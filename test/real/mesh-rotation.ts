// Keys of the mesh on real hosts: made there, equal on both ends, changed without a loss, refused where a message was altered, and seen by nobody.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ran, within } from '../hosts/inside.ts'
import type { TestHost } from '../hosts/nspawn.ts'
import { allReach, watched } from './mesh-prober.ts'
import { filesBelow, found, leaked, memoryOf, type Secret, secretsOf, spied, spy } from './mesh-secrets.ts'
import { GATEWAYS, type MeshStage } from './mesh-stage.ts'
import type { Ended, Running } from './program.ts'

const LINK = 'fra-1~rey-1'
const PSK = '/usr/local/sbin/orion-mesh-psk'

export function tellRotation(here: () => MeshStage): void {
  /** Before any rotation. */
  let original: readonly Secret[] = []
  /** Of orion while it carried messages. */
  const memory: Buffer[] = []

  it('both ends of a link have the same preshared key, every link another one', async () => {
    original = await secretsOf(here())
    assertPairs(original, 8)
  })

  it('an offer or an answer that was altered on its way is refused, and the key in force stays', async () => {
    const before = await secretsOf(here())
    const [one, other] = [here().hosts['fra-1'], here().hosts['rey-1']]
    const exchange = await openExchange(one, other)
    for (const field of ['kem', 'x', 'nonce', 'time', 'initiator-key', 'signature'])
      await refused(exchange.answer, altered(await exchange.offer(), field), /signature/)
    for (const field of ['ct', 'x', 'offer', 'signature'])
      await refused(exchange.accept, altered(await exchange.answered(), field), /signature/)
    await refused(exchange.accept, altered(await exchange.answered(), 'tag'), /tag/)
    // Decapsulating what was never encapsulated succeeds: the confirmation alone notices, were the signature good.
    await refused(exchange.accept, await signedAnew(other, altered(await exchange.answered(), 'ct')), /tag/)
    await other.must([PSK, 'abort', 'wg-fra-1'])
    assert.deepEqual(await secretsOf(here()), before)
    for (const host of [one, other]) assert.equal(await host.must(['find', '/run/orion-mesh', '-name', '*.pem']), '')
  })

  it('orion killed when the first end has the new key: traffic goes on, and the next rotation makes it whole', async () => {
    const stage = here()
    await Promise.all(GATEWAYS.map((name) => spy(stage.hosts[name])))
    const ends = [stage.hosts['fra-1'], stage.hosts['rey-1']]
    const { lost } = await watched(stage, ['fra-1', 'rey-1'], 10, async () => {
      const orion = stage.start(['mesh', 'rotate', LINK, '--yes'])
      await Promise.race([
        within(60_000, 'the new key on an end', async () => {
          const open = await Promise.all(
            ends.map((host) => host.exec(['sh', '-c', 'ls /etc/orion/mesh/keys/*.psk.old'])),
          )
          return open.some(({ code }) => code === 0)
        }),
        orion.ended.then(assertFine).then(() => assert.fail('it ended before it could be killed')),
      ])
      memory.push(...memoryOf(orion.pid))
      orion.kill('SIGKILL')
      await orion.ended
    })
    assert.ok(lost <= 1, `${lost} lost`)
  })

  it('a rotation under a ping every 10 ms loses one at most; the keys are in no memory, argument, log or file of anybody else', async () => {
    const stage = here()
    let ended: Ended | undefined
    const { lost, sent } = await watched(stage, ['fra-1', 'rey-1'], 10, async () => {
      const orion = stage.start(['mesh', 'rotate', LINK, '--yes'])
      const [end, dumps] = await Promise.all([orion.ended, remember(orion)])
      memory.push(...dumps)
      ended = end
    })
    assert.ok(lost <= 1, `${lost} of ${sent} lost`)
    assertFine(ended)
    const after = await secretsOf(stage)
    assertPairs(after, 8)
    assert.deepEqual(
      after.filter(({ name }) => /\.(old|new)$/.test(name)),
      [],
    )
    const changed = after.filter(({ name, base64 }) =>
      original.every((old) => old.name !== name || old.base64 !== base64),
    )
    assert.deepEqual(changed.map(({ name }) => name).sort(), ['fra-1/wg-rey-1.psk', 'rey-1/wg-fra-1.psk'])
    await assertUnseen(stage, [...original, ...after].filter(isOf(LINK)), {
      memory,
      said: `${ended?.stdout}${ended?.stderr}`,
    })
  })

  it('new pairs of keys: the link is drained before, and nothing is lost', async () => {
    const stage = here()
    const before = await secretsOf(stage)
    const { lost, sent } = await watched(stage, ['fra-1', 'rey-1'], 10, async () => {
      assertFine(await stage.orion(['mesh', 'rotate', LINK, '--keypairs', '--yes']))
    })
    assert.ok(lost <= 1, `${lost} of ${sent} lost`)
    const after = await secretsOf(stage)
    for (const name of ['fra-1/wg-rey-1.key', 'rey-1/wg-fra-1.key']) {
      const [old, now] = [before, after].map((list) => list.find((one) => one.name === name)?.base64)
      assert.ok(now !== undefined && now !== old, name)
    }
    await allReach(stage)
    const plan = await stage.orion(['mesh', 'plan'])
    assert.equal(plan.code, 0, plan.stdout + plan.stderr)
  })
}

function assertFine(ended: Ended | undefined): void {
  assert.equal(ended?.code, 0, `${ended?.stdout}${ended?.stderr}`)
}

function assertPairs(secrets: readonly Secret[], links: number): void {
  const psks = secrets.filter(({ name }) => name.endsWith('.psk'))
  const keys = [...new Set(psks.map(({ base64 }) => base64))]
  const ends = keys.map((key) => psks.flatMap(({ name, base64 }) => (base64 === key ? [name] : [])).sort())
  assert.equal(ends.length, links, JSON.stringify(ends))
  for (const pair of ends) {
    const [, host, peer] = /^(.+)\/wg-(.+)\.psk$/.exec(pair[0] ?? '') ?? []
    assert.deepEqual(pair, [`${host}/wg-${peer}.psk`, `${peer}/wg-${host}.psk`].sort())
  }
}

/** An exchange by hand, as orion would carry it. */
async function openExchange(one: TestHost, other: TestHost) {
  const names = ['sovereign', LINK, 'fra-1', 'rey-1']
  const [mine, theirs] = [await words(one, 'wg-rey-1'), await words(other, 'wg-fra-1')]
  const offer = () => one.must([PSK, 'offer', 'wg-rey-1', ...names, ...theirs])
  const answer = (input: string) => other.exec([PSK, 'answer', 'wg-fra-1', ...names, ...mine], { input })
  return {
    offer,
    answer,
    answered: async () => (await answer(await offer())).stdout,
    accept: (input: string) => one.exec([PSK, 'accept', 'wg-rey-1'], { input }),
  }
}

/** What the other end must know of this one: its WireGuard key, and who it is. */
async function words(host: TestHost, link: string): Promise<[string, string]> {
  const text = await host.must([PSK, 'public', link])
  return [/^wg (.+)$/m.exec(text)?.[1] ?? '', /^identity (.+)$/m.exec(text)?.[1] ?? '']
}

const SIGN = `cd /dev/shm && cat >message && head -n 12 message >body
openssl pkeyutl -sign -inkey /etc/orion/mesh/identity.pem -rawin -in body -pkeyopt context-string:orion-psk-v1-answer -out sig
cat body && echo "signature $(base64 -w0 <sig)" && grep '^tag ' message && rm message body sig`

/** The answer with a signature that fits, as its own host would make it. */
const signedAnew = (host: TestHost, input: string): Promise<string> => host.must(['sh', '-c', SIGN], { input })

/** The message with another sign in the middle of a field. */
function altered(message: string, field: string): string {
  return message.replace(new RegExp(`^(${field} )(.+)$`, 'm'), (_, name: string, value: string) => {
    const at = Math.floor(value.length / 2)
    const other = /[0-9]/.test(value[at] ?? '') ? (value[at] === '1' ? '2' : '1') : value[at] === 'a' ? 'b' : 'a'
    return `${name}${value.slice(0, at)}${other}${value.slice(at + 1)}`
  })
}

async function refused(step: (input: string) => Promise<Ran>, input: string, why: RegExp): Promise<void> {
  const { code, stderr } = await step(input)
  assert.equal(code, 1)
  assert.match(stderr, why)
}

/** While keys are made, and when they are in force. */
const LOOKS_MS = [3000, 3000, 30_000, 50_000]

/** Is it a secret of this link? */
const isOf =
  (link: string) =>
  ({ name }: Secret): boolean => {
    const [one, other] = link.split('~')
    return name.startsWith(`${one}/wg-${other}.`) || name.startsWith(`${other}/wg-${one}.`)
  }

/** The memory of orion again and again while it runs. */
export async function remember(orion: Running): Promise<Buffer[]> {
  const dumps: Buffer[] = []
  const ended = orion.ended.then(() => 'ended')
  for (const pause of LOOKS_MS) {
    if ((await Promise.race([ended, sleep(pause, 'goes on')])) === 'ended') break
    dumps.push(...memoryOf(orion.pid))
  }
  return dumps
}

interface Places {
  readonly memory: readonly Buffer[]
  /** On stdout and stderr. */
  readonly said: string
}

async function assertUnseen(stage: MeshStage, secrets: readonly Secret[], { memory, said }: Places): Promise<void> {
  // The search itself: what orion does carry, the public half of a key, is found.
  const base64 = (await stage.hosts['fra-1'].must(['wg', 'show', 'wg-rey-1', 'public-key'])).trim()
  assert.deepEqual(found([{ name: 'public', base64 }], memory), ['public'])
  assert.deepEqual(found(secrets, memory), [], 'in orion’s memory')
  assert.deepEqual(found(secrets, [Buffer.from(said), ...filesBelow(stage.operator.home)]), [], 'at the operator')
  for (const name of GATEWAYS) {
    const calls = await spied(stage.hosts[name])
    if (name === 'fra-1') assert.match(calls, /openssl pkeyutl -sign/)
    assert.deepEqual(found(secrets, [Buffer.from(calls)]), [], `in arguments on ${name}`)
    assert.deepEqual(await leaked(stage.hosts[name], secrets), [], `on ${name}`)
  }
}
