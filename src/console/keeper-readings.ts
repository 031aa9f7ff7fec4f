// Of one node, for `orion keeper status`: its temperatures, what gave way since when, its disks. Tables that stand under its name.
import type { Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { getTime } from './text.ts'

export interface ReadingLine {
  readonly sensor: string
  readonly celsius?: number
  readonly good: boolean
  readonly reason?: string
  readonly over: boolean
}

export interface ShedLine {
  readonly name: string
  readonly vmid: number
  readonly action: string
  readonly phase: string
  readonly since: number
  readonly problem?: string
}

export interface DiskLine {
  readonly disk: string
  readonly model: string
  readonly failing: boolean
  readonly reasons: readonly string[]
  readonly celsius?: number
  readonly readable: boolean
}

export interface StatusLines {
  readonly running: boolean
  readonly lastRun: number
  readonly state: string
  readonly limit?: number
  readonly resume?: number
  readonly readings: readonly ReadingLine[]
  readonly shed: readonly ShedLine[]
  readonly disks: readonly DiskLine[]
  readonly heartbeat?: {
    readonly port: string
    readonly ok: boolean
    readonly count: number
    readonly answer?: string
    readonly leftSeconds?: number
  }
  readonly alarms: readonly { readonly text: string; readonly since: number }[]
}

export const MARGIN = '  '
const BAR = 16

// A map: a word of a host may be the name of what every object has.
const PHASES: ReadonlyMap<string, string> = new Map([
  ['going', 'under way'],
  ['done', 'waits until it is cool'],
  ['returning', 'comes back'],
])

export const degrees = (celsius: number): string => `${Math.round(celsius)} °C`

/** `3 s`, `4 min 10 s`, `2 h 5 min`, `3 d`. */
export function getAge(seconds: number): string {
  const past = Math.max(0, seconds)
  if (past < 60) return `${Math.round(past)} s`
  return past < 172_800 ? getTime(past * 1000) : `${Math.floor(past / 86_400)} d`
}

/** Tables stand under their node. */
function place(table: string): string[] {
  return table.split('\n').map((line) => MARGIN + line)
}

const inner = (look: Look): Look => ({ ...look, width: look.width - MARGIN.length })

export function renderReadings({ readings, limit, resume }: StatusLines, look: Look): string[] {
  if (readings.length === 0) return []
  const colour = ({ good, over, celsius = 0 }: ReadingLine) =>
    !good || over ? 'red' : resume !== undefined && celsius > resume ? 'yellow' : 'green'
  const columns: readonly Column<ReadingLine>[] = [
    { head: 'SENSOR', get: ({ sensor }) => sensor },
    { head: 'NOW', get: ({ celsius }) => (celsius === undefined ? '-' : degrees(celsius)), right: true, colour },
    ...(limit === undefined ? [] : [{ head: '', get: barOf(limit), colour, whole: true as const }]),
    ...(limit === undefined ? [] : [{ head: 'LIMIT', get: () => degrees(limit), right: true as const }]),
    ...(readings.some(({ reason }) => reason !== undefined)
      ? [{ head: '', get: ({ reason }: ReadingLine) => reason ?? '', colour }]
      : []),
  ]
  return place(renderTable(columns, readings, inner(look)))
}

/** How near it is to the limit, from 0 °C. */
const barOf =
  (limit: number) =>
  ({ celsius, good }: ReadingLine): string => {
    if (!good || celsius === undefined) return ''
    const full = Math.max(0, Math.min(BAR, Math.round((celsius / limit) * BAR)))
    return '█'.repeat(full) + '░'.repeat(BAR - full)
  }

export function renderShed({ shed }: StatusLines, now: number, look: Look): string[] {
  if (shed.length === 0) return []
  const columns: readonly Column<ShedLine>[] = [
    { head: 'GAVE WAY', get: ({ name, vmid }) => `${name} (${vmid})` },
    { head: 'BY', get: ({ action }) => action },
    {
      head: 'NOW',
      get: ({ phase }) => PHASES.get(phase) ?? phase,
      colour: ({ phase }) => (phase === 'returning' ? 'green' : 'yellow'),
    },
    { head: 'SINCE', get: ({ since }) => getAge(now - since), right: true },
    ...(shed.some(({ problem }) => problem)
      ? [{ head: 'PROBLEM', get: ({ problem }: ShedLine) => problem ?? '-', colour: () => 'red' as const }]
      : []),
  ]
  return place(renderTable(columns, shed, inner(look)))
}

export function renderDisks({ disks }: StatusLines, look: Look): string[] {
  if (disks.length === 0) return []
  const columns: readonly Column<DiskLine>[] = [
    { head: 'DISK', get: ({ disk }) => disk, whole: true },
    { head: 'MODEL', get: ({ model }) => model || '-' },
    { head: 'NOW', get: ({ celsius }) => (celsius === undefined ? '-' : degrees(celsius)), right: true },
    {
      head: 'HEALTH',
      get: ({ failing, reasons, readable }) =>
        failing ? `fails: ${reasons.join(', ') || 'SMART says so'}` : readable ? 'ok' : 'tells nothing',
      colour: ({ failing, readable }) => (failing ? 'red' : readable ? 'green' : 'dim'),
    },
  ]
  return place(renderTable(columns, disks, inner(look)))
}
