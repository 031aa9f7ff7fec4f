// orion verify --watch: every check again and again, and since when each is as it is.
import type { VerifyReport } from '../engine/verify.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outcome, Work } from './flow.ts'
import { getWantedProbes, withHints } from './proof.ts'
import { say, show } from './talk.ts'
import { watch } from './watch.ts'

/** Between the end of one round and the next. */
const EVERY_MS = 5_000

/** Watches until Ctrl-C, which is exit 130. Errors: E_USAGE. */
export async function watchProof(work: Work, { everyMs = EVERY_MS } = {}): Promise<Pick<Outcome, 'exit'>> {
  if (work.json)
    throw new OrionError('--watch has no end, and --json is one document', {
      code: 'E_USAGE',
      suggestions: ['leave one of them out'],
    })
  const { runProbes } = await import('../engine/verify.ts')
  const { session, flags } = work
  const probes = getWantedProbes(work)
  const options = { site: session.site.name, concurrency: flags.concurrency }
  const turns = makeTurns()
  let last: VerifyReport | undefined
  const look = async (): Promise<void> => {
    last = withHints(await runProbes(probes, session.outside, options), flags)
    turns.take(last, Date.now())
  }
  const page = () => {
    if (last === undefined) throw new OrionError('interrupted before anything was seen', { code: 'E_INTERRUPTED' })
    return { report: last, turned: turns.since }
  }
  await say(work, `Looking at ${probes.length} checks, and then every ${Math.round(everyMs / 1000)} s.`)
  const { showVerifyLive } = await import('../console/verify-live.ts')
  await watch(work, { names: ['site'], show: () => showVerifyLive(page), look, everyMs })
  const end = last
  if (end) await show(work, async (view) => (await import('../console/verify-view.ts')).renderVerify(end, view))
  return { exit: EXIT.interrupted }
}

/** When each check came into the state that it is in. */
export function makeTurns() {
  const states = new Map<string, string>()
  const since = new Map<string, number>()
  return {
    since: since as ReadonlyMap<string, number>,
    take: ({ probes }: Pick<VerifyReport, 'probes'>, nowMs: number): void => {
      for (const { id, state } of probes) {
        if (states.get(id) === state) continue
        states.set(id, state)
        since.set(id, nowMs)
      }
    },
  }
}
