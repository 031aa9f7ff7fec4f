// orion bgp migrate: the steps that are left, one after the other, and what each of them saw.
import { EXIT } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { STEPS } from './bgp-migrate-flags.ts'
import { doneText, renderStatus, type Status } from './bgp-migrate-text.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { say } from './talk.ts'

export type Step = (typeof STEPS)[number]
export type Daemon = 'bird' | 'gobgp'

const TITLES: Readonly<Record<Step, string>> = {
  check: 'may it be',
  prepare: 'packages and files; nothing of them speaks yet',
  shadow: 'both daemons side by side, and what differs',
  'hand-over': 'the sessions change hands; unless confirmed, they go back',
  watch: 'the router reports once a minute',
  'clean-up': 'what only the other daemon needed goes',
}
const NAMES = { bird: 'BIRD', gobgp: 'GoBGP' } as const

export interface Wish extends SiteFlags {
  readonly to?: Daemon | undefined
  readonly status: boolean
  readonly watchSeconds: number
  readonly confirmWithinSeconds: number
  readonly step?: Step | undefined
  readonly yes: boolean
}

/** The router's side of it (parts/bgp/migration.ts). */
export interface Mover {
  status(): Promise<Status>
  /** The same, once no change of the router waits for a confirmation. */
  settled(): Promise<Status>
  run(step: Step): Promise<readonly string[]>
}
type Open = (
  site: Site,
  outside: Outside,
  options: Pick<Wish, 'watchSeconds' | 'confirmWithinSeconds'> & {
    readonly to: Daemon
    readonly note: (text: string) => void
  },
) => Promise<Mover>

/**
 * Moves, or tells how it goes (exit 3 where the last report is not good). Errors: E_USAGE, E_CONFIRM, E_LOCKED; E_HOST_FACTS and
 * those of the guard with exit code 4: the router is as before that step.
 */
export async function migrate(talk: Talk, wish: Wish, open: Open): Promise<Result> {
  const { session } = talk
  const note = (text: string) => void say(talk, `  ${text}`)
  const { to = 'gobgp', watchSeconds, confirmWithinSeconds } = wish
  const mover = await open(session.site, session.outside, { to, watchSeconds, confirmWithinSeconds, note })
  if (wish.status) return tell(talk, wish, await mover.status())
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: `bgp migrate --to ${to}` })
  try {
    return await move(talk, { ...wish, to }, mover)
  } finally {
    await lock.release()
  }
}

async function move(talk: Talk, wish: Wish & { readonly to: Daemon }, mover: Mover): Promise<Result> {
  const { to, step, yes } = wish
  const status = await mover.settled()
  const steps = step === undefined ? stepsLeft(status, to, wish.watchSeconds) : [step]
  if (steps.length === 0) return end(talk, wish, status, [])
  const head = `${status.router}: ${NAMES[status.edge]} is at the edge. To ${NAMES[to]}:`
  await say(talk, [head, ...steps.map((one) => `  ${one.padEnd(10)} ${TITLES[one]}`)].join('\n'))
  await agree({ ...talk, question: `Do this on ${status.router}?`, yes })
  const report: Report[] = []
  const { record } = await import('./journal.ts')
  const recorded = { id: `bgp-daemon:${status.router}/${to}`, verb: 'update' }
  for (const one of steps) {
    await say(talk, `${one} …`)
    const lines = await record(talk, { command: `bgp migrate --to ${to} --step ${one}`, steps: [recorded] }, () =>
      mover.run(one),
    )
    report.push({ step: one, lines })
    for (const text of lines) await say(talk, `  ${text}`)
  }
  return end(talk, wish, await mover.status(), report)
}

interface Report {
  readonly step: Step
  readonly lines: readonly string[]
}

async function end(
  talk: Talk,
  wish: Wish & { readonly to: Daemon },
  status: Status,
  steps: readonly Report[],
): Promise<Result> {
  const left = stepsLeft(status, wish.to, wish.watchSeconds)
  const next = doneText({ status, to: wish.to, left, wanted: talk.session.site.bgp?.daemon }).map((line) =>
    completeHint(line, wish),
  )
  for (const line of next) await say(talk, line)
  return { exit: EXIT.ok, document: { ...status, to: wish.to, steps, next } }
}

/** By what the router is, not by what was once done: before the hand-over everything is looked at again. */
function stepsLeft({ edge, progress, watch, leftovers }: Status, to: Daemon, watchSeconds: number): readonly Step[] {
  const isWatched = watchSeconds > 0
  if (edge !== to) return STEPS.filter((one) => one !== (isWatched ? 'clean-up' : 'watch'))
  // Of a way to the other daemon that was not gone, its files may be left; of none, nothing.
  if (progress?.step === 'clean-up' || (progress?.to !== to && watch === undefined))
    return leftovers.length > 0 ? ['clean-up'] : []
  if (isWatched && (progress?.to !== to || progress.step !== 'watch')) return ['watch']
  return isWatched && watch !== undefined && watch.leftSeconds > 0 ? [] : ['clean-up']
}

async function tell(talk: Talk, wish: Wish, status: Status): Promise<Result> {
  const { edge, progress, watch } = status
  const to = watch === undefined && progress && progress.step !== 'clean-up' ? progress.to : edge
  const next = doneText({ status, to, left: stepsLeft(status, to, 1), wanted: talk.session.site.bgp?.daemon })
  if (!talk.json) {
    const text = renderStatus(
      status,
      next.slice(1).map((line) => completeHint(line, wish)),
    )
    await (await import('../console/output.ts')).printOut(text)
  }
  const isGood = status.watch?.last === undefined || status.watch.last.endsWith(' ok')
  return { exit: isGood ? EXIT.ok : EXIT.differences, document: status }
}
