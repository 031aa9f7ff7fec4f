// orion bootstrap, through the built bin: the three real sites, twice, and everything a script relies on.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Doc {
  plan: { steps: { id: string; title: string; verb: string }[] }
  report?: { steps: { outcome: string }[]; counts: Record<string, number> }
  verify?: { ok: boolean; counts: Record<string, number> }
}
const verbs = ({ plan }: Doc) =>
  Object.fromEntries(plan.steps.map(({ verb }) => [verb, plan.steps.filter((step) => step.verb === verb).length]))

describe('orion bootstrap', function () {
  this.timeout(120_000)
  let here: Rehearsal | undefined
  afterEach(() => here?.leave())

  const SITES: [name: string, guests: number][] = [
    ['orion', 17],
    ['hive', 10],
    ['federation', 0],
  ]
  for (const [name, guests] of SITES) {
    it(`builds ${name}, proves it, and has nothing left to do`, async () => {
      here = await rehearse(siteFile(name))
      const first = await here.orion('bootstrap', '--yes', '--json')
      assert.equal(first.exit, 0, first.err + first.out)
      assert.equal(first.err, '', 'with --json nothing else is said')
      const built = JSON.parse(first.out) as Doc
      assert.equal(built.plan.steps.filter(({ id }) => /^(vm|container):/.test(id)).length, guests)
      assert.equal(built.report?.counts.failed, 0)
      assert.equal(built.verify?.ok, true)
      const again = await here.orion('bootstrap', '--yes', '--json')
      assert.equal(again.exit, 0, again.err)
      assert.deepEqual(Object.keys(verbs(JSON.parse(again.out))), ['keep'])
      const plan = await here.orion('bootstrap', 'plan')
      assert.equal(plan.exit, 0)
      assert.match(plan.out, /0 to create, 0 to change, 0 to remove/)
    })
  }

  it('builds on Proxmox VE 8 as well', async () => {
    here = await rehearse(siteFile('orion'), { version: '8' })
    const first = await here.orion('bootstrap', '--yes', '--json')
    assert.equal(first.exit, 0, first.err + first.out)
    const again = await here.orion('bootstrap', 'plan')
    assert.equal(again.exit, 0, again.out)
    const [hardware] = JSON.parse(readFileSync(join(here.lab, 'hardware.json'), 'utf8'))
    assert.match(hardware.version, /^8\./, 'the lab stays what it was')
  })

  it('changes nothing without a terminal and without --yes, and says so', async () => {
    here = await rehearse(siteFile('orion'))
    const asked = await here.orion('bootstrap')
    assert.equal(asked.exit, 2)
    assert.match(asked.err, /no terminal.*nothing was changed/s)
    assert.match(asked.err, /--yes/)
    const json = await here.orion('bootstrap', '--json')
    assert.equal(json.exit, 2)
    assert.equal(JSON.parse(json.out).error.code, 'E_CONFIRM')
    const plan = await here.orion('bootstrap', 'plan', '--json')
    assert.equal(plan.exit, 3)
    assert.equal(verbs(JSON.parse(plan.out)).create, 34)
  })

  it('says with --dry-run what it would do, exit 3, and does not', async () => {
    here = await rehearse(siteFile('orion'))
    const dry = await here.orion('bootstrap', '--dry-run', '--only', 'redis', '--yes')
    assert.equal(dry.exit, 3)
    assert.match(dry.out, /\+ container +redis/)
    assert.doesNotMatch(dry.out, /router/)
    const list = await here.orion('vm', 'list')
    assert.match(list.out, /redis +ct +r730 +absent/)
  })

  it('refuses --fresh without the lab', async () => {
    here = await rehearse(siteFile('orion'))
    const wrong = await here.run(['bootstrap', '--fresh', '--site', siteFile('orion')])
    assert.equal(wrong.exit, 2)
    assert.match(wrong.err, /--lab/)
  })
})
