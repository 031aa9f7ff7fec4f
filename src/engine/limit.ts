// A limit on what runs at once: so many in all, so many per place (a node, a cluster).
import { OrionError } from '../errors.ts'
import type { ResourceId } from '../resource.ts'

export interface Limit {
  /** Runs `work` when there is room; first come, first served within a place, places in turn. E_INTERRUPTED once aborted. */
  run<T>(place: string | undefined, work: () => Promise<T>): Promise<T>
}

interface Lane {
  readonly most: number
  active: number
  /** Waiting in `turns` already. */
  listed: boolean
  readonly waiting: Queue<() => Promise<void>>
}

export interface LimitOptions {
  readonly concurrency: number
  /** Default: no limit of its own. */
  readonly perPlace?: number
  readonly signal: AbortSignal
}

/** The lane of an id: `r730` for `vm:r730/200`; undefined where the id names no place, which only the overall limit holds. */
export function getPlace(id: ResourceId): string | undefined {
  const start = id.indexOf(':') + 1
  const end = id.indexOf('/', start)
  return end === -1 ? undefined : id.slice(start, end)
}

export function interrupted(message = 'interrupted before its turn'): OrionError {
  return new OrionError(message, { code: 'E_INTERRUPTED' })
}

/** Constant cost per piece of work, however many wait: each place has its own queue, and only places with room are listed. */
export function makeLimit({ concurrency, perPlace = Number.POSITIVE_INFINITY, signal }: LimitOptions): Limit {
  const most = Math.max(1, concurrency)
  const lanes = new Map<string | undefined, Lane>()
  const turns: Queue<Lane> = makeQueue()
  let active = 0

  const list = (lane: Lane): void => {
    if (lane.listed || lane.waiting.size() === 0 || lane.active >= lane.most) return
    lane.listed = true
    turns.push(lane)
  }
  const next = (): void => {
    for (let lane = active < most ? turns.shift() : undefined; lane; lane = active < most ? turns.shift() : undefined) {
      lane.listed = false
      start(lane, lane.waiting.shift())
      list(lane)
    }
  }
  const start = (lane: Lane, work: (() => Promise<void>) | undefined): void => {
    if (!work) return
    active += 1
    lane.active += 1
    void work().finally(() => {
      active -= 1
      lane.active -= 1
      list(lane)
      next()
    })
  }
  const getLane = (place: string | undefined): Lane => {
    const known = lanes.get(place)
    if (known) return known
    const room = place === undefined ? Number.POSITIVE_INFINITY : Math.max(1, perPlace)
    const lane: Lane = { most: room, active: 0, listed: false, waiting: makeQueue() }
    lanes.set(place, lane)
    return lane
  }
  return {
    run: (place, work) =>
      new Promise((resolve, reject) => {
        const lane = getLane(place)
        // The abort is looked at when the turn comes: on abort the running work ends, and the waiting ends right after it.
        lane.waiting.push(async () => {
          if (signal.aborted) return reject(interrupted())
          await work().then(resolve, reject)
        })
        list(lane)
        next()
      }),
  }
}

interface Queue<T> {
  push(item: T): void
  shift(): T | undefined
  size(): number
}

/** First in, first out, at constant cost (Array.shift moves all that follow). */
function makeQueue<T>(): Queue<T> {
  let items: T[] = []
  let head = 0
  return {
    push: (item) => void items.push(item),
    size: () => items.length - head,
    shift() {
      const item = items[head]
      if (head < items.length) head += 1
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
