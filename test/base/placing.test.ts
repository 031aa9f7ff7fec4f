// Where each check belongs: part, place and nodes by its id, and what --node leaves.
import assert from 'node:assert/strict'
import { placeProbes } from '../../src/base/placing.ts'
import { makeTurns } from '../../src/base/verify-watch.ts'
import { parts } from '../../src/parts/parts.ts'
import type { Part, Probe } from '../../src/resource.ts'
import { loadSite } from '../../src/site/load.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const load = (name: string) => loadSite(`templates/sites/${name}.yaml`, { standInKey: KEY })

const partOf = (...ids: string[]): Part => {
  const probe = (id: string): Probe => ({ id, title: id, run: async () => ({ state: 'ok', expected: '', seen: '' }) })
  return { name: 'some', resources: () => [], probes: () => ids.map(probe) }
}

describe('base/placing', () => {
  const ROWS: readonly [site: string, id: string, place: string | undefined, nodes: string[]][] = [
    ['orion', 'as-wanted:vm:r730/200', 'r730', ['r730']],
    ['orion', 'bgp-session:router/upstream', 'r730', ['r730']],
    ['orion', 'updates:router', 'r730', ['r730']],
    ['orion', 'token-held:orion/orion@pve!orion', 'orion', ['r730']],
    ['federation', 'as-wanted:role:vancouver/Orion', 'vancouver', ['van-1', 'van-2', 'van-3']],
    ['federation', 'tunnel:fra-1~van-1', undefined, ['fra-1', 'van-1']],
    ['federation', 'mesh-ways:mesh', undefined, []],
    ['federation', 'odd', undefined, []],
  ]
  for (const [name, id, place, nodes] of ROWS) {
    it(`${id}: ${place ?? 'no place'}`, async () => {
      const site = await load(name)
      const [probe] = placeProbes(site, [partOf(id)])
      assert.deepEqual([probe?.part, probe?.place], ['some', place])
      const seenFrom = site.nodes.filter((node) => placeProbes(site, [partOf(id)], [node.name]).length > 0)
      assert.deepEqual(seenFrom.map((node) => node.name).sort(), nodes)
    })
  }

  for (const name of ['orion', 'hive', 'federation']) {
    it(`every check of ${name} has a place, but for what has two ends`, async () => {
      const lost = placeProbes(await load(name), parts).filter(({ place }) => place === undefined)
      assert.deepEqual(
        lost.map(({ id }) => id).filter((id) => !/^(tunnel:|mesh-ways:)/.test(id)),
        [],
      )
    })
  }
})

describe('base/verify-watch', () => {
  it('knows since when each check is in its state', () => {
    const turns = makeTurns()
    const see = (state: 'ok' | 'failed', ms: number) => {
      const probe = { id: 'a', title: 'a', state, expected: '', seen: '', looks: 1, ms: 1 }
      turns.take({ probes: [probe] }, ms)
      return turns.since.get('a')
    }
    assert.deepEqual([see('ok', 1), see('ok', 2), see('failed', 3), see('failed', 4), see('ok', 5)], [1, 1, 3, 3, 5])
  })
})
