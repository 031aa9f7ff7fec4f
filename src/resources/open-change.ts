// A guarded change of a host that is still open, in words, so that nobody waits without knowing for what.
import type { Host } from '../host/host.ts'
import { isInTurn } from './host-turn.ts'

const told = new WeakMap<Host, string>()

/** Says of each change once who makes it and until when; our own are no news. */
export async function tellOpen(host: Host, id: string, tell: (text: string) => Promise<void>): Promise<void> {
  if (isInTurn(host) || told.get(host) === id) return
  told.set(host, id)
  // Whatever goes wrong with the question, the wait goes on.
  const { by, until } = await host.guard.holder(id).catch(() => ({ by: '', until: undefined }))
  const end = until === undefined ? '' : `, until ${until} at the latest`
  await tell(`${host.name}: ${by || 'somebody else'} is changing the host${end}; waiting for the end of that`)
}
