// How a move of the edge goes on the router: what was done when, and the watch that reports once a minute.
import { template } from '../../render.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { GOBGP_FILES } from './gobgp.ts'
import type { Daemon } from './migration-check.ts'

const FOLDER = '/var/lib/orion/migration'
/** What the operator's next run goes on from; who speaks is asked of the router itself. */
export const PROGRESS_FILE = `${FOLDER}/progress`
const [UNTIL, LOG, CLOCK] = ['migration-until', 'migration-log', 'clock']
const UNITS = '/etc/systemd/system/orion-edge-watch'
export const WATCH_FILES = { service: `${UNITS}.service`, timer: `${UNITS}.timer` } as const
/** One a minute, for the longest watch (7 days), and some. */
const MOST_LINES = 10_100

export const STEPS = ['check', 'prepare', 'shadow', 'hand-over', 'watch', 'clean-up'] as const
export type StepName = (typeof STEPS)[number]

export interface Progress {
  readonly to: Daemon
  /** The last step that was done. */
  readonly step: StepName
  /** When this move began, and when its last step was done; ISO 8601. */
  readonly since: string
  readonly at: string
}

export interface Watch {
  /** Seconds that it still goes on; 0 = it is over. */
  readonly leftSeconds: number
  readonly reports: number
  /** Reports of a lost session or of policies that are not sound. */
  readonly bad: readonly string[]
  readonly last: string | undefined
}

export const WATCH_FACTS: Facts = {
  files: [PROGRESS_FILE, ...Object.values(WATCH_FILES)],
  commands: {
    [UNTIL]: ['cat', `${FOLDER}/until`],
    [LOG]: ['tail', '-n', String(MOST_LINES), `${FOLDER}/log`],
    [CLOCK]: ['date', '+%s'],
  },
}

/** undefined where none was begun, or the file is not ours. Pure. */
export function progressOf(seen: HostFacts): Progress | undefined {
  const lines = (seen.files.get(PROGRESS_FILE)?.text ?? '').split('\n').map((line) => line.split(' '))
  const { to, step, since, at } = Object.fromEntries(lines) as Partial<Record<string, string>>
  const known = STEPS.find((name) => name === step)
  if ((to !== 'bird' && to !== 'gobgp') || known === undefined || since === undefined || at === undefined)
    return undefined
  return { to, step: known, since, at }
}

export function progressText({ to, step, since, at }: Progress): string {
  return [`to ${to}`, `step ${step}`, `since ${since}`, `at ${at}`, ''].join('\n')
}

/** undefined where there is no watch. Pure. */
export function watchOf(seen: HostFacts): Watch | undefined {
  const until = said(seen, UNTIL)
  if (until === undefined) return undefined
  const lines = (said(seen, LOG) ?? '').split('\n').filter((line) => line !== '')
  return {
    leftSeconds: Math.max(0, Number(until) - Number(said(seen, CLOCK) ?? until)),
    reports: lines.length,
    bad: lines.filter((line) => !line.endsWith(' ok')),
    last: lines.at(-1),
  }
}

const renderUnit = template<{ program: string }>('gobgp/watch-service')
const renderTimer = template<object>('gobgp/watch-timer')

export function watchUnits(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: WATCH_FILES.service, text: renderUnit({ program: GOBGP_FILES.program }) },
    { path: WATCH_FILES.timer, text: renderTimer({}) },
  ]
}

/** POSIX; argument: seconds. The sessions that stand now are what is watched. */
export const BEGIN_WATCH = `set -e
mkdir -p ${FOLDER}; cd ${FOLDER}
${GOBGP_FILES.program} established >sessions
[ -s sessions ] || { echo 'no session stands: there is nothing to watch' >&2; exit 1; }
echo $(($(date +%s) + $1)) >until
: >log
systemctl daemon-reload
systemctl enable --now --quiet orion-edge-watch.timer
${GOBGP_FILES.program} watch`

/** POSIX. What was done, and the reports, stay. */
export const END_WATCH = `systemctl disable --now --quiet orion-edge-watch.timer 2>/dev/null
rm -f ${FOLDER}/until ${FOLDER}/sessions ${WATCH_FILES.service} ${WATCH_FILES.timer}
systemctl daemon-reload`
