// Tests that mostly wait, several at once: each lane has a host of its own and plays its stories one after the other.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context } from 'mocha'
import { withHosts } from './nspawn.ts'

export interface Lanes<T> {
  /** As mocha's `it`. The stories of a lane keep their order. */
  story(title: string, play: () => unknown): void
  /** What the lane of the story that asks has. */
  here(): T
}

interface LanesOptions<T> {
  readonly lanes: number
  /** Skips the suite where there can be no such hosts; default: those of nspawn.ts. */
  readonly ready?: (context: Context) => Promise<void>
  readonly make: (lane: number) => Promise<T>
  readonly leave: (made: T) => unknown
  readonly beforeEach?: () => Promise<unknown>
}

/** To be called in a `describe`: its tests are then declared with `story`. Skips them where no test host can be had. */
export function openLanes<T>(options: LanesOptions<T>): Lanes<T> {
  const { lanes, ready = withHosts, make, leave, beforeEach = async () => {} } = options
  const stories: { readonly title: string; readonly play: () => unknown }[] = []
  const ends = new Map<string, Promise<unknown>>()
  const places = new AsyncLocalStorage<{ made?: T }>()
  const all: { made?: T }[] = []
  const here = (): T => {
    const made = places.getStore()?.made
    if (made === undefined) throw new Error('not in a lane')
    return made
  }
  before(async function () {
    await ready(this)
    for (let lane = 0; lane < lanes; lane += 1) {
      const place: { made?: T } = {}
      all.push(place)
      places.run(place, () => {
        let last: Promise<unknown> = make(lane).then((made) => Object.assign(place, { made }))
        for (const { title, play } of stories.filter((_, index) => index % lanes === lane)) {
          const end = last.then(beforeEach).then(play)
          ends.set(title, end)
          last = end.catch(() => undefined)
        }
      })
    }
  })
  after(async () => {
    await Promise.allSettled(ends.values())
    for (const { made } of all) if (made !== undefined) await leave(made)
  })
  const story: Lanes<T>['story'] = (title, play) => {
    stories.push({ title, play })
    it(title, async () => void (await ends.get(title)))
  }
  return { story, here }
}
