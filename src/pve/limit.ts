// At most so many at once; the others wait in line.

/** Runs a piece of work when its turn comes. Errors: the signal's reason while waiting, and the work's own. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

interface Waiting {
  start(): void
  leave(): void
}

/** A line of its own for `most` pieces of work at a time; when the signal is aborted, nobody in it starts any more. */
export function getLimit(most: number, signal: AbortSignal): Limit {
  // One listener for the whole line: AbortSignal looks through all of its listeners for each new one.
  const line = new Set<Waiting>()
  let running = 0
  signal.addEventListener('abort', () => {
    for (const waiting of line) waiting.leave()
    line.clear()
  })
  const enter = async (): Promise<void> => {
    signal.throwIfAborted()
    if (running < most) {
      running += 1
      return
    }
    // Who leaves hands its place over, so nobody can step in between.
    await new Promise<void>((start, reject) => line.add({ start, leave: () => reject(signal.reason) }))
  }
  const exit = () => {
    const [next] = line
    if (next === undefined) running -= 1
    else {
      line.delete(next)
      next.start()
    }
  }
  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      exit()
    }
  }
}
