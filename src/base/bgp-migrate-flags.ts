// How a move of the edge is asked for, and what makes no sense: said before anything is opened.
import { custom } from '@oclif/core/flags'
import { OrionError } from '../errors.ts'
import type { SiteFlags } from './session.ts'

/** The steps of a move, in their order. */
export const STEPS = ['check', 'prepare', 'shadow', 'hand-over', 'watch', 'clean-up'] as const

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }
const MOST_SECONDS = 7 * 86_400
const CONFIRM = { least: 10, most: 80 } as const

function secondsOf(text: string): number {
  const [, number, unit = ''] = /^(\d{1,5})([smhd]?)$/.exec(text) ?? []
  return Number(number ?? Number.NaN) * (UNITS[unit] ?? Number.NaN)
}

/** A duration such as `48h`, in seconds; `0` = not at all. Errors: E_USAGE. */
export async function toWatchSeconds(text: string): Promise<number> {
  const seconds = secondsOf(text)
  if (seconds === 0 || (seconds >= 60 && seconds <= MOST_SECONDS)) return seconds
  throw usage(`--watch wants 0, or a duration from 1m to 7d such as 48h, and not ${text}`)
}

/** The same for --confirm-within: with the way back it must fit into the 120 s for which peers keep our routes. */
export async function toMoveSeconds(text: string): Promise<number> {
  const seconds = secondsOf(text)
  if (seconds >= CONFIRM.least && seconds <= CONFIRM.most) return seconds
  throw usage(`--confirm-within wants a duration from ${CONFIRM.least}s to ${CONFIRM.most}s here, and not ${text}`, [
    'peers keep our routes for 120s, and the way back must fit in',
  ])
}

export const watchFlag = custom<number>({
  parse: toWatchSeconds,
  summary: 'How long the router watches the new state and reports, up to 7d; 0 = not at all.',
  helpValue: 'TIME',
  default: 48 * 3600,
  defaultHelp: async () => '48h',
})()

export const moveWithin = custom<number>({
  parse: toMoveSeconds,
  summary: 'The router takes the sessions back unless the hand-over is confirmed within this time (10s to 80s).',
  helpValue: 'DURATION',
  default: CONFIRM.most,
  defaultHelp: async () => `${CONFIRM.most}s`,
})()

interface Asked extends SiteFlags {
  readonly status: boolean
  readonly to?: string | undefined
  readonly step?: string | undefined
}

/** Errors: E_USAGE. */
export function refuseNonsense({ status, to, step, ...site }: Asked): void {
  if (site.lab || site['lab-dir'])
    throw usage('the lab’s routers have no GoBGP: a migration needs a real router', [
      status
        ? 'without --lab, orion bgp migrate status only looks at the router'
        : `without --lab, orion bgp migrate --to ${to ?? 'gobgp'} --step check only looks at the router`,
    ])
  if (status && (to !== undefined || step !== undefined))
    throw usage('migrate status only tells how it goes: leave out --to and --step', ['orion bgp migrate status'])
  if (!status && to === undefined)
    throw usage('--to says which daemon shall speak to the peers', [
      'orion bgp migrate --to gobgp',
      'orion bgp migrate --to bird',
      'how it goes: orion bgp migrate status',
    ])
}

function usage(message: string, suggestions: readonly string[] = []): OrionError {
  return new OrionError(message, { code: 'E_USAGE', suggestions })
}
