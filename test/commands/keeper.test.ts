// orion keeper …, through the built bin: the Hive in the lab, cool and hot, with a disk that fails, and without its guard again.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setHostFault } from './lab-control.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

describe('orion keeper in the lab', function () {
  this.timeout(120_000)
  let here: Rehearsal
  const done = async (...args: string[]): Promise<string> => {
    const { exit, out, err } = await here.orion(...args)
    assert.equal(exit, 0, out + err)
    return out + err
  }
  const fault = (command: string, code: number) =>
    setHostFault(here.lab, [{ match: { command, times: 0 }, action: { code } }])

  before(async () => {
    here = await rehearse(siteFile('hive'))
    await done('bootstrap', '--yes')
  })
  afterEach(() => setHostFault(here.lab, []))
  after(() => here?.leave())

  it('runs, and has nothing left to do', async () => {
    const plan = JSON.parse((await here.orion('keeper', 'plan', '--json')).out).plan
    assert.ok(plan.steps.every(({ verb }: { verb: string }) => verb === 'keep'))
    assert.match(await done('keeper', 'status'), /genesis +cool, 45 °C/)
    assert.match(await done('keeper', 'log'), /start/)
  })

  it('tells when a node is hot, with exit 3', async () => {
    await fault('^temperature$', 85)
    const { exit, out } = await here.orion('keeper', 'status')
    assert.equal(exit, 3, out)
    assert.match(out, /85 °C/)
    assert.equal((await here.orion('verify')).exit, 3)
  })

  it('says in which order guests would give way, and names no guest that is to be kept', async () => {
    const out = await done('keeper', 'test', '--temperature', '85C')
    const order = [...out.matchAll(/(?:take idle memory|shut down) +(\S+)/g)].map(([, name]) => name)
    assert.deepEqual(order, ['council', 'worker-1', 'worker-2', 'worker-3', 'worker-4', 'council'])
    assert.match(out, /district \(110\): not running/)
    assert.doesNotMatch(out, /trading-floor|brain/)
    assert.doesNotMatch(await done('keeper', 'test', '--temperature', '70C'), /shut down/)
  })

  it('foresees a disk that fails', async () => {
    assert.match(await done('keeper', 'predict'), /none of them fails/)
    await fault('^disk nvme0n1$', 1)
    const { exit, out } = await here.orion('keeper', 'predict')
    assert.equal(exit, 3, out)
    assert.match(out, /nvme0n1/)
  })

  for (const given of ['hot', '-5C', '1000C', '']) {
    it(`takes no temperature ${JSON.stringify(given)}`, async () => {
      const { exit, out, err } = await here.orion('keeper', 'test', `--temperature=${given}`)
      assert.equal(exit, 2, out + err)
    })
  }

  it('goes, and comes again', async () => {
    await done('keeper', 'undo', 'genesis', '--yes')
    const { out } = await here.orion('keeper', 'plan')
    assert.match(out, /the Keeper of genesis/)
    await done('keeper', 'apply', '--yes')
    assert.match(await done('keeper', 'status'), /genesis +cool/)
  })

  it('ends with the next apply where the site file does not name it any more, whatever was changed since', async () => {
    const text = readFileSync(siteFile('hive'), 'utf8')
    const [hotter, without] = [join(here.home, 'hotter.yaml'), join(here.home, 'without.yaml')]
    writeFileSync(hotter, text.replace('limit: 80C', 'limit: 82C'))
    writeFileSync(without, text.replace(/^keeper:[\s\S]*$/m, ''))
    const as = (file: string, ...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
    assert.equal((await as(hotter, 'keeper', 'apply', '--yes')).exit, 0)
    const { exit: warned, out: proof } = await as(without, 'verify', '--only', 'left-topics*')
    assert.equal(warned, 0, proof)
    assert.match(proof, /still there: the Keeper[\s\S]*keeper apply --node genesis --site/)
    const { exit: differs, out: plan } = await as(without, 'keeper', 'plan')
    assert.equal(differs, 3, plan)
    assert.match(plan, /interrupts the Keeper for good \(nobody sheds when genesis is hot\)/)
    const { exit, out, err } = await as(without, 'keeper', 'apply', '--yes')
    assert.equal(exit, 0, out + err)
    const { exit: again, out: after } = await as(without, 'keeper', 'plan')
    assert.equal(again, 0, after)
    assert.match((await as(without, 'verify', '--only', 'left-topics*')).out, /1 ok/)
    assert.match((await here.orion('keeper', 'status')).out, /no Keeper/)
  })
})
