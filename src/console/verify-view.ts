// What the live checks saw, worst first.
import type { VerifyReport, VerifyStep } from '../engine/verify.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, getTime, indent } from './text.ts'

const ORDER = ['failed', 'unknown', 'warning', 'ok'] as const
const MARKS = { failed: '✖', unknown: '?', warning: '!', ok: '✔' } as const
const COLOURS = { failed: 'red', unknown: 'magenta', warning: 'yellow', ok: 'green' } as const

/** Pure. Ends without a line feed. Its last line is the sum. */
export function renderVerify(report: VerifyReport, look: Look): string {
  const steps = ORDER.flatMap((state) => report.probes.filter((probe) => probe.state === state))
  return [
    ...steps.flatMap((step) => renderStep(step, look)),
    ...(steps.length > 0 ? [''] : []),
    renderSum(report, look),
  ].join('\n')
}

/** One line where all is well; else also what was expected, what was seen, and what to do. */
function renderStep({ title, state, expected, seen, hint }: VerifyStep, look: Look): string[] {
  const paint = getPaint(look)
  const mark = paint[COLOURS[state]](MARKS[state])
  if (state === 'ok') return [`  ${mark} ${clean(title)}`]
  return [
    `  ${mark} ${paint.bold(clean(title))}`,
    ...indent(expected, '      expected  ', look.width),
    ...indent(seen, '      seen      ', look.width),
    ...(hint === undefined ? [] : indent(hint, '      Try: ', look.width).map((line) => paint.cyan(line))),
  ]
}

function renderSum({ counts, ok, ms }: VerifyReport, look: Look): string {
  const parts = ORDER.filter((state) => state === 'ok' || counts[state] > 0).map((state) => `${counts[state]} ${state}`)
  const paint = getPaint(look)
  return `${(ok ? paint.green : paint.red)('Verify:')} ${parts.reverse().join(', ')}, in ${getTime(ms)}`
}
