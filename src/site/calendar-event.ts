// Calendar events, as Proxmox VE reads the schedules of its jobs: `daily`, `mon..fri 22:30`, `*/15`, `sat *-1..7 03:00`.

/** Numbers that a part of the time may have; undefined = any. */
type Choice = ReadonlySet<number> | undefined

interface CalendarEvent {
  readonly weekdays: Choice
  readonly years: Choice
  readonly months: Choice
  readonly days: Choice
  readonly hours: Choice
  readonly minutes: Choice
  readonly seconds: Choice
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['minutely', '*:*'],
  ['hourly', '*:00'],
  ['daily', '00:00'],
  ['weekly', 'mon 00:00'],
  ['monthly', '*-01 00:00'],
  ['quarterly', '01,04,07,10-01 00:00'],
  ['semiannually', '01,07-01 00:00'],
  ['semi-annually', '01,07-01 00:00'],
  ['yearly', '01-01 00:00'],
  ['annually', '01-01 00:00'],
])
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const DAY_SECONDS = 86_400
/** 29 February comes after eight years at the latest. */
const MOST_DAYS = 366 * 9

/** Is it one that Proxmox VE takes (proxmox-time: `[WEEKDAYS] [[YEARS-]MONTHS-DAYS] [[HOURS:]MINUTES[:SECONDS]]`)? */
export function isCalendarEvent(text: string): boolean {
  return parseCalendarEvent(text) !== undefined
}

/** The first time of the event after a time, both in seconds since 1970, by the clock of UTC; undefined = never again. */
export function nextEvent(text: string, afterSeconds: number): number | undefined {
  const event = parseCalendarEvent(text)
  if (event === undefined) return undefined
  const today = Math.floor((afterSeconds + 1) / DAY_SECONDS) * DAY_SECONDS
  for (let day = 0; day <= MOST_DAYS; day += 1) {
    const start = today + day * DAY_SECONDS
    if (!isDay(event, new Date(start * 1000))) continue
    const found = firstOfDay(event, Math.max(0, afterSeconds + 1 - start))
    if (found !== undefined) return start + found
  }
  return undefined
}

function isDay({ weekdays, years, months, days }: CalendarEvent, date: Date): boolean {
  const fits = (choice: Choice, value: number) => choice?.has(value) ?? true
  return (
    fits(weekdays, date.getUTCDay()) &&
    fits(years, date.getUTCFullYear()) &&
    fits(months, date.getUTCMonth() + 1) &&
    fits(days, date.getUTCDate())
  )
}

/** Seconds from midnight, not before `least`. */
function firstOfDay({ hours, minutes, seconds }: CalendarEvent, least: number): number | undefined {
  for (const hour of numbers(hours, 23)) {
    if (hour * 3600 + 3599 < least) continue
    for (const minute of numbers(minutes, 59)) {
      if (hour * 3600 + minute * 60 + 59 < least) continue
      const found = numbers(seconds, 59).find((second) => hour * 3600 + minute * 60 + second >= least)
      if (found !== undefined) return hour * 3600 + minute * 60 + found
    }
  }
  return undefined
}

function numbers(choice: Choice, last: number): readonly number[] {
  const all = Array.from({ length: last + 1 }, (_, at) => at)
  return choice === undefined ? all : all.filter((value) => choice.has(value))
}

function parseCalendarEvent(text: string): CalendarEvent | undefined {
  const words = (WORDS.get(text) ?? text).split(' ').filter((word) => word !== '')
  const weekdays = /^[a-z]/i.test(words[0] ?? '') ? parseWeekdays(words.shift() ?? '') : undefined
  const date = words[0]?.includes('-') ? parseDate(words.shift() ?? '') : NO_DATE
  const time = words.length > 0 ? parseTime(words.shift() ?? '') : MIDNIGHT
  const isWhole = words.length === 0 && text.trim() !== '' && text.length <= 128
  if (!isWhole || weekdays === null || date === undefined || time === undefined) return undefined
  return { weekdays, ...date, ...time }
}

const NO_DATE = { years: undefined, months: undefined, days: undefined }
const MIDNIGHT = { hours: new Set([0]), minutes: new Set([0]), seconds: new Set([0]) }

/** null = wrong. */
function parseWeekdays(text: string): ReadonlySet<number> | null {
  const numberOf = (name: string) =>
    name.length < 3
      ? -1
      : WEEKDAYS.findIndex((day) => day === name.toLowerCase() || day.slice(0, 3) === name.toLowerCase())
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [first = -1, last = first, more] = part.split('..').map(numberOf)
    if (first < 0 || last < 0 || more !== undefined) return null
    // The week of Proxmox VE begins on Monday, and its ranges do not pass Sunday.
    if ((first + 6) % 7 > (last + 6) % 7) return null
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day)
      if (day === last) break
    }
  }
  return found
}

function parseDate(text: string): Pick<CalendarEvent, 'years' | 'months' | 'days'> | undefined {
  const parts = text.split('-')
  if (parts.length > 3) return undefined
  const [days, months, years = undefined] = [
    parseList(parts.at(-1), 1, 31),
    parseList(parts.at(-2), 1, 12),
    parts.length === 3 ? parseList(parts[0], 1970, 2200) : undefined,
  ]
  return days === null || months === null || years === null ? undefined : { days, months, years }
}

function parseTime(text: string): Pick<CalendarEvent, 'hours' | 'minutes' | 'seconds'> | undefined {
  const parts = text.split(':')
  if (parts.length > 3) return undefined
  const hours = parts.length === 1 ? undefined : parseList(parts[0], 0, 23)
  const minutes = parseList(parts.length === 1 ? parts[0] : parts[1], 0, 59)
  const seconds = parts.length === 3 ? parseList(parts[2], 0, 59) : new Set([0])
  return hours === null || minutes === null || seconds === null ? undefined : { hours, minutes, seconds }
}

/** `*`, `*` with a step, or a list of `4`, `4..8` and `4/5`. null = wrong. */
function parseList(text: string | undefined, least: number, most: number): Choice | null {
  if (text === '*') return undefined
  const found = new Set<number>()
  for (const part of (text ?? '').replace(/^\*\//, `${least}/`).split(',')) {
    const [, from, to, step] = /^(\d{1,4})(?:\.\.(\d{1,4})|\/(\d{1,4}))?$/.exec(part) ?? []
    const first = Number(from)
    const last = to === undefined ? (step === undefined ? first : most) : Number(to)
    if (from === undefined || first < least || last > most || first > last || Number(step ?? 1) < 1) return null
    for (let value = first; value <= last; value += Number(step ?? 1)) found.add(value)
  }
  return found
}
