// What fails in a mesh, on real hosts: a cut link, a dead hub, both hubs dead, every site alone. Ways move within BFD's patience, and back.
import assert from 'node:assert/strict'
import { allReach, cut, goesOver, PAIRS, type Pair, unreached, watched, way } from './mesh-prober.ts'
import { GATEWAYS, type GatewayName, type MeshStage, OWN } from './mesh-stage.ts'

/** 300 ms × 3 of BFD, and then the kernel's routes. */
const MOVED_MS = 3000
const WIDE_PORT = 'eno3'

export function tellFailures(here: () => MeshStage): void {
  it('direct links carry what is of their two ends, the hub everything else, the bypass nothing', async () => {
    const stage = here()
    const ways = async () =>
      Object.fromEntries(
        await Promise.all(PAIRS.map(async ([from, to]) => [`${from}→${to}`, await way(stage, from, to)] as const)),
      )
    const direct = new Set(['fra-1→kel-1', 'kel-1→fra-1', 'fra-1→rey-1', 'rey-1→fra-1'])
    const over = ([from, to]: Pair) => `wg-${direct.has(`${from}→${to}`) || from === 'van-1' ? to : 'van-1'}`
    // Every pair reached each other before this; over which link is settled when the last session stands.
    for (const pair of PAIRS) await goesOver(stage, pair, over(pair))
    const expected = PAIRS.map((pair) => [pair.join('→'), over(pair)])
    assert.deepEqual(await ways(), Object.fromEntries(expected))
  })

  it('a direct link cut: its two ends reach each other over the hub, and directly again afterwards', async () => {
    const stage = here()
    const pair = ['fra-1', 'kel-1'] as const
    let mend = async (): Promise<unknown> => undefined
    const { gapMs } = await watched(stage, pair, 20, async () => {
      mend = await cut(stage.hosts['fra-1'], 'wg-kel-1')
      await goesOver(stage, pair, 'wg-van-1')
    })
    assert.ok(gapMs < MOVED_MS, `${gapMs} ms without an answer`)
    await allReach(stage)
    const back = await watched(stage, pair, 20, async () => {
      await mend()
      await goesOver(stage, pair, 'wg-kel-1')
    })
    assert.ok(back.gapMs < 1000, `${back.gapMs} ms without an answer on the way back`)
  })

  it('the hub killed: everything else moves to the bypass, and every pair but its own goes on', async () => {
    const stage = here()
    const pair = ['sin-1', 'fra-1'] as const
    const { gapMs } = await watched(stage, pair, 20, async () => {
      await kill(stage, 'van-1')
      await goesOver(stage, pair, 'wg-kel-1')
    })
    assert.ok(gapMs < MOVED_MS, `${gapMs} ms without an answer`)
    await allReach(
      stage,
      PAIRS.filter((names) => !names.includes('van-1')),
    )
  })

  it('both hubs dead: a direct link still works, the other sites are apart', async () => {
    const stage = here()
    await kill(stage, 'kel-1')
    await goesOver(stage, ['sin-1', 'fra-1'], '')
    const left = PAIRS.filter((names) => !names.includes('van-1') && !names.includes('kel-1'))
    await allReach(
      stage,
      left.filter((names) => !names.includes('sin-1')),
    )
    const apart = left.filter((names) => names.includes('sin-1'))
    assert.deepEqual(
      await unreached(stage, apart),
      apart.map(([from, to]) => `${from}→${to}`),
    )
  })

  it('each site alone keeps its own network; together again, every pair is back by itself', async () => {
    const stage = here()
    for (const name of GATEWAYS) stage.hosts[name].cable('down', WIDE_PORT)
    await stage.hosts['van-1'].reachable()
    const near = ['ping', '-q', '-c', '2', '-i', '0.2', '-W', '2', '-I', OWN['van-2'], OWN['van-1']]
    await stage.hosts['van-2'].must(near)
    for (const name of GATEWAYS) stage.hosts[name].cable('up', WIDE_PORT)
    await allReach(stage)
  })
}

/** As if its power failed; it is up again in seconds, but nobody reaches it. */
async function kill({ hosts }: MeshStage, name: GatewayName): Promise<void> {
  hosts[name].cable('down', WIDE_PORT)
  await hosts[name].powerFail()
}
