// orion mesh …, through the built bin: the federation in the lab, from hosts without a mesh to one that changes, moves and is put back.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setHostFault } from './lab-control.ts'
import type { Ran } from './orion.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Step {
  readonly id: string
  readonly verb: string
  readonly problem?: { readonly code: string; readonly message: string }
  readonly waits?: unknown
}
const LINKS = [
  'fra-1~kel-1',
  'fra-1~rey-1',
  'fra-1~van-1',
  'kel-1~rey-1',
  'kel-1~sin-1',
  'kel-1~van-1',
  'rey-1~van-1',
  'sin-1~van-1',
]
const ROUTE = 'routes: [10.4.0.0/24]'

describe('orion mesh in the lab', function () {
  this.timeout(240_000)
  let here: Rehearsal
  let file: string
  const said: string[] = []
  const orion = async (...args: string[]): Promise<Ran> => {
    const ran = await here.run([...args, '--site', file, '--lab-dir', here.lab])
    said.push(ran.out, ran.err)
    return ran
  }
  const done = async (...args: string[]): Promise<string> => {
    const { exit, out, err } = await orion(...args)
    assert.equal(exit, 0, out + err)
    return out + err
  }
  const steps = async (...args: string[]): Promise<readonly Step[]> =>
    JSON.parse((await orion('mesh', 'plan', '--json', ...args)).out).plan.steps
  const verbs = (list: readonly Step[]) => [...new Set(list.map(({ verb }) => verb))]
  /** The site file of the starting points with one thing changed. */
  const change = (from: string, to: string) => {
    const text = readFileSync(siteFile('federation'), 'utf8')
    assert.ok(text.includes(from), from)
    writeFileSync(file, text.replace(from, to))
  }
  const restore = () => writeFileSync(file, readFileSync(siteFile('federation')))
  const faults = (...hosts: string[]) =>
    setHostFault(
      here.lab,
      hosts.map((host) => ({ match: { host, times: 0 }, action: 'unreachable' })),
    )
  /** Everything that the hosts of the lab hold under a name that ends so; what it is just writing is beside it, as .json.new. */
  const held = (ending: RegExp): string[] =>
    readdirSync(here.lab)
      .filter((name) => /^world-.*\.json$/.test(name))
      .flatMap((name) => Object.values(JSON.parse(readFileSync(join(here.lab, name), 'utf8')).hosts as object))
      .flatMap(({ files }: { files: Record<string, { text: string }> }) => Object.entries(files))
      .filter(([path]) => ending.test(path))
      .map(([, { text }]) => text.trim())

  /** The lab writes its hosts down soon, not at once. */
  const soon = async (check: () => void): Promise<void> => {
    for (const end = Date.now() + 10_000; ; await sleep(100))
      try {
        check()
        return
      } catch (error) {
        if (Date.now() > end) throw error
      }
  }

  before(async () => {
    here = await rehearse(siteFile('federation'))
    file = join(here.home, 'federation.yaml')
    restore()
  })
  afterEach(restore)
  after(() => here?.leave())

  it('shows all that is to be made, and no key', async () => {
    const { exit, out } = await orion('mesh', 'plan')
    assert.equal(exit, 3)
    assert.match(out, /mesh-psk +preshared key of fra-1~kel-1/)
    assert.match(out, /ways into the mesh of van-2/)
  })

  it('makes it, and then there is nothing to do', async () => {
    await done('mesh', 'apply', '--yes')
    assert.deepEqual(verbs(await steps()), ['keep'])
  })

  it('every link is fresh, with a post-quantum key, and every pair has a way', async () => {
    const { links } = JSON.parse(await done('mesh', 'status', '--json'))
    assert.deepEqual(
      links.map(({ link, state }: { link: string; state: string }) => [link, state]),
      LINKS.map((link) => [link, 'fresh']),
    )
    const out = await done('mesh', 'status')
    assert.doesNotMatch(out, /classical|none/)
    assert.match(out, /^sin-1 +direct +van-1 +van-1 +\. +van-1 *$/m)
  })

  it('gives a link new keys, of either kind', async () => {
    const [psks, keys] = [/wg-(fra|rey)-1\.psk$/, /wg-fra-1\.key$/]
    const [before, pairs] = [held(psks), held(keys)]
    const fresh = (path: RegExp, old: readonly string[]) => held(path).filter((key) => !old.includes(key))
    await done('mesh', 'rotate', 'rey-1~fra-1', '--yes')
    await soon(() => {
      // One key, on both of its ends.
      assert.deepEqual([fresh(psks, before).length, new Set(fresh(psks, before)).size], [2, 1])
      assert.deepEqual(held(/\.(old|new)$/), [])
    })
    await done('mesh', 'rotate', 'rey-1~fra-1', '--keypairs', '--yes')
    await soon(() => assert.equal(fresh(keys, pairs).length, 1))
    await done('mesh', 'status')
  })

  it('a key that one end refuses goes back on both', async () => {
    const path = /wg-(fra|rey)-1\.psk$/
    const before = held(path)
    const match = { host: 'rey-1', command: '^orion-mesh-psk apply' }
    await setHostFault(here.lab, [{ match, action: { code: 1, stderr: 'no luck\n' } }])
    const { exit, out, err } = await orion('mesh', 'rotate', 'fra-1~rey-1', '--yes')
    assert.equal(exit, 4, out + err)
    assert.match(out + err, /no luck/)
    await soon(() => {
      assert.deepEqual(held(path), before)
      assert.deepEqual(held(/\.(old|new)$/), [])
    })
    await done('mesh', 'status')
  })

  it('gives a gateway a new identity, which its neighbours know', async () => {
    await done('mesh', 'rotate', '--identity', 'kel-1', '--yes')
    assert.deepEqual(verbs(await steps()), ['keep'])
  })

  it('cuts the hub, and the ways move to the bypass; the times are modelled', async () => {
    const out = await done('mesh', 'drill', 'hub')
    assert.match(out, /modelled: 8 ways moved, silent for 0\.9 s at most/)
    assert.match(out, /^sin-1 +fra-1 +van-1 +kel-1 /m)
  })

  it('lets a person in once, and out again', async () => {
    const added = await orion('mesh', 'client', 'add', 'laptop', '--new-key', '--yes')
    assert.equal(added.exit, 0, added.out + added.err)
    const [, key = ''] = /^PrivateKey = (\S+)$/m.exec(added.out) ?? []
    assert.match(key, /^[A-Za-z0-9+/]{43}=$/)
    assert.ok(!JSON.stringify(held(/./)).includes(key))
    assert.equal((await orion('mesh', 'client', 'add', 'laptop', '--new-key', '--yes')).exit, 2)
    assert.equal((await orion('mesh', 'client', 'add', 'phone', '--new-key', '--yes')).exit, 2)
    await done('mesh', 'client', 'remove', 'laptop', '--yes')
    await soon(() => assert.deepEqual(held(/client-laptop/), []))
    assert.deepEqual(verbs(await steps()), ['keep'])
  })

  it('has another way in by Tailscale, whose routes change', async () => {
    const [before, first] = ['  clients:', 'routes: [10.1.0.0/24], tags: ["tag:admin"]']
    const wanted = (routes: string) => `  tailscale: { hosts: [van-1], authKey: { env: NONE }, ${routes} }\n${before}`
    change(before, wanted(first))
    assert.match(await done('mesh', 'apply', '--yes'), /the routes count once they are approved/)
    assert.deepEqual(verbs(await steps()), ['keep'])
    change(before, wanted(first.replace(']', ', 10.2.0.0/24]')))
    assert.match(await done('mesh', 'apply', '--yes'), /10\.1\.0\.0\/24 → 10\.1\.0\.0\/24, 10\.2\.0\.0\/24/)
    assert.deepEqual(verbs(await steps()), ['keep'])
    change(before, wanted(first.replace('admin', 'other')))
    assert.match((await orion('mesh', 'plan')).out, /tags tag:admin → tag:other/)
  })

  it('a gateway that does not answer is a problem, and the others go on without it', async () => {
    await faults('rey-1')
    try {
      const problems = (await steps()).filter(({ problem }) => problem)
      assert.ok(problems.length > 0)
      assert.ok(
        problems.every(({ id, problem }) => /rey-1/.test(`${id} ${problem?.message}`)),
        JSON.stringify(problems),
      )
      assert.match((await orion('mesh', 'apply', '--yes')).err, /Nothing was changed/)
      assert.deepEqual(verbs(await steps('--gateway', 'sin-1')), ['keep'])
      const status = await orion('mesh', 'status')
      assert.equal(status.exit, 3)
      assert.match(status.out + status.err, /rey-1/)
    } finally {
      await faults()
    }
    await done('mesh', 'status')
  })

  it('changes the hub, and the bypass not in the same run; then puts a gateway back', async () => {
    change(ROUTE, 'routes: [10.4.0.0/24, 10.44.0.0/24]')
    assert.match(await done('mesh', 'apply', '--yes'), /waits +file-set routes of the mesh on kel-1/)
    await done('mesh', 'apply', '--yes')
    assert.deepEqual(verbs(await steps()), ['keep'])
    await done('mesh', 'undo', 'sin-1', '--yes')
    assert.notDeepEqual(verbs(await steps()), ['keep'])
  })

  it('never said a private or a preshared key', () => {
    const keys = held(/\/keys\/.*\.(key|psk)(\.old|\.new)?$|identity\.pem/)
    assert.ok(keys.length > 20)
    for (const key of keys) for (const text of said) assert.ok(!text.includes(key.split('\n')[1] ?? key))
  })
})
