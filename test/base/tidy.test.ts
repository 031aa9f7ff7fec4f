// What is taken away after a green verify: only what differs, without a failure of the run, and only what --only means.
import assert from 'node:assert/strict'
import type { Work } from '../../src/base/flow.ts'
import { tidy } from '../../src/base/tidy.ts'
import { OrionError } from '../../src/errors.ts'
import { makeWorld, type ThingOptions, thing, type World } from '../engine/fakes.ts'
import { site } from '../site/site-builder.ts'

function workOf(world: World, things: Readonly<Record<string, ThingOptions>>, only?: readonly string[]): Work {
  const tidied = () => Object.entries(things).map(([name, options]) => thing(world, `old:a/${name}`, options))
  const part = { name: 'p', resources: () => [], probes: () => [], tidy: tidied }
  const session = { site: site(), outside: world.outside, screen: {}, lab: true }
  const flags = { concurrency: 2, ...(only ? { only } : {}) }
  // As much of a session as this needs.
  return { session: session as unknown as Work['session'], parts: [part], flags, json: true, command: 'bootstrap' }
}

const THERE = { 'old:a/1': { size: '2' }, 'old:a/2': { size: '2' }, 'old:a/3': { size: '1' } }

describe('base/tidy', () => {
  it('does what differs, and nothing else', async () => {
    const world = makeWorld(THERE)
    const report = await tidy(workOf(world, { 1: {}, 3: {} }))
    assert.deepEqual(world.actions, ['update old:a/1'])
    assert.equal(report?.counts.done, 1)
    assert.equal(await tidy(workOf(world, { 1: {}, 3: {} })), undefined)
  })

  it('keeps to what --only means, and to parts that have something', async () => {
    const world = makeWorld(THERE)
    await tidy(workOf(world, { 1: {}, 2: {} }, ['2']))
    assert.deepEqual(world.actions, ['update old:a/2'])
    assert.equal(await tidy(workOf(world, {})), undefined)
  })

  it('fails no run: neither by what cannot be looked at, nor by what does not go', async () => {
    const world = makeWorld(THERE)
    const fail = () => {
      throw new OrionError('locked', { code: 'E_TASK' })
    }
    const report = await tidy(workOf(world, { 1: { before: fail }, 2: { look: fail }, 3: {} }))
    assert.deepEqual(
      report?.steps.map(({ outcome }) => outcome),
      ['failed'],
    )
  })
})
