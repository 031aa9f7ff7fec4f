// One change of a host at a time: the engine works on several resources of a node at once, and a host has one guard.
import type { Host } from '../host/host.ts'

const last = new WeakMap<Host, Promise<unknown>>()

/** Runs `change` when every earlier change of this host is over, however that ended. */
export function inTurn<T>(host: Host, change: () => Promise<T>): Promise<T> {
  const before = last.get(host) ?? Promise.resolve()
  const now = before.then(change, change)
  last.set(host, now)
  // Nobody waits for the last one but its caller, who gets the error.
  now.catch(() => undefined)
  return now
}
