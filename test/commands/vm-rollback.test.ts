// orion vm rollback, and the snapshots before changes, through the built bin.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator } from './orion.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'

const siteText = (memory: string) => `site: demo
nodes: { a: { address: 192.0.2.1 } }
storage:
  tank: { type: zfspool, pool: tank, content: [images, rootdir] }
  files: { type: dir, path: /srv, content: [images] }
guests:
  web: { id: 101, storage: tank, disk: 8G, memory: ${memory}, onboot: true }
  raw: { id: 102, storage: files, disk: 8G, memory: ${memory} }
snapshots: { keep: 1 }
`

describe('orion vm rollback', function () {
  this.timeout(120_000)
  let writer: Operator
  let here: Rehearsal
  let file: string
  const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
  const write = (memory: string) => writeFileSync(file, siteText(memory))
  const list = async () => {
    const { snapshots } = JSON.parse((await orion('vm', 'rollback', 'web', '--list', '--json')).out)
    return snapshots.map(({ name, own }: { name: string; own: boolean }) => (own ? name : `not ours: ${name}`))
  }
  const wants = async () => {
    const { plan } = JSON.parse((await orion('vm', 'plan', '--only', 'web', '--json')).out)
    const [step] = plan.steps.filter(({ verb }: { verb: string }) => verb !== 'keep')
    return step?.differences.map(({ field, have, want }: Record<string, string>) => `${field} ${have}→${want}`) ?? []
  }

  before(async () => {
    writer = newOperator()
    file = join(writer.home, 'orion.yaml')
    write('1G')
    here = await rehearse(file)
    const built = await orion('bootstrap', '--yes', '--json')
    assert.equal(built.exit, 0, built.err + built.out)
  })
  after(() => {
    here?.leave()
    writer?.leave()
  })

  it('has nothing to go back to before anything was changed', async () => {
    assert.match((await orion('vm', 'rollback', 'web', '--list')).out, /^web has no snapshots\.$/m)
    const none = await orion('vm', 'rollback', 'web', '--yes')
    assert.equal(none.exit, 2)
    assert.match(none.err, /web has no snapshot that orion made/)
  })

  it('is shown before a change, and one stays after a green verify', async () => {
    write('2G')
    const plan = await orion('vm', 'plan')
    assert.equal(plan.exit, 3)
    assert.match(plan.out, /~ vm +web .*\n +snapshot first\n/)
    assert.match(plan.out, /~ vm +raw .*\n +no snapshot: not every disk of it can have one \(scsi0 on files\)\n/)
    for (const memory of ['2G', '3G']) {
      write(memory)
      const built = await orion('vm', 'apply', '--yes', '--restart')
      assert.equal(built.exit, 0, built.err + built.out)
    }
    const two = await list()
    assert.equal(two.length, 2, 'nothing was proved yet')
    write('4G')
    const built = await orion('bootstrap', '--yes', '--json', '--restart')
    assert.equal(built.exit, 0, built.err + built.out)
    const gone = JSON.parse(built.out).tidied.steps[0].differences.map(({ field }: { field: string }) => field)
    assert.deepEqual(gone, [...two].reverse())
    assert.equal((await list()).length, 1)
  })

  it('asks, and does nothing without a yes', async () => {
    const asked = await orion('vm', 'rollback', 'web')
    assert.equal(asked.exit, 2)
    assert.match(asked.out, /state +running → as of orion-\d{8}-\d{6}/)
    assert.equal((await orion('vm', 'rollback', 'web', '--dry-run')).exit, 3)
    assert.equal((await orion('vm', 'rollback', 'web', '--json')).exit, 2)
    assert.deepEqual(await wants(), [])
  })

  it('goes back, says what the site file wants of it, and goes on from there', async () => {
    const { exit, out, err } = await orion('vm', 'rollback', 'web', '--yes')
    assert.equal(exit, 0, err + out)
    assert.match(out, /What the site file wants of it: .*vm plan --only web/)
    assert.match((await orion('vm', 'list')).out, /web .*running/)
    assert.deepEqual(await wants(), ['memory 3072→4096'])
    for (const line of out.split('\n')) assert.ok(line.length <= 80 || line.startsWith('What'), line)
  })

  for (const [what, args, text] of [
    ['an unknown guest', ['wob'], /demo has no guest named wob/],
    ['an unknown snapshot', ['web', '--snapshot', 'nope', '--yes'], /web has no snapshot nope/],
    ['two wishes', ['web', '--list', '--snapshot', 'x'], /list/],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { exit, err } = await orion('vm', 'rollback', ...args)
      assert.equal(exit, 2, err)
      assert.match(err, text)
    })
})
