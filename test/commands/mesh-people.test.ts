// orion bootstrap join and orion mesh client, through the built bin: the federation in the lab, to which a node and a laptop come.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { BIN, type Ran } from './orion.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

/** A guarded change of a run that was killed may stand for 180 s (a weight), and the next run waits for that; then its own work. */
const LIMIT_MS = 180_000 + 120_000

describe('people and joining in the lab', function () {
  this.timeout(2 * LIMIT_MS)
  let here: Rehearsal

  before(async () => {
    here = await rehearse(siteFile('federation'))
  })
  after(() => here?.leave())

  const done = async (...args: string[]): Promise<Ran> => {
    const own = ['--site', siteFile('federation'), '--lab-dir', here.lab]
    const ran = await here.run([...args, ...own], { timeout: LIMIT_MS })
    assert.equal(ran.exit, 0, ran.out + ran.err)
    return ran
  }
  /** Everything that the lab keeps of its hosts. */
  const world = () =>
    readdirSync(here.lab)
      .filter((name) => /^world-.*\.json$/.test(name))
      .map((name) => readFileSync(join(here.lab, name), 'utf8'))
      .join('\n')

  describe('orion bootstrap join', () => {
    /** The same, ended without a chance to clear up as soon as it says this. */
    const killed = async (at: RegExp, ...args: string[]): Promise<string> => {
      const env = { HOME: here.home, XDG_STATE_HOME: join(here.home, 'state'), NO_COLOR: '1' }
      const own = ['--site', siteFile('federation'), '--lab-dir', here.lab]
      const child = execa(process.execPath, [BIN, ...args, ...own], {
        env,
        reject: false,
        stdin: 'ignore',
        timeout: LIMIT_MS,
      })
      let said = ''
      child.stderr.on('data', (chunk) => {
        said += chunk
        if (at.test(said)) child.kill('SIGKILL')
      })
      const { signal } = await child
      assert.equal(signal, 'SIGKILL', said)
      return said
    }

    it('wants a node of the site, and no step before its time', async () => {
      const unknown = await here.orion('bootstrap', 'join', 'rey-2', '--yes')
      assert.deepEqual([unknown.exit, /no node named rey-2[\s\S]*van-1/.test(unknown.err)], [2, true], unknown.err)
      const early = await here.orion('bootstrap', 'join', 'rey-1', '--step', 'services', '--yes')
      assert.deepEqual(
        [early.exit, /step 3 of rey-1 \(services\) comes after step 1/.test(early.err)],
        [2, true],
        early.err,
      )
    })

    it('asks before it changes anything', async () => {
      const gateways = ['van-1', 'kel-1', 'fra-1', 'sin-1'].flatMap((name) => ['--gateway', name])
      const { out } = await done('mesh', 'apply', '--yes', ...gateways)
      assert.match(out, /^See it: .* mesh status --site .*\nProve it: .* verify --site /m)
      const { exit, err } = await here.orion('bootstrap', 'join', 'rey-1')
      assert.equal(exit, 2, err)
      assert.match(err, /8 threads, 16 GiB of memory[\s\S]*Step 2: network/)
    })

    it('goes on where a run was killed: in the middle of its network', async () => {
      const said = await killed(/of rey-1 .*: create\b/, 'bootstrap', 'join', 'rey-1', '--yes')
      assert.ok(!said.includes('Step 1'), said)
    })

    it('goes on where a run was killed: while traffic comes', async () => {
      const said = await killed(/ weight 50\n/, 'bootstrap', 'join', 'rey-1', '--yes')
      assert.match(said, /goes on joining[\s\S]*Step 2[\s\S]*Step 4[\s\S]*weight 0 now, then 25, 50, 75, 100/)
    })

    it('carries its part in the end, and then there is nothing to do', async () => {
      const { err } = await done('bootstrap', 'join', 'rey-1', '--yes')
      assert.match(err, /weight (25|50) now, then (50, )?75, 100/)
      assert.ok(!err.includes('Step 4'), err)
      assert.match((await done('bootstrap', 'join', 'rey-1', '--yes')).err, /Nothing to do: rey-1 has joined/)
    })

    it('looks at a machine alone', async () => {
      const { out } = await done('bootstrap', 'join', 'rey-1', '--step', 'hardware', '--json')
      assert.deepEqual([JSON.parse(out).done, JSON.parse(out).steps[0].step], [5, 1])
    })
  })

  describe('orion mesh client', () => {
    const keyIn = (text: string) => /^PrivateKey = (\S{44})$/m.exec(text)?.[1] ?? assert.fail(text)

    it('is told who may come in by the site file alone', async () => {
      const { exit, err } = await here.orion('mesh', 'client', 'add', 'phone', '--new-key', '--yes')
      assert.equal(exit, 2)
      assert.match(err, /sovereign has no client named phone[\s\S]*phone: \{ address: 10\.99\.0\.11 \}/)
    })

    it('prints a whole configuration once, on stdout alone, and keeps no key anywhere', async () => {
      const { out, err } = await done('mesh', 'client', 'add', 'laptop', '--new-key', '--yes')
      const key = keyIn(out)
      assert.match(out, /^Address = 10\.99\.0\.10\/32$[\s\S]*^Endpoint = van\.fed\.example\.net:51820$/m)
      // Without a terminal there is nothing for a camera.
      assert.ok(!/[█▀▄]/.test(out + err) && !err.includes(key), err)
      assert.ok(!world().includes(key))
      const files = readdirSync(here.home, { recursive: true, encoding: 'utf8' }).map((file) => join(here.home, file))
      for (const file of files.filter((one) => existsSync(one) && statSync(one).isFile()))
        assert.ok(!readFileSync(file).includes(key), file)
      assert.match((await done('mesh', 'plan')).out, /0 to create, 0 to change/)
    })

    it('adds nobody twice; and again after a removal, with another key', async () => {
      const twice = await here.orion('mesh', 'client', 'add', 'laptop', '--new-key', '--yes')
      assert.equal(twice.exit, 2)
      assert.match(twice.err, /laptop is a client of van-1 already[\s\S]*mesh client remove laptop --site/)
      await done('mesh', 'client', 'remove', 'laptop', '--yes')
      const out = join(here.home, 'laptop.conf')
      const again = await done('mesh', 'client', 'add', 'laptop', '--new-key', '--yes', '--json', '--out', out)
      assert.equal(statSync(out).mode & 0o777, 0o600)
      assert.ok(!(again.out + again.err).includes(keyIn(readFileSync(out, 'utf8'))))
    })

    it('wants one key, and a good one', async () => {
      await done('mesh', 'client', 'remove', 'laptop', '--yes')
      assert.equal((await here.orion('mesh', 'client', 'add', 'laptop', '--yes')).exit, 2)
      const bad = await here.orion('mesh', 'client', 'add', 'laptop', '--public-key', 'x', '--yes')
      assert.deepEqual([bad.exit, /44 signs of base64/.test(bad.err)], [2, true], bad.err)
      const key = Buffer.alloc(32, 5).toString('base64')
      const { out } = await done('mesh', 'client', 'add', 'laptop', '--public-key', key, '--yes', '--json')
      assert.ok(!/^PrivateKey/m.test(JSON.parse(out).configuration))
      assert.equal(JSON.parse(out).publicKey, key)
    })
  })
})
