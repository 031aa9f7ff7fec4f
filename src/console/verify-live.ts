// `orion verify --watch`: what is not green, for how long, and what changed.
import type { VerifyReport, VerifyStep } from '../engine/verify.ts'
import { type Live, showLive } from './live-page.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getClock, indent, toLine } from './text.ts'
import { getBad, getCheckLabel, getCounts, getMark } from './verify-view.ts'

export interface WatchPage {
  readonly report: VerifyReport
  /** Since when this watch sees each check in the state that it is in, by its id. `Date.now()` milliseconds. */
  readonly turned: ReadonlyMap<string, number>
}

/** Draws `page()` until it is stopped. */
export function showVerifyLive(page: () => WatchPage): Promise<Live> {
  const states = new Map<string, string>()
  return showLive({
    head: (look) => renderHead(page().report, look),
    lines: (look, most) => linesOf(page(), look, most, Date.now()),
    changes: () => changesOf(page().report, states),
  })
}

function renderHead({ counts, ok }: VerifyReport, look: Look): string {
  const paint = getPaint(look)
  return `${(ok ? paint.green : paint.red)('Verify:')} ${getCounts(counts)}`
}

/** What is not ok, worst first: with what was seen and what to do where there is room for all of it, else a line each. Pure. */
export function linesOf({ report, turned }: WatchPage, look: Look, most: number, nowMs: number): readonly string[] {
  const bad = getBad(report)
  if (bad.length === 0) return [`every check is green, for ${getClock(nowMs - lastOf(turned, nowMs))}`]
  const full = bad.flatMap((step) => [getTitle(step), ...getBody(step, look)])
  if (full.length <= most) return full
  const titles = bad.map(getTitle)
  return titles.length <= most ? titles : [...titles.slice(0, most - 1), `and ${titles.length - most + 1} more`]

  function getTitle(step: VerifyStep): string {
    const age = getClock(nowMs - (turned.get(step.id) ?? nowMs))
    const label = cut(getLabel(step), look.width - 12)
    return `${getMark(step, look)} ${label}  ${getPaint(look).dim(age)}`
  }
}

/** `vm on r730: guest state: redis`. */
function getLabel(step: VerifyStep): string {
  const where = step.place === undefined ? '' : ` on ${clean(step.place)}`
  return `${clean(step.part ?? 'checks')}${where}: ${getCheckLabel(step)}`
}

function getBody({ seen, hint }: VerifyStep, look: Look): readonly string[] {
  return [
    ...indent(seen, '    ', look.width),
    ...(hint === undefined ? [] : indent(hint, '    Try: ', look.width).map((line) => getPaint(look).cyan(line))),
  ]
}

/** When the last check became green. */
const lastOf = (turned: ReadonlyMap<string, number>, nowMs: number): number =>
  turned.size === 0 ? nowMs : Math.max(...turned.values())

/** What is not ok at first, then each check whose state changed. Keeps in `states` what it told. */
export function changesOf(report: VerifyReport, states: Map<string, string>): string[] {
  const isFirst = states.size === 0
  const lines = report.probes.flatMap((step) => {
    const { id, state, seen } = step
    const before = states.get(id)
    states.set(id, state)
    if (before === state || (isFirst && state === 'ok')) return []
    const change = before === undefined ? state : `${before} -> ${state}`
    return [`${getLabel(step)} ${change}${state === 'ok' ? '' : `: ${toLine(seen)}`}`]
  })
  return isFirst ? [getCounts(report.counts), ...lines] : lines
}
