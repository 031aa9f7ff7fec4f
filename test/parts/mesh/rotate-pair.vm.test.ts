// New key pairs on both ends of a link with real wireguard-go, and how traffic is asked to go another way meanwhile.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OrionError } from '../../../src/errors.ts'
import { DRAIN_FILE, drainFile } from '../../../src/parts/mesh/drain.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { drainLink, rotatePair } from '../../../src/parts/mesh/rotate-pair.ts'
import type { Outside } from '../../../src/resource.ts'
import { exchangePsk } from '../../../src/resources/mesh-psk-exchange.ts'
import { lookBoth } from '../../../src/resources/mesh-psk-look.ts'
import { healPsk } from '../../../src/resources/mesh-psk-rotation.ts'
import type { Site } from '../../../src/site/site.ts'
import { withDaemons } from '../../daemons/daemons.ts'
import { type FakeHost, fakeHost } from '../../resources/fake-host.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'
import { linkOf } from './psk-stage.ts'
import { type Tunnel, tunnel } from './psk-tunnel.ts'

const PATIENCE = { freshMs: 60_000, everyMs: 100, apartMs: 30_000 }

function siteOf(names: readonly string[], routing: 'bgp' | 'static'): Site {
  const gateways = names.map((name, at) => gateway(name, `10.99.0.${at + 1}`))
  return site({ nodes: names.map((name) => node(name)), mesh: mesh(gateways, { routing }) })
}

describe('parts/mesh/rotate-pair', function () {
  this.timeout(150_000)

  describe('with wireguard-go', () => {
    let wire: Tunnel
    const abort = new AbortController()
    const options = { signal: abort.signal, note: () => undefined, patience: PATIENCE }
    /** By their names: the one on the other side of the test's wire is the initiator. */
    const parts = () => {
      const { a, b } = wire
      const model = siteOf([a.host.name, b.host.name], 'static')
      const [link] = getMesh(model).links
      assert.ok(link && link.a.name === b.host.name)
      const outside = { host: async (name: string) => (name === a.host.name ? a.host : b.host), signal: abort.signal }
      return { site: model, outside: outside as unknown as Outside, link, ends: linkOf(b, a) }
    }
    const rotate = () => {
      const { site: model, outside, link, ends } = parts()
      return rotatePair(model, outside, { link, ends }, options)
    }
    const conf = (one: Tunnel['a']) => one.file(`links/${one.interface}.conf`)

    before(async function () {
      await withDaemons(this)
      wire = await tunnel('p')
      const id = await exchangePsk(linkOf(wire.b, wire.a), [wire.b.host, wire.a.host])
      for (const one of [wire.a, wire.b]) await one.verb('install', one.interface, id)
      await wire.up()
      await wire.talk()
      const [a, b] = await lookBoth([wire.a.host, wire.b.host], linkOf(wire.a, wire.b))
      for (const [one, { peer }] of [
        [wire.a, a],
        [wire.b, b],
      ] as const) {
        mkdirSync(join(one.folder, 'etc/links'))
        const file = join(one.folder, `etc/links/${one.interface}.conf`)
        writeFileSync(
          file,
          `[Interface]\nListenPort = 51820\n\n[Peer]\nPublicKey = ${peer}\nAllowedIPs = 0.0.0.0/0, ::/0\n`,
        )
        chmodSync(file, 0o644)
      }
    })
    after(() => wire?.close())

    it('gives both ends new ones, and writes them where the next start reads them', async () => {
      const before = await lookBoth([wire.a.host, wire.b.host], linkOf(wire.a, wire.b))
      assert.equal(await rotate(), 'rotated')
      const [a, b] = await lookBoth([wire.a.host, wire.b.host], linkOf(wire.a, wire.b))
      assert.notEqual(a.key, before[0].key)
      assert.notEqual(b.key, before[1].key)
      assert.deepEqual([a.peer, b.peer], [b.key, a.key])
      assert.ok(conf(wire.a)?.includes(`\nPublicKey = ${b.key}\n`))
      assert.ok(conf(wire.b)?.includes(`\nPublicKey = ${a.key}\n`))
      assert.deepEqual([a.id, a.isPairOpen, b.isPairOpen], [before[0].id, false, false])
      assert.equal(await wire.isThrough(), true)
      for (const one of [wire.a, wire.b]) {
        assert.equal(wire.isWatched(one), false)
        assert.deepEqual(
          Object.keys(one.tree()).filter((path) => /\.(old|new|part|live|peer|applied)$/.test(path)),
          [],
        )
      }
    })

    it('changes one end after the other: two handshakes that cross end in two sessions, and neither is heard for 15 s', () => {
      const [first, second] = [wire.b, wire.a].map(({ calls }) => {
        const applied = calls.find(({ verb }) => verb === 'key-apply')
        return Number(applied?.words[1])
      })
      assert.ok((second ?? 0) - (first ?? 0) >= 1, `${first} and ${second}`)
    })

    it('puts the old ones back on both where one end does not change', async () => {
      const before = [conf(wire.a), conf(wire.b), wire.a.file(`keys/${wire.a.interface}.key`)]
      const { key } = (await lookBoth([wire.a.host, wire.b.host], linkOf(wire.a, wire.b)))[1]
      wire.b.between.output = (verb, output) => (verb === 'key-apply' ? { ...output, code: 1, stderr: 'no' } : output)
      wire.b.between.before = (verb) => {
        if (verb === 'key-apply') throw new OrionError('gone', { code: 'E_HOST_LOST' })
      }
      await assert.rejects(rotate(), /gone; the old key is in force on both/)
      for (const name of ['before', 'output'] as const) delete wire.b.between[name]
      assert.deepEqual([conf(wire.a), conf(wire.b), wire.a.file(`keys/${wire.a.interface}.key`)], before)
      const [a, b] = await lookBoth([wire.a.host, wire.b.host], linkOf(wire.a, wire.b))
      assert.deepEqual([a.peer, b.key, b.peer], [key, key, a.key])
      await wire.talk()
    })

    it('heals what a run left that died when one end had changed', async () => {
      const before = [conf(wire.a), conf(wire.b)]
      const staged = await Promise.all([wire.a, wire.b].map((one) => one.verb('key-stage', one.interface)))
      const second = Math.floor(Date.now() / 1000) + 4
      const peer = /^wg (.*)$/m.exec(staged[1]?.stdout ?? '')?.[1] ?? ''
      assert.equal((await wire.a.verb('key-apply', wire.a.interface, String(second), peer)).code, 0)
      assert.notDeepEqual([conf(wire.a), conf(wire.b)], before)
      assert.equal(await healPsk(linkOf(wire.a, wire.b), [wire.a.host, wire.b.host], options), 'back')
      assert.deepEqual([conf(wire.a), conf(wire.b)], before)
      await wire.talk()
    })

    it('refuses a second that is over, one far away, and words that are no key', async () => {
      const now = Math.floor(Date.now() / 1000)
      await wire.a.verb('key-stage', wire.a.interface)
      for (const [second, key, why] of [
        [now - 5, 'AAAA', /is in -\d+ s/],
        [now + 600, 'AAAA', /is in (600|5\d\d) s/],
        [now + 5, '$(reboot)', /no base64/],
      ] as const) {
        const { code, stderr } = await wire.a.verb('key-apply', wire.a.interface, String(second), key)
        assert.equal(code, 1)
        assert.match(stderr, why)
      }
      await wire.a.verb('abort', wire.a.interface)
      assert.equal(wire.a.file(`keys/${wire.a.interface}.key.new`), undefined)
    })
  })

  describe('asking traffic away', () => {
    const model = siteOf(['n1', 'n2'], 'bgp')
    const [link] = getMesh(model).links
    const [n1] = getMesh(model).gateways
    const make = (text: string | undefined): [FakeHost, FakeHost, Outside] => {
      const hosts = ['n1', 'n2'].map((name) =>
        fakeHost({
          name,
          ...(text !== undefined && { files: { [DRAIN_FILE]: text } }),
          programs: { 'mesh-bird-active': 'active', 'orion-mesh-bird': '' },
        }),
      ) as [FakeHost, FakeHost]
      const outside = { host: async (name: string) => hosts[name === 'n1' ? 0 : 1].host } as unknown as Outside
      return [...hosts, outside]
    }
    const note = () => undefined

    it('says so at both ends, under the guard, and takes it back', async () => {
      assert.ok(link && n1)
      const [one, other, outside] = make(drainFile(n1, undefined))
      await drainLink(model, outside, link, { on: true, note })
      assert.match(one.files.get(DRAIN_FILE)?.text ?? '', /= 1;/)
      assert.deepEqual(
        one.changes.map(({ name, check }) => [name, check]),
        [['mesh-drain', [['bird', '-p', '-c', '/etc/orion/mesh/bird.conf']]]],
      )
      assert.equal(other.changes.length, 1)
      await drainLink(model, outside, link, { on: false, note })
      assert.doesNotMatch(one.files.get(DRAIN_FILE)?.text ?? '', /= 1;/)
      await drainLink(model, outside, link, { on: false, note })
      assert.equal(one.changes.length, 2, 'nothing to change, nothing changed')
    })

    it('waits until an open change of a run that was killed has ended, and says so', async () => {
      assert.ok(link && n1)
      let open = 1
      const states = () => ({ code: 0, stdout: open-- > 0 ? 'c1 armed mesh-drain\n' : '', stderr: '' })
      const programs = { 'mesh-bird-active': 'active', 'orion-mesh-bird': '', 'guard-states': states }
      const files = { [DRAIN_FILE]: drainFile(n1, undefined) }
      const hosts = ['n1', 'n2'].map((name) =>
        fakeHost({ name, files, programs: { ...programs, ...(name === 'n2' && { 'guard-states': '' }) } }),
      )
      const outside = { host: async (name: string) => hosts[name === 'n1' ? 0 : 1]?.host } as unknown as Outside
      const notes: string[] = []
      await drainLink(model, outside, link, { on: true, note: (text) => notes.push(text) })
      assert.match(
        notes.join('\n'),
        /^n1: root@vm \(orion bgp apply\) is changing the host, until 16:39:37 .*; waiting/m,
      )
      assert.equal(notes.at(-1), 'n1: wg-n2 is drained')
    })

    it('does nothing where there is no BIRD of the mesh', async () => {
      assert.ok(link)
      const [one, , outside] = make(undefined)
      await drainLink(model, outside, link, { on: true, note })
      await drainLink(siteOf(['n1', 'n2'], 'static'), outside, link, { on: true, note })
      assert.deepEqual(one.changes, [])
    })
  })
})
