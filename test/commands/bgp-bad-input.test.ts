// What is wrong in the site file, or with the router, is an error of `orion bgp plan` and `apply`, and nothing is touched: through the built bin.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Row {
  readonly title: string
  readonly from: string
  readonly to: string
  readonly exit: number
  readonly says: RegExp
}

const ROWS: readonly Row[] = [
  {
    title: 'a peer with our own AS number',
    from: 'asn: 6939',
    to: 'asn: 394955',
    exit: 2,
    says: /bgp\.peers\.upstream\.asn\W+AS394955 is our own/,
  },
  {
    title: 'a prefix that we do not hold',
    from: 'announce: [2602:f674::/48]',
    to: 'announce: [2602:f674::/48, 2602:f647::/48]',
    exit: 2,
    says: /2602:f647::\/48 is not ours: no network and no address of the site is in it/,
  },
]

describe('orion bgp: bad input', function () {
  this.timeout(180_000)
  let here: Rehearsal
  let file: string
  const text = readFileSync(siteFile('orion'), 'utf8')
  const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])

  before(async () => {
    here = await rehearse(siteFile('orion'))
    file = join(here.home, 'orion.yaml')
    writeFileSync(file, text)
    const { exit, out, err } = await orion('bootstrap', '--yes')
    assert.equal(exit, 0, out + err)
  })
  after(() => here?.leave())

  for (const { title, from, to, exit, says } of ROWS)
    it(title, async () => {
      assert.ok(text.includes(from), from)
      writeFileSync(file, text.replace(from, to))
      const planned = await orion('bgp', 'plan')
      const shown = (planned.out + planned.err).replace(/\s+/g, ' ')
      assert.match(shown, says)
      assert.equal(planned.exit, exit, shown)
      const applied = await orion('bgp', 'apply', '--yes')
      assert.equal(applied.exit, exit, applied.out + applied.err)
      writeFileSync(file, text)
      assert.equal((await orion('bgp', 'plan')).exit, 0, 'nothing was changed')
    })

  it('an AS-SET that resolves to nothing: told by the plan, and where bgpq4 is still to come by the apply, before BIRD changes', async () => {
    const withSet = (name: string) => {
      const provider = '      relation: provider '
      assert.ok(text.includes(provider))
      writeFileSync(file, text.replace(provider, `      relation: customer\n      asSet: ${name} #`))
    }
    const says = /AS-NO-SUCH has no IPv6 prefix in .* is its name right\?/
    withSet('AS-NO-SUCH')
    const first = await orion('bgp', 'apply', '--yes')
    assert.notEqual(first.exit, 0)
    assert.match((first.out + first.err).replace(/\s+/g, ' '), says)
    const planned = await orion('bgp', 'plan')
    assert.match(planned.out.replace(/\s+/g, ' '), says)
    assert.equal(planned.exit, 4)
    writeFileSync(file, text)
    assert.equal((await orion('bgp', 'plan')).exit, 0, 'BIRD is as it was')
    withSet('AS-EXAMPLE')
    assert.equal((await orion('bgp', 'apply', '--yes')).exit, 0)
    withSet('AS-NO-SUCH')
    assert.equal((await orion('bgp', 'apply', '--yes')).exit, 4)
  })
})
