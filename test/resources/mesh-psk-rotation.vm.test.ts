// New keys of a link that is up, with real wireguard-go: in force on both ends or on none, whoever dies meanwhile.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../../src/errors.ts'
import { exchangePsk } from '../../src/resources/mesh-psk-exchange.ts'
import { lookBoth, type PskState } from '../../src/resources/mesh-psk-look.ts'
import { applyPsk, healPsk, type RotationOptions } from '../../src/resources/mesh-psk-rotation.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { within } from '../hosts/inside.ts'
import { linkOf } from '../parts/mesh/psk-stage.ts'
import { type Tunnel, tunnel } from '../parts/mesh/psk-tunnel.ts'

const PATIENCE = { freshMs: 60_000, everyMs: 100, apartMs: 30_000 }

describe('resources/mesh-psk-rotation', function () {
  this.timeout(150_000)
  let wire: Tunnel
  let count = 0
  const abort = new AbortController()
  const notes: string[] = []
  const options: RotationOptions = { signal: abort.signal, note: (text) => notes.push(text), patience: PATIENCE }
  const link = () => linkOf(wire.a, wire.b)
  const hosts = () => [wire.a.host, wire.b.host] as const
  const look = () => lookBoth(hosts(), link())
  const stage = () => exchangePsk(link(), hosts())
  const apply = (id: string, with_: Partial<typeof PATIENCE> = {}) =>
    applyPsk(link(), hosts(), id, { ...options, patience: { ...PATIENCE, ...with_ } })
  const heal = (freshMs = 90_000) => healPsk(link(), hosts(), { ...options, patience: { ...PATIENCE, freshMs } })
  const settled = (states: readonly PskState[], id: string | undefined) => {
    for (const { id: have, old, staged, applied, live } of states)
      assert.deepEqual(
        { have, old, staged, applied, live },
        { have: id, old: undefined, staged: undefined, applied: undefined, live: 'new' },
      )
    for (const one of [wire.a, wire.b]) {
      assert.equal(wire.isWatched(one), false, 'the watch is over')
      const left = Object.keys(one.tree()).filter((path) => /\.(old|new|part|live)$|psk\/wg-\w+$/.test(path))
      assert.deepEqual(left, [])
    }
  }
  /** Applies a key to a link that has had no handshake yet (the next is 120 s after one), and lets packets through when both ends have it. */
  const applyFirst = async (id: string) => {
    const applied = apply(id)
    await within(30_000, 'the key at both ends', async () => (await look()).every(({ old }) => old !== undefined))
    // A handshake in the second of the change itself does not count: it may have come before.
    await sleep(1100)
    await wire.cable('up')
    await applied
  }
  /** Both ends have a first key, and the link is up but for its cable: the kernel itself would send something. */
  const begin = async () => {
    const id = await stage()
    for (const one of [wire.a, wire.b]) assert.equal((await one.verb('install', one.interface, id)).code, 0)
    await wire.cable('down')
    await wire.up()
    return id
  }

  before(async function () {
    await withDaemons(this)
  })
  beforeEach(async () => {
    notes.splice(0)
    wire = await tunnel(String(count++))
  })
  afterEach(() => wire.close())

  it('keeps a new key that both ends shook hands with', async () => {
    const first = await begin()
    const id = await stage()
    assert.notEqual(id, first)
    await applyFirst(id)
    settled(await look(), id)
    assert.equal(await wire.isThrough(), true)
    const [a] = await look()
    assert.equal(a.kind, 'ml-kem-768')
    assert.ok((a.at ?? 0) > 1_700_000_000)
  })

  it('puts the old key back on both where no handshake comes', async () => {
    const first = await begin()
    const id = await stage()
    await assert.rejects(apply(id, { freshMs: 1000 }), (error: unknown) => {
      assert.ok(error instanceof OrionError && error.code === 'E_ROLLED_BACK')
      assert.match(
        error.message,
        /v\d+ and k\d+ saw no handshake with the new key in 1 s; the old key is in force on both/,
      )
      return true
    })
    settled(await look(), first)
    await wire.cable('up')
    await wire.talk()
  })

  it('puts the first back where the second refuses, and where the first took too long', async () => {
    const first = await begin()
    await wire.cable('up')
    await wire.talk()
    const id = await stage()
    await wire.b.verb('abort', wire.b.interface)
    await assert.rejects(apply(id), /k\d+ says: no key [0-9a-f]{16} of \S+ is staged; the old key is in force on both/)
    settled(await look(), first)
    const next = await stage()
    await assert.rejects(apply(next, { apartMs: 0 }), /v\d+ took \d+ s; the old key is in force on both/)
    settled(await look(), first)
    assert.equal(await wire.isThrough(), true)
  })

  it('says which end it could not put back', async () => {
    await begin()
    const id = await stage()
    wire.b.between.before = (verb) => {
      if (verb === 'apply' || verb === 'back') throw new OrionError('gone', { code: 'E_HOST_LOST' })
    }
    await assert.rejects(apply(id), (error: unknown) => {
      // Not E_ROLLED_BACK, whose exit code says that all is as before.
      assert.ok(error instanceof OrionError && error.code === 'E_HOST_LOST')
      assert.match(error.message, /gone; k\d+ did not answer and goes back by itself/)
      return true
    })
  })

  it('begins with the first key of a link that had none, and goes back to none', async () => {
    await wire.cable('down')
    await wire.up()
    const id = await stage()
    await assert.rejects(apply(id, { freshMs: 500 }), /saw no handshake/)
    settled(await look(), undefined)
    const next = await stage()
    await applyFirst(next)
    settled(await look(), next)
  })

  const DEATHS: readonly (readonly [string, 'a' | 'b', string, string])[] = [
    ['before anything is in force', 'a', 'apply', 'nothing'],
    ['between the two ends', 'b', 'apply', 'back'],
  ]
  for (const [when, who, verb, healed] of DEATHS)
    it(`heals what a run left that died ${when}`, async () => {
      const first = await begin()
      await wire.cable('up')
      await wire.talk()
      const id = await stage()
      dieAt(who, verb)
      await assert.rejects(apply(id), /died/)
      revive()
      assert.equal(await heal(), healed)
      settled(await look(), first)
      assert.equal(await wire.isThrough(), true)
    })

  it('heals what a run left that died before the handshake, or between the two ends of the last step', async () => {
    await begin()
    const id = await stage()
    for (const one of [wire.a, wire.b]) assert.equal((await one.verb('apply', one.interface, id)).code, 0)
    for (const one of [wire.a, wire.b]) assert.equal(wire.isWatched(one), true)
    await wire.cable('up')
    await wire.talk()
    assert.equal(await heal(), 'finished')
    settled(await look(), id)
    await wire.a.verb('abort', wire.a.interface)
    const next = await stage()
    for (const one of [wire.a, wire.b]) await one.verb('apply', one.interface, next)
    await wire.a.verb('finish', wire.a.interface)
    assert.equal(await heal(), 'finished')
    settled(await look(), next)
  })

  it('takes back what never worked, once its time is over', async () => {
    const first = await begin()
    const id = await stage()
    for (const one of [wire.a, wire.b]) await one.verb('apply', one.interface, id)
    wire.ahead(100)
    assert.equal(await heal(), 'back')
    settled(await look(), first)
  })

  it('lets the hosts themselves meet at the old key where only one end changed and orion is gone', async () => {
    await begin()
    await wire.cable('up')
    await wire.talk()
    const id = await stage()
    await wire.a.verb('apply', wire.a.interface, id)
    assert.equal(wire.isWatched(wire.a), true)
    assert.equal((await look())[0].live, 'new')
    // 136 s later; and a third of each minute is for the new key.
    wire.ahead(136 + ((60 - ((Math.floor(Date.now() / 1000) + 136) % 60)) % 60))
    await within(30_000, 'the old key', async () => (await look())[0].live === 'old')
    const [state] = await look()
    assert.deepEqual([state.id, state.old === undefined], [id, false], 'the way to both is open')
    wire.ahead(0)
    assert.equal(await heal(), 'back')
    settled(await look(), state.old)
    assert.equal(await wire.isThrough(), true)
  })

  it('goes on watching after a restart of the host', async () => {
    await begin()
    const id = await stage()
    await wire.a.verb('apply', wire.a.interface, id)
    await wire.a.host.run(['sh', '-c', 'kill -9 "$(cat "$TEST_DIR"/watch)"'])
    await within(20_000, 'the watch to end', async () => !wire.isWatched(wire.a))
    assert.equal((await wire.a.verb('resume')).code, 0)
    assert.equal(wire.isWatched(wire.a), true)
  })

  it('ends as it was or as it shall be wherever the program itself is killed', async function () {
    this.timeout(180_000)
    await begin()
    await wire.cable('up')
    await wire.talk()
    let kills = 0
    const verbs = { apply: [5, 8], finish: [1], back: [2] } as const
    for (const [verb, steps] of Object.entries(verbs))
      for (const step of steps) {
        const before = (await look())[0].id
        const id = await stage()
        for (const one of verb === 'apply' ? [] : [wire.a, wire.b]) await one.verb('apply', one.interface, id)
        dieInside(step)
        const { code } = await wire.a.verb(verb, wire.a.interface, ...(verb === 'apply' ? [id] : []))
        for (const name of STEPS) wire.a.replace(name, 'exec "$REAL" "$@"')
        kills += code === 0 ? 0 : 1
        await heal(0)
        const [a, b] = await look()
        assert.ok(a.id === before || a.id === id, `${verb} ${step}: ${a.id}`)
        settled([a, b], a.id)
        assert.deepEqual(await inForce(), [
          wire.a.file(`keys/${wire.a.interface}.psk`),
          wire.b.file(`keys/${wire.b.interface}.psk`),
        ])
      }
    assert.ok(kills > 2, `killed ${kills} times`)
  })

  /** The shell that runs the program on one host is killed as the nth of these begins. */
  const STEPS = ['mv', 'sync', 'chmod', 'wg', 'rm'] as const
  function dieInside(nth: number): void {
    writeFileSync(join(wire.a.folder, 'left'), String(nth))
    for (const name of STEPS)
      wire.a.replace(
        name,
        `n=$(($(cat "$TEST_DIR"/left) - 1)); echo $n >"$TEST_DIR"/left
if [ $n = 0 ]; then kill -9 $PPID; exit 1; fi
exec "$REAL" "$@"`,
      )
  }
  /** The keys that WireGuard itself uses now. */
  const inForce = () =>
    Promise.all(
      [wire.a, wire.b].map(async (one) => {
        const { stdout } = await one.host.run(['wg', 'show', one.interface, 'preshared-keys'])
        return `${stdout.trim().split('\t')[1]}\n`
      }),
    )

  function dieAt(who: 'a' | 'b', verb: string): void {
    let dead = false
    for (const one of [wire.a, wire.b])
      one.between.before = (word) => {
        if (one === wire[who] && word === verb) dead = true
        if (dead) throw new OrionError('died', { code: 'E_HOST_LOST' })
      }
  }
  function revive(): void {
    for (const one of [wire.a, wire.b]) delete one.between.before
  }
})
