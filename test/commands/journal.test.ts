// The journal as its operator meets it, through the built bin in the lab: written by every change, shown, checked, told to the node.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFaults } from './lab-control.ts'
import { BIN } from './orion.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'

const SITE = `site: small
nodes:
  n1: { address: 127.0.0.1 }
networks: { lan: { bridge: vmbr0, ipv4: 127.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
images: { alpine: { template: alpine-3 } }
guests:
  one: { id: 100, kind: ct, image: alpine, storage: local-zfs, memory: 512M, disk: 2G, onboot: true, nics: { lan: 127.0.0.5 } }
`

describe('the journal in the lab', function () {
  this.timeout(120_000)
  let here: Rehearsal
  let folder: string
  const file = () => join(here.lab, 'journal.jsonl')
  const text = () => readFileSync(file(), 'utf8')
  const done = async (...args: string[]): Promise<string> => {
    const { exit, out, err } = await here.orion(...args)
    assert.equal(exit, 0, `${args.join(' ')}\n${out}${err}`)
    return out + err
  }
  const runs = async () => JSON.parse((await here.orion('bootstrap', 'log', '--json')).out).runs

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    const site = join(folder, 'orion.yaml')
    writeFileSync(site, SITE)
    here = await rehearse(site)
  })
  afterEach(() => setFaults(here.lab, []))
  after(() => {
    here?.leave()
    rmSync(folder, { recursive: true, force: true })
  })

  it('nothing was changed, so there is nothing to show, and nothing is wrong', async () => {
    assert.match(await done('bootstrap', 'log'), /no journal of small yet: nothing was changed/)
    assert.match(await done('verify', '--journal'), /2 chains checked, all hold and agree/)
    assert.equal((await here.orion('bootstrap', 'plan')).exit, 3)
    assert.ok(!existsSync(file()))
  })

  it('every change is a run, here and on the node', async () => {
    await done('bootstrap', '--yes')
    await done('vm', 'stop', 'one', '--yes')
    const [stopped, built] = await runs()
    assert.deepEqual([stopped.begin.command, stopped.begin.nodes, stopped.end.exit], ['vm stop one', ['n1'], 0])
    assert.equal(built.begin.command, 'bootstrap')
    assert.match(await done('bootstrap', 'log'), /2 {2}\S+ \S+ +\S+ +vm stop one +1 done/)
    assert.match(await done('bootstrap', 'log', '1'), /create +done .*container one \(n1\/100\)$/m)
    assert.match(await done('bootstrap', 'log', '--node', 'n1'), /2 runs, .*\/var\/lib\/orion\/journal\/small\.jsonl/)
    assert.match(await done('verify', '--journal'), /n1 +4 entries/)
  })

  it('a second run without anything to do is no run', async () => {
    const before = text()
    await done('vm', 'stop', 'one', '--yes')
    assert.equal(text(), before)
  })

  it('finds what was changed or taken out here, with exit 3', async () => {
    const whole = text()
    writeFileSync(file(), whole.replace('vm stop one', 'vm stop two'))
    const changed = await here.orion('verify', '--journal')
    assert.deepEqual([changed.exit, /broken at line 3/.test(changed.out)], [3, true], changed.out)
    writeFileSync(file(), whole.split('\n').slice(0, 2).join('\n').concat('\n'))
    const cut = await here.orion('verify', '--journal')
    assert.deepEqual([cut.exit, /n1 has run 2, which is not here/.test(cut.out)], [3, true], cut.out)
    rmSync(file())
    const gone = await here.orion('verify', '--journal', '--json')
    assert.deepEqual([gone.exit, JSON.parse(gone.out).ok], [3, false])
    writeFileSync(file(), whole)
  })

  it('a node that cannot be told does not fail the run, and is told by the next one', async () => {
    await setFaults(here.lab, [{ match: { command: '^orion-journal', times: 0 }, action: { code: 1 } }])
    assert.match(await done('vm', 'start', 'one', '--yes'), /Not in the journal of n1 \(E_HOST_COMMAND\) yet/)
    await setFaults(here.lab, [])
    assert.match(await done('verify', '--journal'), /! n1 +4 entries.*\n +not told of run 3 yet/)
    await done('vm', 'stop', 'one', '--yes')
    assert.match(await done('verify', '--journal'), /✔ n1 +8 entries/)
  })

  it('a run that was killed has no end, and stands there', async () => {
    await setFaults(here.lab, [{ match: { task: '^vzstart' }, action: { slowTask: 60_000 } }])
    const { env } = process
    const place = ['--site', join(folder, 'orion.yaml'), '--lab-dir', here.lab]
    const child = spawn(process.execPath, [BIN, 'vm', 'start', 'one', '--yes', ...place], { env, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const lines = () => text().trimEnd().split('\n').length
    const before = lines()
    for (const late = Date.now() + 60_000; lines() === before && Date.now() < late; ) await sleep(50)
    child.kill('SIGKILL')
    await ended
    assert.equal(lines(), before + 1)
    assert.match(await done('bootstrap', 'log'), /vm start one +no end/)
    assert.match(await done('verify', '--journal'), /run 5 \(vm start one, .*\) has no end/)
  })

  it('and is settled by the next one, also where that finds nothing to do', async () => {
    assert.match(await done('vm', 'apply', '--only', 'local-zfs', '--yes'), /0 to create, 0 to change/)
    assert.match(await done('bootstrap', 'log'), /vm start one +killed/)
    assert.match(await done('bootstrap', 'log', '5'), /killed: the next run found it without an end/)
    assert.match(await done('verify', '--journal'), /✔ this machine +10 entries.*\n.*✔ n1 +10 entries/)
  })

  for (const [args, why] of [
    [['bootstrap', 'log', '99'], /has no run 99/],
    [['bootstrap', 'log', 'x'], /has no run x/],
    [['bootstrap', 'log', '--node', 'n9'], /n9/],
    [['bootstrap', 'log', '1', '--node', 'n1'], /does not say which/],
    [['verify', '--journal', '--watch'], /journal/],
  ] as const)
    it(`${args.join(' ')}: exit 2`, async () => {
      const { exit, out, err } = await here.orion(...args)
      assert.equal(exit, 2, out + err)
      assert.match(out + err, why)
    })
})
