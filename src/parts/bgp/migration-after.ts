// What comes after the sessions changed hands: the router watches, and then what only the other daemon needed goes.
import type { HostFacts } from '../../resources/host-facts.ts'
import { DAEMONS, edgeOf } from './edge.ts'
import { standing, worse } from './migration-check.ts'
import { leftovers } from './migration-leftovers.ts'
import { type Move, refuse } from './migration-move.ts'
import { BEGIN_WATCH, END_WATCH, progressOf, watchOf, watchUnits } from './migration-watch.ts'

export async function watch(move: Move): Promise<readonly string[]> {
  const { bgp, host, to, watchSeconds } = move
  const seen = await move.read()
  if (edgeOf(seen) !== to) refuse(move, [`${DAEMONS[to]} is not at the edge yet`])
  const begun = progressOf(seen)
  // One of an earlier move would wait for sessions that nobody has now.
  if (watchOf(seen) && begun?.to === to && begun.step === 'watch') return ['it goes on']
  await host.write(watchUnits())
  await host.run(['sh', '-c', BEGIN_WATCH, 'orion-watch', String(watchSeconds)])
  return [`the router reports once a minute on ${(standing(bgp, seen) ?? []).join(', ')}`]
}

export async function cleanUp(move: Move): Promise<readonly string[]> {
  const { host, to } = move
  const seen = await move.read()
  refuse(move, stillBad(move, seen))
  await host.run(['sh', '-c', END_WATCH, 'orion-watch'])
  const gone = leftovers(to).filter((path) => seen.files.has(path))
  if (to === 'bird' && gone.length > 0)
    await host.run(['systemctl', 'disable', '--now', '--quiet', 'orion-gobgp.service'], { accept: [0, 1, 5] })
  await host.write(gone.map((path) => ({ path, text: undefined })))
  await host.run(['systemctl', 'daemon-reload'])
  host.forget()
  return gone.length === 0 ? ['nothing was left'] : gone.map((path) => `removed ${path}`)
}

function stillBad({ bgp, to, watchSeconds }: Move, seen: HostFacts): readonly string[] {
  const { last, leftSeconds = 0 } = watchOf(seen) ?? {}
  return [
    ...worse(bgp, to, [], seen),
    ...(last === undefined || last.endsWith(' ok') ? [] : [`the last report: ${last}`]),
    ...(leftSeconds > 0 && watchSeconds > 0 ? ['the watch goes on: wait for its end, or end it by --watch 0'] : []),
  ]
}
