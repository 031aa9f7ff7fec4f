// One change of a host at a time: the engine works on several resources of a node at once, and a host has one guard.
import type { Host } from '../host/host.ts'

const last = new WeakMap<Host, Promise<unknown>>()
const changing = new WeakSet<Host>()

/** Runs `change` when every earlier change of this host is over, however that ended. */
export function inTurn<T>(host: Host, change: () => Promise<T>): Promise<T> {
  const before = last.get(host) ?? Promise.resolve()
  const marked = async () => {
    changing.add(host)
    return await change().finally(() => changing.delete(host))
  }
  const now = before.then(marked, marked)
  last.set(host, now)
  // Nobody waits for the last one but its caller, who gets the error.
  now.catch(() => undefined)
  return now
}

/** True while this run changes the host. */
export const isInTurn = (host: Host): boolean => changing.has(host)
