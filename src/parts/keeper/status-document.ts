// What `orion-keeper status` and `orion-keeper test` say, read: one line of JSON each, of version 1. What is garbled is left out.

export interface Reading {
  readonly sensor: string
  /** Absent = it says nothing that can be. */
  readonly celsius?: number
  readonly good: boolean
  /** Why it is not. */
  readonly reason?: string
  readonly over: boolean
}

export interface Shed {
  readonly name: string
  readonly vmid: number
  readonly action: string
  /** `going`, `done`, `returning`. */
  readonly phase: string
  readonly since: number
  readonly problem?: string
}

export interface Disk {
  readonly disk: string
  readonly model: string
  readonly serial: string
  readonly failing: boolean
  readonly reasons: readonly string[]
  readonly celsius?: number
  /** SMART says something of it. */
  readonly readable: boolean
  readonly checked: number
}

export interface Heartbeat {
  readonly port: string
  readonly ok: boolean
  readonly count: number
  /** What the outer watchdog said last: `armed`, `disarmed`. */
  readonly answer?: string
  readonly leftSeconds?: number
}

export interface Alarm {
  readonly code: string
  readonly subject: string
  readonly text: string
  readonly since: number
}

/** Times are epoch seconds by the node's clock. */
export interface KeeperStatus {
  /** Its last run is not long ago: else the rest is what it last knew. */
  readonly running: boolean
  /** 0 = never. */
  readonly lastRun: number
  /** `cool`, `hot`, `shedding`, `recovering`. */
  readonly state: string
  readonly limit?: number
  readonly resume?: number
  readonly readings: readonly Reading[]
  readonly shed: readonly Shed[]
  readonly disks: readonly Disk[]
  readonly heartbeat?: Heartbeat
  readonly alarms: readonly Alarm[]
}

export interface TestAction {
  readonly action: string
  readonly name: string
  readonly vmid: number
  readonly kind: string
  readonly toMib?: number
  readonly seconds?: number
  readonly onlyIfRunning?: true
}

export interface TestDocument {
  readonly celsius: number
  readonly limit?: number
  readonly sheds: boolean
  readonly actions: readonly TestAction[]
  readonly skipped: readonly { readonly name: string; readonly vmid: number; readonly reason: string }[]
}

/** undefined = it said nothing that can be read. Pure. */
export function parseStatus(text: string | undefined): KeeperStatus | undefined {
  const found = documentOf(text)
  if (found === undefined) return undefined
  return {
    running: found.running === true,
    lastRun: numberOf(found.lastRun) ?? 0,
    state: wordOf(found.state) ?? 'unknown',
    ...numbers(found, 'limit', 'resume'),
    readings: rowsOf(found.readings).flatMap(toReading),
    shed: rowsOf(found.shed).flatMap(toShed),
    disks: rowsOf(found.disks).flatMap(toDisk),
    ...toHeartbeat(recordOf(found.heartbeat)),
    alarms: rowsOf(found.alarms).map(toAlarm),
  }
}

/** undefined = it said nothing that can be read. Pure. */
export function parseTest(text: string | undefined): TestDocument | undefined {
  const found = documentOf(text)
  const celsius = numberOf(found?.celsius)
  if (found === undefined || celsius === undefined) return undefined
  return {
    celsius,
    ...numbers(found, 'limit'),
    sheds: found.sheds === true,
    actions: rowsOf(found.actions).flatMap(toAction),
    skipped: rowsOf(found.skipped).flatMap((row) =>
      named(row).map((guest) => ({ ...guest, reason: wordOf(row.reason) ?? 'unknown' })),
    ),
  }
}

type Row = Readonly<Record<string, unknown>>

function documentOf(text: string | undefined): Row | undefined {
  if (text === undefined) return undefined
  try {
    const found = recordOf(JSON.parse(text))
    return found?.version === 1 ? found : undefined
  } catch {
    return undefined
  }
}

const recordOf = (value: unknown): Row | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined

function rowsOf(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) return []
  return value.map((one: unknown) => recordOf(one)).filter((row) => row !== undefined)
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** A host may say what it likes; a terminal shall not obey it. */
const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.replace(/\p{Cc}/gu, ' ') : undefined

function numbers<Key extends string>(row: Row, ...keys: readonly Key[]): { readonly [K in Key]?: number } {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = numberOf(row[key])
      return value === undefined ? [] : [[key, value]]
    }),
  ) as { readonly [K in Key]?: number }
}

function words<Key extends string>(row: Row, ...keys: readonly Key[]): { readonly [K in Key]?: string } {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = wordOf(row[key])
      return value === undefined ? [] : [[key, value]]
    }),
  ) as { readonly [K in Key]?: string }
}

function named(row: Row): { readonly name: string; readonly vmid: number }[] {
  const [name, vmid] = [wordOf(row.name), numberOf(row.vmid)]
  return name === undefined || vmid === undefined ? [] : [{ name, vmid }]
}

function toReading(row: Row): Reading[] {
  const sensor = wordOf(row.sensor)
  if (sensor === undefined) return []
  return [
    { sensor, good: row.good === true, over: row.over === true, ...numbers(row, 'celsius'), ...words(row, 'reason') },
  ]
}

function toShed(row: Row): Shed[] {
  const [action, phase] = [wordOf(row.action) ?? 'unknown', wordOf(row.phase) ?? 'unknown']
  return named(row).map((guest) => ({
    ...guest,
    ...{ action, phase, since: numberOf(row.since) ?? 0 },
    ...words(row, 'problem'),
  }))
}

function toDisk(row: Row): Disk[] {
  const disk = wordOf(row.disk)
  if (disk === undefined) return []
  const reasons = Array.isArray(row.reasons) ? row.reasons.flatMap((one: unknown) => wordOf(one) ?? []) : []
  return [
    {
      disk,
      model: wordOf(row.model) ?? '',
      serial: wordOf(row.serial) ?? '',
      failing: row.failing === true,
      reasons,
      ...numbers(row, 'celsius'),
      readable: row.readable === true,
      checked: numberOf(row.checked) ?? 0,
    },
  ]
}

function toHeartbeat(row: Row | undefined): { readonly heartbeat?: Heartbeat } {
  const port = wordOf(row?.port)
  if (row === undefined || port === undefined) return {}
  const { count = 0, leftSeconds } = numbers(row, 'count', 'leftSeconds')
  const left = leftSeconds === undefined ? {} : { leftSeconds }
  return { heartbeat: { port, ok: row.ok === true, count, ...words(row, 'answer'), ...left } }
}

function toAlarm(row: Row): Alarm {
  const { code = 'unknown', subject = '', text = 'unknown' } = words(row, 'code', 'subject', 'text')
  return { code, subject, text, since: numberOf(row.since) ?? 0 }
}

function toAction(row: Row): TestAction[] {
  const { action = 'unknown', kind = 'vm' } = words(row, 'action', 'kind')
  const once = row.onlyIfRunning === true ? { onlyIfRunning: true as const } : {}
  return named(row).map((guest) => ({ action, kind, ...guest, ...numbers(row, 'toMib', 'seconds'), ...once }))
}
