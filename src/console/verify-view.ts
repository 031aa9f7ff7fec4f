// What the live checks saw, worst first.
import type { VerifyReport, VerifyStep } from '../engine/verify.ts'
import { getPaint, type Look } from './paint.ts'
import { getParts, getProbeLabel, getTime, getWidth, indent, pad } from './text.ts'

const ORDER = ['failed', 'unknown', 'warning', 'ok'] as const
const MARKS = { failed: '✖', unknown: '?', warning: '!', ok: '✔' } as const
const COLOURS = { failed: 'red', unknown: 'magenta', warning: 'yellow', ok: 'green' } as const

/** So many names of a kind, then a number. */
const MOST_NAMED = 40

/** Pure. Ends without a line feed. Its last line is the sum. */
export function renderVerify(report: VerifyReport, look: Look): string {
  const bad = ORDER.filter((state) => state !== 'ok').flatMap((state) =>
    report.probes.filter((probe) => probe.state === state),
  )
  const lines = [...bad.flatMap((step) => renderStep(step, look)), ...renderGood(report.probes, look)]
  return [...lines, ...(lines.length > 0 ? [''] : []), renderSum(report, look)].join('\n')
}

/** What is not ok: what was expected, what was seen, and what to do. */
function renderStep(step: VerifyStep, look: Look): string[] {
  const { state, expected, seen, hint } = step
  const paint = getPaint(look)
  return [
    `  ${paint[COLOURS[state]](MARKS[state])} ${paint.bold(getProbeLabel(step))}`,
    ...indent(expected, '      expected  ', look.width),
    ...indent(seen, '      seen      ', look.width),
    ...(hint === undefined ? [] : indent(hint, '      Try: ', look.width).map((line) => paint.cyan(line))),
  ]
}

/** What is ok, calmly: one paragraph for each kind of check. */
function renderGood(steps: readonly VerifyStep[], look: Look): string[] {
  const kinds = new Map<string, string[]>()
  for (const step of steps.filter(({ state }) => state === 'ok')) {
    const [kind, title] = getParts(step)
    const titles = kinds.get(kind)
    if (titles) titles.push(title)
    else kinds.set(kind, [title])
  }
  const column = Math.max(0, ...[...kinds.keys()].map(getWidth))
  const mark = getPaint(look)[COLOURS.ok](MARKS.ok)
  return [...kinds].flatMap(([kind, titles]) => {
    const shown =
      titles.length > MOST_NAMED ? [...titles.slice(0, MOST_NAMED), `and ${titles.length - MOST_NAMED} more`] : titles
    const head = `    ${pad(kind.replaceAll('-', ' '), column)}${column > 0 ? '  ' : ''}`
    return indent(shown.join(', '), head, look.width).map((line, at) => (at === 0 ? `  ${mark}${line.slice(3)}` : line))
  })
}

function renderSum({ counts, ok, ms }: VerifyReport, look: Look): string {
  const parts = ORDER.filter((state) => state === 'ok' || counts[state] > 0).map((state) => `${counts[state]} ${state}`)
  const paint = getPaint(look)
  return `${(ok ? paint.green : paint.red)('Verify:')} ${parts.reverse().join(', ')}, in ${getTime(ms)}`
}
