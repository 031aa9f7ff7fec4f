// What ends by itself one day: how long before it is worth a word.
import type { ProbeResult } from '../resource.ts'

const DAY_MS = 86_400_000
const WARNING_DAYS = 30
const FAILED_DAYS = 3

/** Red from three days before the end, a warning from thirty. Both in milliseconds since the epoch. */
export function judgeEnd(endMs: number, nowMs: number): ProbeResult['state'] {
  const days = (endMs - nowMs) / DAY_MS
  if (days < FAILED_DAYS) return 'failed'
  return days < WARNING_DAYS ? 'warning' : 'ok'
}

/** `ends 2026-12-01, in 9 days`, `ended 2026-11-20`. */
export function leftText(endMs: number, nowMs: number): string {
  const day = new Date(endMs).toISOString().slice(0, 10)
  if (endMs <= nowMs) return `ended ${day}`
  const days = Math.floor((endMs - nowMs) / DAY_MS)
  return `ends ${day}, in ${days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`}`
}
