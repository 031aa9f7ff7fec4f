// What goes with what it names, and what is renamed with it: every removal leaves a site file without dangling names.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { prune, renameNode, without } from '../../../src/base/wizard/references.ts'
import { renumber } from '../../../src/base/wizard/renumber.ts'
import { get, keysOf, pathsOf, type Value } from '../../../src/base/wizard/value.ts'
import { fakeWorld, here } from './fake-world.ts'

describe('base/wizard/references', function () {
  this.timeout(60_000)
  let starts: Readonly<Record<string, Value>>
  before(async () => {
    starts = Object.fromEntries((await here()).starts.map(({ name, value }) => [name, value]))
  })

  it('without its router there are no rules, no BGP, and nobody answers DHCP', () => {
    const left = without(starts.orion, ['guests', 'router'])
    assert.deepEqual([get(left, ['firewall']), get(left, ['bgp'])], [undefined, undefined])
    assert.deepEqual(pathsOf(left, ['networks', '*', 'router']), [])
    assert.deepEqual(keysOf(left, 'mesh', 'gateways'), [])
    assert.deepEqual(keysOf(left, 'networks').length, 6)
  })

  it('a guest of a range is named by its number', () => {
    const value = { guests: { worker: { id: '300-303' } }, keeper: { shed: ['worker-2', 'gone', 'worker'] } }
    assert.deepEqual(get(prune(value), ['keeper', 'shed']), ['worker-2', 'worker'])
  })

  it('clusters without a node go, and links of the mesh with their ends', () => {
    const left = without(without(starts.federation, ['nodes', 'fra-1']), ['nodes', 'kel-1'])
    assert.deepEqual(keysOf(left, 'clusters'), ['vancouver', 'singapore', 'reykjavik'])
    assert.deepEqual([get(left, ['mesh', 'direct']), get(left, ['mesh', 'bypass'])], [undefined, undefined])
  })

  it('whatever is taken out of a starting point, no name is left that names nothing', async () => {
    const world = fakeWorld()
    const things = (['orion', 'hive', 'federation'] as const).flatMap((start) =>
      ['networks', 'guests', 'images', 'storage', 'nodes'].flatMap((part) =>
        keysOf(starts[start], part).map((name) => ({ start, path: [part, name] })),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...things), fc.constantFrom(...things), async (one, two) => {
        const value = without(without(starts[one.start], one.path), one.start === two.start ? two.path : one.path)
        const wrong = (await world.check(value)).filter(
          ({ severity, message }) => severity === 'error' && / is called /.test(message),
        )
        assert.deepEqual(
          wrong.map(({ path, message }) => `${path.join('.')}: ${message}`),
          [],
        )
      }),
      { numRuns: 25 },
    )
  })

  it('renames a node everywhere', () => {
    const renamed = renameNode(starts.federation, 'van-1', 'pve')
    assert.doesNotMatch(JSON.stringify(renamed), /van-1/)
    assert.deepEqual(keysOf(renamed, 'nodes')[0], 'pve', 'in its place')
    assert.equal(get(renamed, ['mesh', 'hub']), 'pve')
    assert.equal(get(renameNode(starts.orion, 'r730', 'pve'), ['defaults', 'guest', 'node']), 'pve')
  })
})

describe('base/wizard/renumber', () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['192.168.1.7', '192.168.1.0/24', '10.0.0.0/24', '10.0.0.7'],
    ['192.168.1.60-192.168.1.63', '192.168.1.0/24', '10.0.0.0/24', '10.0.0.60-10.0.0.63'],
    ['192.168.1.7/24', '192.168.1.0/24', '10.0.0.0/24', '10.0.0.7/24'],
    ['192.168.1.0/24', '192.168.1.0/24', '10.0.0.0/23', '10.0.0.0/23'],
    ['192.168.2.7', '192.168.1.0/24', '10.0.0.0/24', '192.168.2.7'],
    ['192.168.1.200', '192.168.1.0/24', '10.0.0.0/25', '192.168.1.200'],
    ['2001:db8::7', '2001:db8::/64', '2001:db8:1::/64', '2001:db8:1::7'],
    ['192.168.1.7', '192.168.1.0/24', 'nonsense', '192.168.1.7'],
    ['at 192.168.1.7', '192.168.1.0/24', '10.0.0.0/24', 'at 192.168.1.7'],
  ]
  for (const [text, from, to, wanted] of rows)
    it(`${text} with ${from} -> ${to} is ${wanted}`, () => {
      assert.deepEqual(renumber({ a: [text], b: { c: text } }, from, to, [['b', 'c']]), { a: [wanted], b: { c: text } })
    })
})
