// The Keeper's program against whatever a sensor may say, and against being killed at any moment: what holds in every case.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { GUESTS, makeStage, type Stage } from './stage.ts'

/** In the order in which they give way; the rest is nobody's business. */
const ORDER = ['110', '300', '101']
const COOL_TURNS = 50

const celsius = fc.integer({ min: 30, max: 110 })
/** Temperatures that hold on for a while, with bad readings among them. */
const heat = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(celsius.map(String), fc.integer({ min: 1, max: 12 })) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('', 'x', '0', '-1', '1e3', '126', '4e5'), fc.integer({ min: 1, max: 5 })),
    },
  ),
  { minLength: 1, maxLength: 8 },
)

/** Everything that was shed is back, in the end and while nobody else meddles; nobody else was touched. */
function assertGivenBack(stage: Stage, acts: readonly string[]): void {
  for (const [file, line] of Object.entries(GUESTS)) assert.equal(stage.guest(file), line, stage.journal())
  assert.deepEqual(stage.status().shed, [])
  assert.equal(stage.status().state, 'cool')
  for (const act of acts) {
    const [verb, vmid = ''] = act.split(' ')
    assert.ok(verb !== 'again', `twice: ${act}`)
    assert.ok(verb?.startsWith('balloon') ? vmid === '101' : ORDER.includes(vmid), `not listed: ${act}`)
  }
}

/** Guests that are down are always the first of the list, and come back last first. */
function assertOrder(acts: readonly string[]): void {
  const down: string[] = []
  for (const act of acts) {
    const [verb, vmid = ''] = act.split(' ')
    if (verb === 'shutdown') {
      assert.equal(vmid, ORDER[down.length], acts.join())
      down.push(vmid)
    } else if (verb === 'start') assert.equal(vmid, down.pop(), acts.join())
  }
}

/** A step only where two readings in a row were over the limit, and never two within the settle time of six turns. */
function assertReasons(turns: readonly { readonly text: string; readonly acts: readonly string[] }[]): void {
  let last = -6
  const isOver = (text = '') => /^\d+$/.test(text) && Number(text) > 80 && Number(text) <= 125
  for (const [at, { acts }] of turns.entries()) {
    if (acts.length === 0) continue
    assert.equal(acts.length, 1, acts.join())
    assert.ok(at - last >= 6, `flaps: ${acts[0]} after ${at - last} turns`)
    last = at
    const takes = /^(?:shutdown|stop|balloon=8192) /.test(acts[0] ?? '')
    const around = turns.slice(Math.max(0, at - 1), at + 1).map(({ text }) => text)
    assert.ok(!takes || around.every(isOver), `${acts[0]} at ${around}`)
  }
}

async function live(stage: Stage, phases: readonly (readonly [string, number])[]) {
  const turns: { text: string; acts: string[] }[] = []
  stage.heat(50)
  await stage.start()
  for (const [text, count] of phases) {
    stage.heat(/^\d+$/.test(text) ? Number(text) : text)
    for (let turn = 0; turn < count; turn += 1) turns.push({ text, acts: await stage.turn() })
  }
  return turns
}

describe('orion-keeper, whatever comes', function () {
  this.timeout(180_000)

  it('takes only for heat that is sure, keeps the order, does not flap, and gives everything back', async () => {
    const property = fc.asyncProperty(heat, async (phases) => {
      const stage = makeStage()
      try {
        const turns = await live(stage, [...phases, ['50', COOL_TURNS]])
        const acts = turns.flatMap((turn) => turn.acts)
        assertReasons(turns)
        assertOrder(acts)
        assertGivenBack(stage, acts)
      } finally {
        await stage.close()
      }
    })
    await fc.assert(property, { numRuns: 6, endOnFailure: true })
  })

  it('forgets nothing and starts nothing twice, whenever it is killed', async () => {
    const kills = fc.array(fc.tuple(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 60 })), {
      minLength: 4,
      maxLength: 10,
    })
    const property = fc.asyncProperty(kills, async (moments) => {
      const stage = makeStage()
      try {
        await stage.start()
        stage.heat(85)
        const acts: string[] = []
        for (let turn = 0; turn < 120; turn += 1) {
          if (turn === 35) stage.heat(50)
          const kill = moments.find(([at]) => at === turn)
          if (kill) {
            stage.let()
            await sleep(kill[1])
            await stage.kill()
            await stage.start()
          }
          acts.push(...(await stage.turn()))
        }
        acts.push(...(await stage.turn(COOL_TURNS)))
        assertGivenBack(stage, acts)
      } finally {
        await stage.close()
      }
    })
    await fc.assert(property, { numRuns: 3, endOnFailure: true })
  })
})
