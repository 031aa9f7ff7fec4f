// Units of systemd that rotate the mesh's keys when it is time; printed for the operator's own machine.
import { OrionError } from '../../errors.ts'
import { template } from '../../render.ts'
import type { Site } from '../../site/site.ts'
import { getMesh } from './model.ts'
import { classOf, type RotationWish, rotationOrder } from './rotate-order.ts'

export interface RotateUnits {
  /** `orion-mesh-rotate-SITE`, without the kind. */
  readonly name: string
  readonly service: string
  readonly timer: string
}

const renderService = template<{ name: string; site: string; command: string; later: boolean }>('mesh/rotate-service')
const renderTimer = template<{ name: string; site: string; calendar: string }>('mesh/rotate-timer')

export interface UnitWish {
  readonly site: string
  /** Tells this unit from others of the site: `bypass`. */
  readonly suffix?: string
  /** systemd.time(7): `weekly`, `Sun 03:00`. */
  readonly calendar: string
  readonly argv: readonly string[]
  /** Links over the bypass are left to a unit of their own. */
  readonly later?: boolean
}

const DAY = '(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)'
const DAYS = `${DAY}(?:(?:\\.\\.|-|,)${DAY})*,?`
const NUMBERS = '[\\d*][\\d*,./]*'
const DATE = `${NUMBERS}(?:[-~]${NUMBERS}){1,2}`
const TIME = `${NUMBERS}(?::${NUMBERS}){1,2}`
const WORD = '(?:minutely|hourly|daily|weekly|monthly|quarterly|semiannually|yearly|annually)'
const ZONE = '(?:utc|[a-z_]+(?:/[\\w+-]+)+)'
/** systemd.time(7), calendar events, as people write them: a word, or weekdays, a date and a time; then a time zone. */
const CALENDAR = new RegExp(
  `^(?:${WORD}|(?=\\S)(?:${DAYS}(?= |$) ?)?(?:${DATE}(?= |$) ?)?(?:${TIME})?)(?: ?${ZONE})?$`,
  'i',
)

/** Errors: E_USAGE for a calendar that cannot be one. Whether systemd takes it, `systemd-analyze calendar` tells. Pure. */
export function rotateUnits({ site, suffix, calendar, argv, later = false }: UnitWish): RotateUnits {
  if (calendar.length > 100 || calendar.trim() !== calendar || !CALENDAR.test(calendar))
    throw new OrionError(`--on-calendar wants a time as systemd writes it, such as weekly, and not ${calendar}`, {
      code: 'E_USAGE',
      suggestions: ['systemd-analyze calendar "Sun 03:00" tells what systemd makes of it'],
    })
  const name = ['orion-mesh-rotate', site, ...(suffix ? [suffix] : [])].join('-')
  const command = argv.map(quote).join(' ')
  return { name, service: renderService({ name, site, command, later }), timer: renderTimer({ name, site, calendar }) }
}

/** Links over the bypass are left to a run of their own. Errors: as rotationOrder. Pure. */
export function leavesBypass(site: Site, wish: RotationWish): boolean {
  rotationOrder(site, wish)
  const isAll = wish.links.length === 0 && !wish.bypass
  return isAll && getMesh(site).links.some((link) => classOf(link) === 'bypass')
}

/** A word of ExecStart= (systemd.service(5)): `%` and `$` mean something even between quotes. */
function quote(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$~-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`
}
